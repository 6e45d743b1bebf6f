"""Counts that several nodes share over Redis."""
