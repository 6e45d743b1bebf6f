"""The middleware for Django, under the name that stands in its settings."""

from livereload_loc.integrations.django.middleware import LiveReloadMiddleware

__all__ = ["LiveReloadMiddleware"]
