"""Where file events come from: inotify, watchfiles, polling."""
