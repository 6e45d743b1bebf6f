"""Where pages come from: files on disk, another server."""
