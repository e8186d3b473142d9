"""Injected faults: what goes wrong, with which call, and how often."""

from __future__ import annotations

import http
import json
import threading
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple, Union

from scaleapi.sandbox.argument_checks import boolean, integer, number, string
from scaleapi.sandbox.services.path_pattern import PathPattern
from scaleapi.sandbox.web.errors import WORDS

#: The kinds of faults.
KINDS = ("status", "hang", "reset", "truncate", "slow")
_MAX_DELAY_S = 24 * 3600
_MAX_PATTERN_CHARS = 10_000


@dataclass
class Fault:
    """A failure that is injected into some calls. Made by `Faults.add`.

    Attributes:
        matched: How many calls have matched.
        triggered: With how many of these a failure was injected.
    """

    kind: str
    method: Optional[str]
    path: str
    nth: int
    times: Optional[int]
    status: int
    body: Any
    retry_after: Union[int, str, None]
    seconds: float
    carried_out: bool
    matched: int = 0
    triggered: int = 0

    def __post_init__(self) -> None:
        self._pattern = PathPattern(self.path)

    def matches(self, method: str, path: str) -> bool:
        """Return whether a call matches the method and path of this fault."""
        if self.method is not None and self.method != method:
            return False
        return self._pattern.matches(path)


class Faults:
    """The faults of one sandbox; at first the list is empty."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: List[Fault] = []

    def add(
        self,
        kind: str = "status",
        *,
        method: Optional[str] = None,
        path: str = "**",
        nth: int = 1,
        times: Optional[int] = 1,
        status: int = 500,
        body: Any = None,
        retry_after: Union[int, str, None] = None,
        seconds: float = 1.0,
        carried_out: bool = False,
    ) -> Fault:
        """Let calls fail.

        ::

            sandbox.faults.add(status=503, method="POST", path="/task/*")
            sandbox.faults.add(status=500, carried_out=True, path="/batches")
            sandbox.faults.add("hang", nth=3)

        Args:
            kind: What happens. ``status``: the answer is `status`. ``hang``:
                there is no answer until the client gives up. ``reset``: the
                connection is reset. ``truncate``: the call is carried out, and
                its answer breaks off in the middle. ``slow``: the call takes
                `seconds` longer.
            method: ``GET``, ``POST``, ...; every method by default.
            path: The path after ``/v1``, or one that begins with ``/v2``, quoted or
                not, in which ``*`` stands for any part of one segment and ``**`` for
                anything: ``/task/*/cancel``.
            nth: The matching call that fails first, counted from now on.
            times: How many matching calls fail from that one on; None: all.
            status: Of the answer, for the kind ``status``.
            body: Of that answer: text is sent as it is, anything else as JSON;
                by default an error as the API has it.
            retry_after: Header ``Retry-After`` of that answer: seconds, or a
                date as HTTP writes it.
            seconds: For the kind ``slow``.
            carried_out: Whether the call is first carried out, so that only the
                client does not learn of it.

        Returns:
            The fault, whose attributes `matched` and `triggered` count.

        Raises:
            TypeError: An argument has the wrong type, or `body` is not JSON.
            ValueError: `kind` is unknown, or a number is out of range.
        """
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
        json.dumps(body, allow_nan=False)
        if len(string("path", path)) > _MAX_PATTERN_CHARS:
            raise ValueError(f"path is longer than {_MAX_PATTERN_CHARS} characters")
        fault = Fault(
            kind=kind,
            method=None if method is None else string("method", method).upper(),
            path=path,
            nth=integer("nth", nth, 1),
            times=None if times is None else integer("times", times, 1),
            status=integer("status", status, 200, 599),
            body=body,
            retry_after=_header(retry_after),
            seconds=number("seconds", seconds, 0, _MAX_DELAY_S),
            carried_out=boolean("carried_out", carried_out),
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def __len__(self) -> int:
        return len(self._faults)

    def list(self) -> List[Fault]:
        """Return all faults, including those that will not be triggered again."""
        with self._lock:
            return list(self._faults)

    def __repr__(self) -> str:
        return repr(self.list())

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def next_fault(self, method: str, path: str) -> Optional[Fault]:
        """Count a call; return the fault to inject into it, if there is one."""
        triggered: Optional[Fault] = None
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path):
                    fault.matched += 1
                    last = None if fault.times is None else fault.nth + fault.times
                    applies = fault.matched >= fault.nth and (
                        last is None or fault.matched < last
                    )
                    if applies and triggered is None:
                        fault.triggered += 1
                        triggered = fault
        return triggered


def answer_of(fault: Fault) -> Tuple[int, Dict[str, str], Any]:
    """Return the status, headers and body of a fault's answer."""
    headers = {}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    body = fault.body
    if body is None:
        body = {"status_code": fault.status, "error": _words(fault.status)}
    return fault.status, headers, body


def _words(status: int) -> str:
    if status in WORDS:
        return WORDS[status]
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "A fault on demand"


def _header(value: Union[int, str, None]) -> Union[int, str, None]:
    """Return a checked value for the header ``Retry-After``."""
    if value is None:
        return None
    if not isinstance(value, str):
        return integer("retry_after", value, 0)
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"retry_after must be one line of ASCII; got {value!r}")
    return value
