"""What a browser asks of us: the apps, the sockets, the scripts and the status page."""
