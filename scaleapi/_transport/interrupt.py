"""Waits of a thread, which others can cut short."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any, Optional

#: In a thread whose waits can be cut short, the event that does it: it has
#: ``wait(seconds)``, which returns whether it was set.
INTERRUPTION: ContextVar[Optional[Any]] = ContextVar("INTERRUPTION", default=None)


def pause(seconds: float) -> bool:
    """Wait; return whether to go on. `INTERRUPTION` can cut the wait short."""
    interruption = INTERRUPTION.get()
    if interruption is not None:
        return not interruption.wait(seconds)
    if seconds:
        time.sleep(seconds)
    return True
