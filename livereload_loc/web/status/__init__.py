"""A record of recent events, and the page that shows it live."""
