"""Script tags for pages that do not carry one: where they go, and what headers have to say about it."""
