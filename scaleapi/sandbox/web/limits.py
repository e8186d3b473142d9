"""Limits on what one client may take: connections, time, and size of a head.

api-notes: client-bounds (guess)
"""

from __future__ import annotations

import re
import sys
from typing import Optional, Tuple

if sys.platform != "win32":
    import resource

#: Seconds from the first byte of a request's head to its last.
HEAD_TIMEOUT_S = 30.0
#: Seconds from one byte of a request's body to the next.
BODY_TIMEOUT_S = 60.0
#: Seconds for which a client may read nothing of an answer that is being sent.
ANSWER_TIMEOUT_S = 300.0
#: Seconds for a client to read why it was refused.
LINGER_S = 2.0

#: Maximum number of connections, if the process may open as many files.
MAX_CONNECTIONS = 1000
#: Files that are reserved for other things, and that a connection needs: two, because
#: the client is often in the same process.
_OTHER_FILES = 100
_FILES_EACH = 2
#: Connections beyond the maximum that still get an answer which says why.
MAX_REFUSED_AT_ONCE = 50

#: Maximum size of a request's head: clients put thousands of ids into a query.
MAX_HEAD_BYTES = 4 << 20
MAX_PATH_BYTES = 64 << 10
#: Maximum size and number of the headers alone, each of which takes time to parse.
MAX_HEADER_BYTES = 64 << 10
MAX_HEADER_LINES = 200
#: Bytes that are read from a client before others have their turn.
MAX_RECEIVED_BYTES = 16 << 10

_PATH_ENDS = re.compile(rb"[?\n]")
_HEAD_ENDS = re.compile(rb"\n\r?\n")


def max_connections() -> int:
    """Return the maximum number of connections."""
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, (files - _OTHER_FILES) // _FILES_EACH))


class Head:
    """The part of a request's head that has arrived.

    Args:
        begun_at: Time at which its first byte arrived.
    """

    def __init__(self, begun_at: float) -> None:
        self.begun_at = begun_at
        self._size = self._first_line = self._path = self._lines = 0
        self._in_path = True
        self._tail = b""

    def add(self, data: bytes) -> Optional[Tuple[int, str]]:
        """Count bytes that have arrived; those after the head are not counted.

        Returns:
            Status and text of the refusal if a limit is exceeded; None otherwise.
        """
        joined = self._tail + data
        end = _HEAD_ENDS.search(joined)
        part = joined[len(self._tail) : end.end() if end else len(joined)]
        self._tail = joined[-2:]
        self._size += len(part)
        if self._in_path:
            path_end = _PATH_ENDS.search(part)
            self._path += path_end.start() if path_end else len(part)
            self._in_path = path_end is None
        if not self._lines:
            line_end = part.find(b"\n")
            self._first_line += line_end if line_end >= 0 else len(part)
        self._lines += part.count(b"\n")
        return self._problem()

    def _problem(self) -> Optional[Tuple[int, str]]:
        if self._path > MAX_PATH_BYTES:
            return 414, f"The path is longer than {MAX_PATH_BYTES} bytes"
        if self._lines > MAX_HEADER_LINES:
            return 431, f"There are more than {MAX_HEADER_LINES} headers"
        if self._size - self._first_line > MAX_HEADER_BYTES:
            return 431, f"The headers have more than {MAX_HEADER_BYTES} bytes"
        if self._size > MAX_HEAD_BYTES:
            return 431, f"The head is longer than {MAX_HEAD_BYTES} bytes"
        return None
