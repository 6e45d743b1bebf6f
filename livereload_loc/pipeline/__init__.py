"""A change on its way from the watcher to the pages, and what they answer."""
