"""What the form of an API key says about its mode."""

from __future__ import annotations

from typing import Any, Optional


def key_mode(api_key: Any) -> Optional[str]:
    """Return ``"test"`` or ``"live"``, or None if the form of a key says neither.

    A key that has the marks of both is of neither: who asks wants to be sure.

    api-notes: keys

    Args:
        api_key: The key. What is not a str has no mode.
    """
    if not isinstance(api_key, str):
        return None
    is_live = api_key.startswith("live_")
    if api_key.startswith("test_") or api_key.endswith("|test"):
        return None if is_live else "test"
    return "live" if is_live else None
