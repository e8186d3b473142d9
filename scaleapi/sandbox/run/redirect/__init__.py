"""What the Python processes of a command load, so that they reach the sandbox."""
