"""A folder of files as a web site."""
