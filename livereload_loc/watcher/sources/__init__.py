"""The sources of file events: inotify, watchfiles, polling."""
