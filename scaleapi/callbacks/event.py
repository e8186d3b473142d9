"""`CallbackEvent`: what a callback reports, read from its body."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple, Union

from scaleapi._transport.decoding import loads
from scaleapi.batches import Batch
from scaleapi.callbacks.verify import CallbackRejected
from scaleapi.exceptions import ScaleException, ScaleTypeError
from scaleapi.tasks import Task

#: The body of a request. API Gateway passes a str, or None if it is empty.
Body = Union[bytes, bytearray, memoryview, str, None]

#: What tells two callbacks of a task or batch apart, beside the response. An audit
#: sends the same task again, and a task that is recalled is completed twice. Other
#: facts, such as callback_succeeded_at, change between repeats of one delivery.
#: api-notes: callbacks
_FACTS = {
    "task": ("task_id", "status", "completed_at", "customer_review_status", "audits"),
    "batch": ("name", "project", "created_at", "status"),
}


@dataclass(frozen=True, eq=False, repr=False)
class CallbackEvent:
    """What a callback reports: a task, or a batch that is completed.

    A task is reported when it is completed, when its status becomes ``error``, and when
    its review changes. Read ``task.status``.

    Attributes:
        task: The task, as it was when the callback was sent; None for a batch.
        batch: The batch; None for a task.
        response: The response of the task; None if it has none.
        live: Whether the callback key is a live one.
        delivery_id: The same for each repeat of this delivery, and another one after
            the next change of the task: 32 hexadecimal digits.
        raw: The body as it came.
    """

    task: Optional[Task]
    batch: Optional[Batch]
    response: Any
    live: bool
    delivery_id: str
    raw: bytes

    def __repr__(self) -> str:
        # Without the documents, which people log by accident.
        return (
            f"CallbackEvent({self.subject}, live={self.live}, "
            f"delivery_id={self.delivery_id!r})"
        )

    @property
    def subject(self) -> str:
        """The kind and id of the task or batch, in a form that is safe to log."""
        if self.task is not None:
            return f"task {self.task.id!r:.100}"
        return f"batch {self.batch.name if self.batch else None!r:.100}"


def read_event(raw: bytes, live: bool, client: Any) -> CallbackEvent:
    """Return the event of a request that has a right key.

    Args:
        raw: The body of the request.
        live: Whether the key is a live one.
        client: The client of the task or batch; may be None.

    Raises:
        CallbackRejected: The body is not a callback, or the key is of another mode.
    """
    try:
        document = loads(raw)
        return _event(document, raw, live, client)
    except RecursionError:
        raise CallbackRejected("the body is nested too deeply", "not_json") from None
    except ValueError:
        raise CallbackRejected("the body is not JSON", "not_json") from None


def raw_body(body: Body) -> bytes:
    """Return the body of a request as bytes.

    Raises:
        ScaleTypeError: `body` has the wrong type.
    """
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if body is None or isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body or b"")
    raise ScaleTypeError(
        f"body must be the bytes of the request; got an object of type "
        f"{type(body).__name__}"
    )


def _event(document: Any, raw: bytes, live: bool, client: Any) -> CallbackEvent:
    kind, subject = _subject(document)
    _check_mode(subject, live)
    is_task = kind == "task"
    try:
        task = Task(subject, client) if is_task else None
        batch = None if is_task else Batch(subject, client)
    except ScaleException:  # the document has no id
        raise _not_a_callback() from None
    response = document.get("response", subject.get("response")) if is_task else None
    facts = [live, [[name, subject.get(name)] for name in _FACTS[kind]], response]
    text = json.dumps(facts, sort_keys=True)
    delivery_id = hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
    return CallbackEvent(task, batch, response, live, delivery_id, raw)


def _subject(document: Any) -> Tuple[str, Dict[str, Any]]:
    """Return what is reported, ``task`` or ``batch``, and its document."""
    # api-notes: callbacks
    if not isinstance(document, dict):
        raise _not_a_callback()
    task, batch = document.get("task"), document.get("batch")
    if isinstance(batch, dict) and task is None:
        return "batch", batch
    if not isinstance(task, dict) or batch is not None:
        raise _not_a_callback()
    # The id is there twice, unless the sender leaves one out.
    if document.get("task_id", task.get("task_id")) != task.get("task_id"):
        raise _not_a_callback()
    return "task", task


def _not_a_callback() -> CallbackRejected:
    return CallbackRejected(
        "the body is neither a task nor a batch with its id", "not_a_callback"
    )


def _check_mode(subject: Dict[str, Any], live: bool) -> None:
    is_test = subject.get("is_test")
    if is_test is None or is_test is (not live):
        return
    mode = "live" if live else "test"
    raise CallbackRejected(
        f"this is the callback key of {mode} mode, but is_test is {is_test!r:.20}",
        "wrong_mode",
    )
