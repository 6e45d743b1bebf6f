"""Where the tag goes in a document."""
