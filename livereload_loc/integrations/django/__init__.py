"""The middleware for Django."""
