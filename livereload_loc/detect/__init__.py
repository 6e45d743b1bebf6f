"""What a folder is, when nobody says what to run in it: found by its names and texts, nothing is executed."""
