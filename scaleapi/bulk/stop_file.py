"""`StopFile`: tells other processes of the same machine that a run is to end."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Optional

#: Seconds between two checks whether the file exists.
_POLL_INTERVAL_S = 0.25


class StopFile:
    """A file whose existence says that nothing more is to be sent.

    Executors have no way to send a signal to their processes, which may have been
    started in any way. Processes on another machine do not see the file, and finish the
    calls that they have begun.

    Args:
        path: From `stop_path`.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def create(self) -> None:
        """Create the file. If that fails, no wait is cut short."""
        with suppress(OSError):
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))

    def remove(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            os.remove(self._path)

    def wait(self, seconds: float) -> bool:
        """Wait; return whether the file exists. See `INTERRUPTION`."""
        while not os.path.exists(self._path):
            if seconds <= 0:
                return False
            time.sleep(min(seconds, _POLL_INTERVAL_S))
            seconds -= _POLL_INTERVAL_S
        return True


def stop_path(run_key: str) -> Optional[str]:
    """Return the path of the file of a run; None if there is no temporary directory.

    Args:
        run_key: String that differs from run to run, and cannot be guessed.
    """
    import tempfile  # not at the top, so that the package is imported faster

    with suppress(OSError):
        return os.path.join(tempfile.gettempdir(), f"scaleapi-{run_key}.stop")
    return None
