"""Factories of documents of the second version of the API: chat tasks and the like.

::

    from scaleapi.sandbox import factories

    task = factories.v2.task("rubrics", opts=["annotation_details"])
"""

from __future__ import annotations

import hashlib
from typing import Any, Dict, Iterable

from scaleapi.sandbox.factories import documents
from scaleapi.sandbox.labeler.conversation_details import OPTS
from scaleapi.sandbox.services import v2_documents

Document = Dict[str, Any]

_PROJECT, _BATCH = "talks", "talks 1"

_KINDS = ("rlhf", "sft", "rubrics")


def task(
    kind: str = "rlhf",
    status: str = "completed",
    *,
    seed: int = 0,
    opts: Iterable[str] = (),
    **fields: Any,
) -> Document:
    """Return the document of a chat task.

    Args:
        kind: Kind of the conversation: ``rlhf``, ``sft`` or ``rubrics``.
        status: ``pending``, ``completed``, ``canceled`` or ``error``.
        seed: Seed of the example: ids, times and texts differ. The task with a higher
            seed is created later.
        opts: What the conversation contains beyond the bare annotations, as in
            ``get_tasks``.
        fields: Keys to add or replace, such as ``batch`` or ``metadata``; None
            removes one.

    Raises:
        ValueError: `kind`, `status` or an element of `opts` is unknown.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}; got {kind!r}")
    chosen = [getattr(each, "value", each) for each in opts]
    for each in chosen:
        if each not in OPTS:
            raise ValueError(f"opts must be among {', '.join(OPTS)}; got {each!r}")
    early = {n: fields[n] for n in ("task_id", "created_at") if n in fields}
    found = documents.task(kind, status, seed=seed, **early)
    made = v2_documents.task_of(found, _id(_PROJECT), _id("batch", _BATCH), chosen)
    return documents.changed(made, fields)


def project(name: str = _PROJECT, *, seed: int = 0, **fields: Any) -> Document:
    """Return the document of a project.

    Args:
        name: The name of the project, from which its id follows.
        seed: Seed of the example: the times differ.
        fields: Keys to add or replace, such as ``types``; None removes one.
    """
    found = documents.project(name, "chat", seed=seed)
    return documents.changed(v2_documents.project_of(found, _id(name)), fields)


def batch(
    name: str = _BATCH,
    status: str = "in_progress",
    *,
    seed: int = 0,
    **fields: Any,
) -> Document:
    """Return the document of a batch.

    Args:
        name: The name of the batch.
        status: ``staging``, ``in_progress``, ``completed``, ``paused`` or
            ``cancelled``.
        seed: Seed of the example: the times differ.
        fields: Keys to add or replace, such as ``metadata``; None removes one.
    """
    found = documents.batch(name, _PROJECT, status, seed=seed)
    made = v2_documents.batch_of(found, _id("batch", name), _id(_PROJECT))
    return documents.changed(made, fields)


def delivery(name: str = f"{_PROJECT} 1", *, seed: int = 0, **fields: Any) -> Document:
    """Return the document of a delivery.

    Args:
        name: The name of the delivery.
        seed: Seed of the example: the times differ.
        fields: Keys to add or replace, such as ``task_count``; None removes one.
    """
    made = {
        "id": _id("delivery", name),
        "name": name,
        "project": _id(_PROJECT),
        "task_count": 1,
        "delivered_at": documents.batch(status="completed", seed=seed)["completed_at"],
    }
    return documents.changed(made, fields)


def _id(*names: str) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
