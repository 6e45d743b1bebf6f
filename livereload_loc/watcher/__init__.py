"""Watches files: reports every save once, as soon as its files are complete."""
