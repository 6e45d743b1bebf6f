"""Middlewares for apps of ASGI, WSGI and Django."""
