"""What is not watched: built-in rules, .gitignore files, git's own excludes."""
