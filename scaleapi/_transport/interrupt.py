"""`pause`: waits that a stopped bulk run can cut short."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Any, Optional

#: The event that cuts the waits of this thread short, if there is one. Its method
#: ``wait(seconds)`` returns whether it was set.
INTERRUPTION: ContextVar[Optional[Any]] = ContextVar("INTERRUPTION", default=None)


def pause(seconds: float) -> bool:
    """Wait; return whether to go on, which is False if `INTERRUPTION` was set."""
    interruption = INTERRUPTION.get()
    if interruption is not None:
        return not interruption.wait(seconds)
    if seconds:
        time.sleep(seconds)
    return True
