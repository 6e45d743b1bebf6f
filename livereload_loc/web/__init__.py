"""What browsers ask for: the apps, the sockets, the scripts and the status page."""
