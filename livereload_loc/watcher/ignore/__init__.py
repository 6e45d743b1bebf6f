"""The rules for files that are not watched: built-in ones, .gitignore files, git's own excludes."""
