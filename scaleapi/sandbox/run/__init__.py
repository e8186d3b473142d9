"""Runs a command against a sandbox, without a change to the command."""
