"""HTTP in and out; no rules of Scale."""
