"""HTTP's small parts: hosts, headers, entity tags; and tasks that run together."""
