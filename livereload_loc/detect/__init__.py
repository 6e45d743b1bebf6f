"""Finds out what to run in a folder, by its names and texts; nothing is executed."""
