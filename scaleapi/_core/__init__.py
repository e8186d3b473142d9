"""What the resource modules share. Not an interface for users."""
