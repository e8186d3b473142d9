"""The package under which the official client offers v2."""
