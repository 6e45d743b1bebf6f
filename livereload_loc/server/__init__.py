"""What runs a command: sockets, uvicorn, signals, and the parts that one run is made of."""
