"""HTTP's small parts: hosts, headers, entity tags; tasks that run together; and the log."""
