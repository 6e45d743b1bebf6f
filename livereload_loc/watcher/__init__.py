"""Watching files: every save is reported once, as soon as its files are whole."""
