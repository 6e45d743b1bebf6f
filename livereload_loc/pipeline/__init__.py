"""Carries changes from the watcher to the pages, and keeps account of what pages answer."""
