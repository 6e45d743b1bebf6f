"""The steps that a batch passes before it is sent to pages: build, restart."""
