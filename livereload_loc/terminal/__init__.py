"""What people see in the terminal, and what their keys do; JSON for programs."""
