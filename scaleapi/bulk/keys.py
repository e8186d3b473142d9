"""The unique ids of the tasks that `create_tasks` creates."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any, Callable, Dict, Union, cast

from scaleapi._transport.encoding import encode, with_lists
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

#: How to make the ``unique_id`` of a payload that has none.
UniqueId = Union[str, Callable[[Dict[str, Any]], str], None]


def content_id(task_type: str, payload: Dict[str, Any]) -> str:
    """Return the ``unique_id`` that is derived from the content of a task.

    It is the SHA-256, in hexadecimal, of the ASCII JSON text of
    ``[task_type, payload]``, without the ``unique_id`` of the payload. In this text the
    keys of objects are sorted, no spaces follow ``,`` and ``:``, characters outside of
    ASCII are escaped as ``\\uXXXX``, and numbers are written as Python writes them.

    Payloads that are equal as JSON have the same id: the order of keys does not matter,
    a tuple or set equals a list, and an enum member equals its string.

    Args:
        task_type: Type of the task, as a string.
        payload: Parameters of the task.

    Raises:
        ScaleTypeError: `payload` has a value that cannot be JSON.
        ScaleValueError: `payload` has NaN or infinity in it, or contains itself.
    """
    content = {key: value for key, value in payload.items() if key != "unique_id"}
    of = 'the content, from which the unique_id is made ("content"),'
    # Decoded again, because encoding turns keys into strings: 1 and "1" are the same.
    as_sent = json.loads(encode(content, of)[1])
    text = json.dumps([task_type, as_sent], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checked_unique_id(unique_id: Any) -> UniqueId:
    """Return the argument `unique_id` of `create_tasks`.

    Raises:
        ScaleValueError: `unique_id` is a string other than "auto" and "content".
        ScaleTypeError: `unique_id` is neither a string, a callable nor None.
    """
    if unique_id is None or unique_id in ("auto", "content") or callable(unique_id):
        checked: Any = unique_id
        return cast(UniqueId, checked)
    cls = ScaleValueError if isinstance(unique_id, str) else ScaleTypeError
    raise cls(
        f'unique_id must be "auto", "content", None or a callable that makes one from '
        f"a payload; got {unique_id!r}. The unique_id of one task goes into its payload"
    )


def with_unique_id(
    task_type: str, payload: Any, source: UniqueId, fresh: Callable[[], str]
) -> Dict[str, Any]:
    """Return a copy of a payload with a ``unique_id``: its own, or a new one.

    Args:
        task_type: Type of the task, as a string.
        payload: The payload. It is not changed.
        source: The argument `unique_id` of `create_tasks`.
        fresh: Returns an id that no other task has.

    Raises:
        ScaleTypeError: `payload` is not a dict, or the callable `source` does not
            return a str.
        ScaleValueError: The callable `source` returns an empty str.
    """
    if not isinstance(payload, dict):
        raise ScaleTypeError(f"a payload must be a dict; got {_shortened(payload)}")
    # Copy now: a generator may reuse and change the dict before it is sent.
    try:
        copied: Dict[str, Any] = copy.deepcopy(payload)
    except Exception:  # a value that cannot be copied, such as an iterator
        copied = with_lists(payload, "the payload")
    if source is None or copied.get("unique_id") not in (None, ""):
        return copied
    if source == "auto":
        made: Any = fresh()
    elif isinstance(source, str):  # "content"
        made = content_id(task_type, copied)
    else:
        made = source(copied)
        if not isinstance(made, str):
            raise ScaleTypeError(f"unique_id(payload) must be a str; got {made!r}")
        if not made:
            raise ScaleValueError("unique_id(payload) is empty")
    return {**copied, "unique_id": made}


def _shortened(value: Any, length: int = 100) -> str:
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}..."
