"""Puts the script tag into responses: where it goes, and what headers become with it."""
