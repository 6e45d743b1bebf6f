"""The middleware for WSGI apps, under its public name."""

from livereload_loc.integrations.wsgi.middleware import LiveReloadMiddleware

__all__ = ["LiveReloadMiddleware"]
