"""What the modules of the resources share; not an interface for users."""
