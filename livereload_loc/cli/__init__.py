"""The command line: options, files and environment become settings, and errors one or two lines."""
