"""Carries changes from the watcher to the pages, and collects their answers."""
