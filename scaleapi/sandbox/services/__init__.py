"""What happens in the sandbox, apart from HTTP."""
