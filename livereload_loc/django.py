"""The middleware for Django, under its public name."""

from livereload_loc.integrations.django.middleware import LiveReloadMiddleware

__all__ = ["LiveReloadMiddleware"]
