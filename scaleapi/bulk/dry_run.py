"""`dry_run=True`: bulk calls that send nothing and check what can be known here.

The calls run as they always do, up to the point where the request would be sent. So a
dry run finds all that a real run finds before it sends, and then looks at the request.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple, TypeVar

from scaleapi._transport.encoding import encode
from scaleapi._transport.request import Request
from scaleapi.api import Api
from scaleapi.bulk.remote import Work
from scaleapi.exceptions import (
    ScaleException,
    ScaleTypeError,
    ScaleValueError,
)
from scaleapi.tasks import TaskType
from scaleapi.tasks.parameters import (
    MAX_FILE_BYTES,
    MAX_FILE_METADATA_BYTES,
    MAX_METADATA_BYTES,
    problem_of_metadata,
    problem_of_parameters,
)

if TYPE_CHECKING:
    from scaleapi._transport.history import History
    from scaleapi._transport.retry import RetryPolicy

#: Takes a request; raises if it is known that the API would refuse it.
Inspection = Callable[[Request], None]
C = TypeVar("C")

CHECKED = "checked"
LABEL = " (dry run: nothing was sent)"
_TYPES = [member.value for member in TaskType]


class _NotSent(Exception):
    """Ends a call in place of the request that it would send."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class _Inspector(Api):
    """Stands for the transport of a client, and ends each call before it is sent."""

    def _carry_out(
        self, request: Request, policy: RetryPolicy, history: History
    ) -> Any:
        raise _NotSent(request)


def without_sending(client: C) -> C:
    """Return a copy of a client that ends each call before it sends anything.

    The class of its transport is our own. Methods that a user has set on the client or
    on its transport are left out: they may belong to the client itself, and send.
    """
    copied: Any = copy.copy(client)
    for name in [n for n in vars(copied) if callable(getattr(type(copied), n, None))]:
        del vars(copied)[name]
    inspector = _Inspector.__new__(_Inspector)
    vars(inspector).update(
        (name, value)
        for name, value in vars(copied.api).items()
        if not callable(getattr(Api, name, None))
    )
    copied.api = inspector
    return copied  # type: ignore[no-any-return]


class Inspect:
    """Checks one input: what a bulk call does with it, without sending anything.

    Args:
        work: What the bulk call does, with a client of `without_sending`.
        inspect: Looks at the request.
    """

    def __init__(self, work: Work, inspect: Inspection) -> None:
        self._work = work
        self._inspect = inspect

    def __call__(self, item: Any) -> Tuple[str, Any]:
        try:
            self._work(item)
        except _NotSent as unsent:
            request = unsent.request
        else:
            return CHECKED, None  # a method of a user's class sends nothing
        self._inspect(request)
        return CHECKED, None


class InspectUpload(Inspect):
    """Checks one file. A file that can be read only once is not read."""

    def __call__(self, item: Any) -> Tuple[str, Any]:
        file = item[1] if isinstance(item, tuple) and len(item) > 1 else item
        seekable = getattr(file, "seekable", None)
        closed = getattr(file, "closed", False)
        if seekable is not None and not closed and not seekable():
            return CHECKED, None
        return super().__call__(item)


class InspectTask:
    """Looks at the request that creates a task."""

    def __init__(self, task_type: str) -> None:
        self._task_type = task_type

    def __call__(self, request: Request) -> None:
        if self._task_type not in _TYPES:
            near = difflib.get_close_matches(self._task_type, _TYPES, 1)
            meant = f"; do you mean {near[0]!r}?" if near else ""
            raise ScaleValueError(
                f"this version knows no task type {self._task_type!r}{meant}"
            )
        # As the API sees it: a tuple is a list, an enum member a string.
        params: Dict[str, Any] = json.loads(request.data or "{}")
        _refuse(
            problem_of_parameters(
                self._task_type,
                params,
                may_inherit=any(params.get(name) for name in ("project", "batch")),
            )
            or problem_of_metadata(params.get("metadata", {}), MAX_METADATA_BYTES),
            f"task of type {self._task_type}",
        )


def inspect_upload(request: Request) -> None:
    """Look at the request that uploads a file."""
    form = request.form
    if form is not None and form.file_bytes > MAX_FILE_BYTES:
        _refuse(f"has more than {MAX_FILE_BYTES // 1_000_000} MB", "file")


def inspect_import(request: Request) -> None:
    """Look at the request that imports a file."""
    params: Dict[str, Any] = json.loads(request.data or "{}")
    if not isinstance(params["file_url"], str):
        raise ScaleTypeError(f"each input must be a str; got {params['file_url']!r}")
    if not params["file_url"]:
        _refuse("the address is empty", "import")
    _refuse(
        problem_of_metadata(params.get("metadata", {}), MAX_FILE_METADATA_BYTES),
        "import",
    )


def inspect_nothing(request: Request) -> None:
    """Accept a request of which no more is known."""


def _refuse(problem: Optional[str], what: str) -> None:
    if problem is not None:
        raise ScaleValueError(f"{what}: {problem}")


class RefuseOtherTasks:
    """Raises an error if two tasks that differ have one ``unique_id``.

    The first would be created, and the second would look as if it existed.

    Args:
        prepare: Returns the payload of a task as it would be sent.
    """

    def __init__(self, prepare: Callable[[Any], Dict[str, Any]]) -> None:
        self._prepare = prepare
        self._number = -1
        #: unique_id -> index and digest of its first payload.
        self._seen: Dict[str, Tuple[int, bytes]] = {}

    def __call__(self, payload: Any) -> Dict[str, Any]:
        self._number += 1
        prepared = self._prepare(payload)
        unique_id = prepared.get("unique_id")
        if not isinstance(unique_id, str) or not unique_id:
            return prepared
        try:
            digest = _digest(prepared)
        except ScaleException:
            return prepared  # it cannot be sent, which the work will say
        index, first = self._seen.setdefault(unique_id, (self._number, digest))
        if first == digest:
            return prepared
        raise ScaleValueError(
            f"the unique_id {unique_id!r} is that of the payload with index {index}, "
            "which is another one: only the first would be created"
        )


def _digest(payload: Dict[str, Any]) -> bytes:
    as_sent = json.loads(encode(payload, "the payload")[1])
    return hashlib.sha256(json.dumps(as_sent, sort_keys=True).encode()).digest()
