"""The log of the newest requests that clients have sent."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Deque, Dict, Iterator, List, Optional, Tuple, Union, overload
from urllib.parse import parse_qsl

from scaleapi.sandbox.web.bodies import parse_json

_MAX_REQUESTS = 1000
#: Bytes kept of one body, of all bodies together, and of all heads.
_MAX_BODY_BYTES = 1 << 20
_MAX_ALL_BODIES_BYTES = 32 << 20
_MAX_HEADS_BYTES = 32 << 20

#: Headers that contain a key.
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass
class SentRequest:
    """A request as a client sent it.

    Attributes:
        method: ``GET`` or another.
        path: The path as it was sent, quoted, including ``/v1`` or ``/v2``.
        query_string: The query as it was sent, quoted.
        headers: Name in lower case -> value, without headers that contain a key.
        body: The bytes of the body, at most the first megabyte.
        status: Status of the answer; None while or if there is no answer.
    """

    method: str
    path: str
    query_string: str
    headers: Dict[str, str]
    body: bytes = field(default=b"", repr=False)
    status: Optional[int] = None
    _kept: bool = field(default=True, init=False, repr=False, compare=False)

    @property
    def query(self) -> Dict[str, List[str]]:
        """The decoded query: name -> all its values."""
        values: Dict[str, List[str]] = {}
        for name, value in parse_qsl(self.query_string, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    @property
    def json(self) -> Any:
        """The body decoded as JSON; None without a body.

        Raises:
            ValueError: The body is not JSON.
        """
        return parse_json(self.body.decode()) if self.body else None


class RequestLog:
    """The newest thousand requests of clients, the oldest first.

    The log can be read like a list. It contains only calls of the API, with at most
    32 MB of bodies and 32 MB of everything else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Deque[SentRequest] = deque()
        self._body_bytes = self._head_bytes = 0

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[SentRequest]:
        with self._lock:
            return iter(list(self._requests))

    @overload
    def __getitem__(self, index: int) -> SentRequest: ...

    @overload
    def __getitem__(self, index: slice) -> List[SentRequest]: ...

    def __getitem__(
        self, index: Union[int, slice]
    ) -> Union[SentRequest, List[SentRequest]]:
        return list(self)[index]

    def __repr__(self) -> str:
        return repr(list(self))

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            while self._requests:
                self._drop()

    def record(
        self, method: str, path: str, query: bytes, headers: List[Tuple[bytes, bytes]]
    ) -> SentRequest:
        """Add a request whose body has not arrived yet."""
        decoded = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in headers
        }
        request = SentRequest(
            method,
            path,
            query.decode("latin-1"),
            {
                name: value
                for name, value in decoded.items()
                if name not in _SECRET_HEADERS
            },
        )
        with self._lock:
            self._requests.append(request)
            self._head_bytes += _head_size(request)
            self._drop_oldest()
        return request

    def append_body(self, request: SentRequest, chunk: bytes) -> None:
        """Add a part of a request's body."""
        chunk = chunk[: _MAX_BODY_BYTES - len(request.body)]
        if not chunk:
            return
        with self._lock:
            if request._kept:
                request.body += chunk
                self._body_bytes += len(chunk)
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        while (
            len(self._requests) > _MAX_REQUESTS
            or self._body_bytes > _MAX_ALL_BODIES_BYTES
            or self._head_bytes > _MAX_HEADS_BYTES
        ):
            self._drop()

    def _drop(self) -> None:
        request = self._requests.popleft()
        request._kept = False  # the rest of its body is not counted
        self._body_bytes -= len(request.body)
        self._head_bytes -= _head_size(request)


def _head_size(request: SentRequest) -> int:
    line = len(request.path) + len(request.query_string)
    return line + sum(map(len, request.headers.values()))
