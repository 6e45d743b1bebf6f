"""The middleware for Flask and other WSGI apps."""
