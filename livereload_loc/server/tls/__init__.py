"""Certificates: those that are there, and one that is made."""
