"""One POST to a receiver of callbacks, which takes its time or is cut off."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import Mapping, Optional
from urllib.parse import quote, urlsplit

#: Seconds that a receiver may take, from the first try to connect.
TIMEOUT_S = 5.0
NO_ANSWER = "no answer came in time"
#: What may stand in a target as it is.
_TARGET = "/%:@!$&'()*+,;=~?-._"


class WebhookRequest:
    """A POST that is under way.

    Args:
        url: Where it goes.
        headers: What it carries.
        body: What it carries.
    """

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self._url = url
        self._headers = dict(headers)
        self._body = body
        self._lock = threading.Lock()
        self._connection: Optional[http.client.HTTPConnection] = None
        self._cut_off: Optional[str] = None

    def send(self) -> Optional[str]:
        """Send it; return why the receiver has not taken it, None if it has."""
        alarm = threading.Timer(TIMEOUT_S, self.cut_off, [NO_ANSWER])
        alarm.daemon = True
        alarm.start()
        try:
            status = self._send()
            return None if 200 <= status < 300 else f"the answer was {status}"
        except (OSError, ValueError, http.client.HTTPException) as error:
            return self._cut_off or str(error) or type(error).__name__
        finally:
            alarm.cancel()

    def cut_off(self, why: str) -> None:
        """Let it fail, if it is not done."""
        with self._lock:
            self._cut_off = self._cut_off or why
            if self._connection is not None and self._connection.sock is not None:
                with suppress(OSError):  # it may have ended by itself
                    self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _send(self) -> int:
        parts = urlsplit(self._url)
        kind = (
            http.client.HTTPSConnection
            if parts.scheme.lower() == "https"
            else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.connect()
            with self._lock:
                self._connection = connection
                if self._cut_off is not None:
                    raise OSError
            connection.request(
                "POST", quote(target, safe=_TARGET), self._body, self._headers
            )
            return connection.getresponse().status
        finally:
            with self._lock:
                self._connection = None
            connection.close()
