"""Finds out why a page reloads, or does not."""
