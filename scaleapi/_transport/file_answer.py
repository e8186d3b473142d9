"""`FileAnswer`: an answer with a file, whose errors do not show its signature."""

from __future__ import annotations

import re
import sys
from typing import Callable, Iterator, Mapping, Optional, Union

import requests
from urllib3.exceptions import HTTPError

from scaleapi._transport.attempts import attempt_from_error, retry_after_of
from scaleapi._transport.file_address import Address
from scaleapi._transport.redact import Redactor
from scaleapi._transport.retry import Outcome
from scaleapi.exceptions import ScaleConnectionError, ScaleException

_PIECE_BYTES = 1 << 18
_MAX_ERROR_BYTES = 4096


class Interrupted(Exception):
    """An attempt failed, and the next one may succeed.

    Attributes:
        error: The error if there is no next attempt.
        outcome: How the attempt ended.
        retry_after: Seconds that the server asks to wait; None if it does not.
        received: Bytes of the file that the attempt has added.
    """

    def __init__(
        self,
        error: ScaleException,
        outcome: Outcome = Outcome.AMBIGUOUS,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.outcome = outcome
        self.retry_after = retry_after
        self.received = 0


class FileAnswer:
    """An answer with a file, or with a part of one.

    Attributes:
        address: Where it came from, after redirects.
        status: 200, 206 or 416.
        headers: The headers.
        length: Bytes of the body; None if it comes in chunks.
        is_delimited: Whether a body that breaks off can be told from a whole one.
        retry_after: Seconds that the server asks to wait; None if it does not.
        when_received: Called once, when the body is here or is not read any further.
    """

    def __init__(self, address: Address, response: requests.Response) -> None:
        self.address = address
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        length = response.headers.get("Content-Length", "")
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        self.length = int(length) if length.isdecimal() and not chunked else None
        self.is_delimited = chunked or self.length is not None
        self.retry_after = retry_after_of(response)
        self.when_received: Callable[[], None] = _do_nothing
        self._raw = response.raw

    def __enter__(self) -> FileAnswer:
        return self

    def __exit__(self, *error: object) -> None:
        # Also closes the connection if a part of the body was not read.
        self._raw.close()
        self._received()

    def _received(self) -> None:
        """Let others have the connection, as soon as the whole body is here."""
        self._raw.release_conn()
        self.when_received()
        self.when_received = _do_nothing

    def pieces(self, size: int = _PIECE_BYTES) -> Iterator[bytes]:
        """Yield the body.

        Args:
            size: Maximum number of bytes of a piece.

        Raises:
            Interrupted: The body breaks off.
        """
        received = 0
        while True:
            piece = self._read(size)
            if isinstance(piece, Interrupted):
                raise piece
            if not piece:
                break
            received += len(piece)
            if received == self.length:
                self._received()
                yield piece
                return
            yield piece
        if self.length is not None and received != self.length:
            raise _broke_off(
                self.address, f"{self.length - received} bytes are missing"
            )
        self._received()

    def beginning(self) -> bytes:
        """Return the beginning of a short body, such as that of an error."""
        piece = self._read(_MAX_ERROR_BYTES)
        return b"" if isinstance(piece, Interrupted) else piece

    def _read(self, size: int) -> Union[bytes, Interrupted]:
        # Library errors, which hold the whole address, end here.
        outer = sys.exc_info()[1]
        try:
            return bytes(self._raw.read(size, decode_content=False))
        except (OSError, HTTPError, ValueError) as error:
            reason = attempt_from_error(error, outer).reason
        return _broke_off(self.address, without_query(reason, self.address))


def _do_nothing() -> None:
    pass


def _broke_off(address: Address, reason: str) -> Interrupted:
    return Interrupted(ScaleConnectionError(f"{address} broke off: {reason}"))


def without_query(reason: str, address: Address) -> str:
    """Return the text of a library without the query of an address."""
    query = address.url.partition("?")[2]
    if query:
        reason = reason.replace(query, "...")
    return Redactor()(re.sub(r"\?[^\s'\")]+", "?...", reason))
