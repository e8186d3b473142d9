"""A key that must not be shown, and the most that is shown of an error."""

from __future__ import annotations

import base64
import traceback

KEY = "live_0123456789abcdef"
#: The key as it is in the header of a request.
BASIC = base64.b64encode(f"{KEY}:".encode()).decode()


def full_traceback(error: BaseException) -> str:
    """Return a traceback with the local variables of every frame."""
    return "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
