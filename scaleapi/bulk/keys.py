"""The unique ids of tasks that are created by the thousand."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Callable, Dict, Optional, Union, cast

from scaleapi._transport.encoding import encode, with_lists
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

#: How payloads without a ``unique_id`` get one.
UniqueId = Union[str, Callable[[Dict[str, Any]], str], None]


def content_id(task_type: str, payload: Dict[str, Any]) -> str:
    """Return the ``unique_id`` that follows from what a task is.

    It is the SHA-256, in hexadecimal, of the ASCII JSON text of
    ``[task_type, payload]``: objects with their keys sorted, ``,`` and ``:``
    without spaces, all that is not ASCII escaped as ``\\uXXXX``, numbers as
    Python writes them. ``unique_id`` is left out of the payload. What is equal
    as JSON is equal here: the order of keys does not matter, nor whether a list
    is a tuple or a set, or an enum its string.

    Args:
        task_type: Kind of work, as a string.
        payload: The parameters of the task.

    Raises:
        ScaleTypeError: `payload` holds what JSON does not have.
        ScaleValueError: `payload` holds NaN or infinity, or contains itself.
    """
    content = {key: value for key, value in payload.items() if key != "unique_id"}
    of = 'the content, from which the unique_id is made ("content"),'
    # Read back, for keys become strings on the way: 1 and "1" are one key.
    as_sent = json.loads(encode(content, of)[1])
    text = json.dumps([task_type, as_sent], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checked_unique_id(unique_id: Any) -> UniqueId:
    """Return what `create_tasks` was given.

    Raises:
        ScaleValueError: It is a string that says nothing.
        ScaleTypeError: It is neither a string, a callable nor None.
    """
    if unique_id is None or unique_id in ("auto", "content") or callable(unique_id):
        way: Any = unique_id
        return cast(UniqueId, way)
    kind = ScaleValueError if isinstance(unique_id, str) else ScaleTypeError
    raise kind(
        f'unique_id must be "auto", "content", None or a callable that makes one from '
        f"a payload; got {unique_id!r}. A task's own goes into its payload"
    )


def with_unique_id(
    task_type: str, given: Any, way: UniqueId, fresh: Callable[[], str]
) -> Dict[str, Any]:
    """Return a payload with a ``unique_id``: its own, or one made for it.

    Args:
        task_type: Kind of work, as a string.
        given: The payload as the caller gave it; it is not changed.
        way: As in `create_tasks`.
        fresh: Makes an id that nobody has.

    Raises:
        ScaleTypeError: The payload is no dict, or the callable returns no str.
        ScaleValueError: The callable returns an empty one.
    """
    if not isinstance(given, dict):
        raise ScaleTypeError(f"a payload must be a dict; got {_shown(given)}")
    # It is sent later, by when a generator may have made another of the same dict.
    try:
        payload: Dict[str, Any] = copy.deepcopy(given)
    except Exception:  # of what cannot be copied, and that is no JSON either
        payload = with_lists(given, "the payload")
    if way is None or payload.get("unique_id") not in (None, ""):
        return payload
    if way == "auto":
        made: Any = fresh()
    elif way == "content":
        made = content_id(task_type, payload)
    else:
        made = way(payload)  # type: ignore[operator]
        if not isinstance(made, str):
            raise ScaleTypeError(f"unique_id(payload) must be a str; got {made!r}")
        if not made:
            raise ScaleValueError("unique_id(payload) is empty")
    return {**payload, "unique_id": made}


def _shown(value: Any, length: int = 100) -> Optional[str]:
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}..."
