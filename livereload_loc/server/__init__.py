"""Runs a command: sockets, uvicorn, signals, and the parts that a run consists of."""
