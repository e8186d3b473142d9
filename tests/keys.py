"""API keys for tests: each is an account of its own in the sandbox."""

from __future__ import annotations

import secrets


def new_key(kind: str) -> str:
    """Return an API key that no other test has.

    It is short, because each client compiles a pattern that masks its key, which
    takes the longer the longer the key is.

    Args:
        kind: ``"test"`` or ``"live"``.
    """
    return f"{kind}_{secrets.token_hex(4)}"
