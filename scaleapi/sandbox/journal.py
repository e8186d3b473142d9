"""What clients have sent, the newest of it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Deque, Dict, Iterator, List, Optional, Tuple, Union, overload
from urllib.parse import parse_qsl

from scaleapi.sandbox.bodies import parse_json

_MAX_REQUESTS = 1000
#: Bytes kept of one body, and of all together.
_MAX_BODY = 1 << 20
_MAX_ALL = 32 << 20

#: Headers that carry a key.
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass
class SentRequest:
    """A request as a client sent it.

    Attributes:
        method: ``GET`` or another.
        path: The path as it was sent, quoted, with its ``/v1``.
        query: Name -> all its values.
        headers: Name in lower case -> value, without the key.
        body: The bytes of the body; of a very long one the first megabyte.
        status: Status of the answer; None if there was none, or not yet.
    """

    method: str
    path: str
    query: Dict[str, List[str]]
    headers: Dict[str, str]
    body: bytes = field(default=b"", repr=False)
    status: Optional[int] = None

    @property
    def json(self) -> Any:
        """The body, decoded; None without a body.

        Raises:
            ValueError: It is no JSON.
        """
        return parse_json(self.body.decode()) if self.body else None


class Journal:
    """The newest thousand requests of clients, the oldest first.

    It can be read like a list. Only calls of the API are in it, and of the
    bodies no more than 32 MB.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Deque[SentRequest] = deque()
        self._size = 0

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
            self._requests.clear()
            self._size = 0

    def begin(
        self, method: str, path: str, query: bytes, headers: List[Tuple[bytes, bytes]]
    ) -> SentRequest:
        """Note a request whose body is still to come."""
        values: Dict[str, List[str]] = {}
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        shown = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in headers
        }
        request = SentRequest(
            method,
            path,
            values,
            {name: value for name, value in shown.items() if name not in _SECRET},
        )
        with self._lock:
            self._requests.append(request)
            if len(self._requests) > _MAX_REQUESTS:
                self._drop()
        return request

    def add(self, request: SentRequest, chunk: bytes) -> None:
        """Note a part of a request's body."""
        chunk = chunk[: _MAX_BODY - len(request.body)]
        if chunk:
            with self._lock:
                request.body += chunk
                self._size += len(chunk)
                while self._size > _MAX_ALL:
                    self._drop()

    def _drop(self) -> None:
        self._size -= len(self._requests.popleft().body)
