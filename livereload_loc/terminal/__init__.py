"""What is printed: lines for people, drawn with rich, or one JSON object a line for programs."""
