"""The build step of --exec."""
