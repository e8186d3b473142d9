"""`CallbackRequest`: sends one callback, as a POST with a time limit."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import Mapping, Optional
from urllib.parse import quote, urlsplit

#: Seconds that a receiver may take, counted from the start of the connection.
TIMEOUT_S = 5.0
NO_ANSWER = "no answer came in time"
#: Characters of a request target that are not quoted again.
_TARGET = "/%:@!$&'()*+,;=~?-._"


class CallbackRequest:
    """A POST request that can be aborted from another thread.

    Args:
        url: The URL of the receiver.
        headers: The headers of the request.
        body: The body of the request.
    """

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self._url = url
        self._headers = dict(headers)
        self._body = body
        self._lock = threading.Lock()
        self._connection: Optional[http.client.HTTPConnection] = None
        self._abort_reason: Optional[str] = None

    def send(self) -> Optional[str]:
        """Send the request; return why it failed, or None if the answer was 2xx."""
        alarm = threading.Timer(TIMEOUT_S, self.abort, [NO_ANSWER])
        alarm.daemon = True
        alarm.start()
        try:
            status = self._send()
            return None if 200 <= status < 300 else f"the answer was {status}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            return self._abort_reason or str(error) or type(error).__name__
        finally:
            alarm.cancel()

    def abort(self, why: str) -> None:
        """Let `send` fail for this reason, unless it has finished."""
        with self._lock:
            self._abort_reason = self._abort_reason or why
            if self._connection is not None and self._connection.sock is not None:
                with suppress(OSError):  # the connection may have ended already
                    self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _send(self) -> int:
        parts = urlsplit(self._url)
        connection_class = (
            http.client.HTTPSConnection
            if parts.scheme.lower() == "https"
            else http.client.HTTPConnection
        )
        connection = connection_class(
            parts.hostname or "", parts.port, timeout=TIMEOUT_S
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.connect()
            with self._lock:
                self._connection = connection
                if self._abort_reason is not None:
                    raise OSError
            connection.request(
                "POST", quote(target, safe=_TARGET), self._body, self._headers
            )
            return connection.getresponse().status
        finally:
            with self._lock:
                self._connection = None
            connection.close()
