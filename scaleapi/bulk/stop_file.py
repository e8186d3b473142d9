"""How other processes of the same machine learn that a run is to end."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Optional

#: Seconds between two looks.
_LOOK_UP = 0.25


class StopFile:
    """A file that says by being there that nothing more is to be sent.

    What an executor was given cannot be told anything else: it has no way of its own
    for it, and its processes may have been started in any way. Those of another
    machine do not see it, and end what they have begun.

    Args:
        path: From `stop_path`.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def create(self) -> None:
        """Have it be there. Where it cannot, no wait is cut short."""
        with suppress(OSError):
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))

    def remove(self) -> None:
        """Have it be there no longer."""
        with suppress(OSError):
            os.remove(self._path)

    def wait(self, seconds: float) -> bool:
        """Wait; return whether it is there. See `INTERRUPTION`."""
        while not os.path.exists(self._path):
            if seconds <= 0:
                return False
            time.sleep(min(seconds, _LOOK_UP))
            seconds -= _LOOK_UP
        return True


def stop_path(ticket: str) -> Optional[str]:
    """Return where the file of a run is to be, None if there is no place for it.

    Args:
        ticket: Differs from run to run, and cannot be guessed.
    """
    import tempfile  # here, since importing the package need not wait for it

    with suppress(OSError):
        return os.path.join(tempfile.gettempdir(), f"scaleapi-{ticket}.stop")
    return None
