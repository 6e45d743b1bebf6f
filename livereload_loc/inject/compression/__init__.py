"""Decoding of pages that come compressed."""
