"""What happened lately, remembered for people, and the page that shows it live."""
