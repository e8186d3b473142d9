"""The behavior of the sandbox apart from HTTP: completion, callbacks, faults."""
