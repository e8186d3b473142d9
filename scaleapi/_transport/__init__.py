"""Everything that speaks HTTP or plans a request; not an interface for users."""
