"""A reverse proxy: HTTP/1.1 and WebSockets, streamed both ways."""
