"""Programs of the user's beside the server: COMMAND, build steps, and the keyboard."""
