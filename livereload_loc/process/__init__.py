"""The user's programs that run beside the server (COMMAND, build steps), and the keyboard."""
