"""Completion of tasks and batches, one by one and many at once."""

from __future__ import annotations

import json
import secrets
from typing import Any, Dict, Mapping, Optional, Tuple

from scaleapi.sandbox.clock import Clock, to_text
from scaleapi.sandbox.labeler import LabelerContext, respond
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.services.hosting import Hosting, file_id_of
from scaleapi.sandbox.store import Database, Store, TaskFilter, World
from scaleapi.sandbox.store.repository import Cursor, Document

#: Other writers wait during a transaction, so it must not complete more tasks.
_MAX_TASKS_PER_TRANSACTION = 200


def complete(
    store: Store,
    hosting: Hosting,
    options: Options,
    task: Document,
    now: int,
    response: Optional[Any] = None,
    fields: Optional[Mapping[str, Any]] = None,
    form: Optional[str] = None,
) -> Document:
    """Record a task as completed, and its batch if no other task is pending.

    Args:
        store: The store of the task's world.
        hosting: Makes the URLs under which result files are served.
        options: The chosen behavior where accounts of the API differ.
        task: The task as it is stored.
        now: The time of completion.
        response: The response; None makes one up.
        fields: Further keys of the document.
        form: Name of the form of a made-up response.

    Returns:
        The completed task.
    """
    answer = (
        _make_response(store, hosting, options, task, now, form)
        if response is None
        else {"response": response}
    )
    moment = to_text(now)
    completed = {
        **task,
        "status": "completed",
        "completed_at": moment,
        "updated_at": moment,
        **answer,
        **(fields or {}),
    }
    store.tasks.save(completed)
    store.outbox.add_task(completed, now)
    settle_batch(store, completed, now)
    return completed


def complete_pending(
    database: Database,
    hosting: Hosting,
    options: Options,
    clock: Clock,
    world: World,
    filter: TaskFilter,
) -> int:
    """Complete the pending tasks that pass a filter, with made-up responses.

    Returns:
        The number of tasks that were completed.
    """
    cursor: Cursor = (-1, -1)
    number = 0
    while True:
        with database.writing() as connection:
            store = Store(connection, world)
            pending = store.tasks.pending(filter, cursor, _MAX_TASKS_PER_TRANSACTION)
            for _, task_id in pending:
                task = store.tasks.get(task_id)
                assert task is not None
                complete(store, hosting, options, task, clock.now())
        number += len(pending)
        if len(pending) < _MAX_TASKS_PER_TRANSACTION:
            return number
        cursor = pending[-1][0]


def finalize(store: Store, batch: Document, now: int) -> None:
    """Bring a batch out of staging; another batch stays as it is."""
    if batch["status"] == "staging":
        batch["status"] = "in_progress"
        store.batches.save(batch)
        settle(store, batch, now)


def settle_batch(store: Store, task: Document, now: int) -> None:
    """Update the status of a batch after one of its tasks has changed.

    A batch out of staging is completed as soon as it has tasks and none is pending.
    A new pending task brings it back to in_progress. (api-notes: batch-states)
    One that is paused or cancelled stays so. (api-notes: v2-batch-states)
    """
    batch = store.batches.get(task["batch"]) if "batch" in task else None
    if batch is not None and batch["status"] in ("in_progress", "completed"):
        settle(store, batch, now)


def settle(store: Store, batch: Document, now: int) -> None:
    """Give a batch that has left staging the status that follows from its tasks."""
    name = batch["name"]
    counts = store.tasks.count_by_status(name)
    done = bool(counts) and "pending" not in counts
    status = "completed" if done else "in_progress"
    if batch["status"] == status:
        return
    batch["status"] = status
    batch.pop("completed_at", None)
    if done:
        batch["completed_at"] = to_text(now)
        store.outbox.add_batch(batch, now)
    store.batches.save(batch)


def decoded_result(store: Store, hosting: Hosting, url: Any) -> Optional[Any]:
    """Return the content of a result file of this sandbox; None if it is not JSON."""
    result_id = hosting.result_id_of(url)
    content = None if result_id is None else store.files.content(result_id)
    try:
        # Results of videos can end in NUL bytes.
        return None if content is None else json.loads(content.rstrip(b"\0"))
    except (ValueError, RecursionError):  # such as a picture
        return None


def _make_response(
    store: Store,
    hosting: Hosting,
    options: Options,
    task: Document,
    now: int,
    form: Optional[str],
) -> Dict[str, Any]:
    def image_size(attachment: str) -> Optional[Tuple[int, int]]:
        file_id = file_id_of(attachment)
        return None if file_id is None else store.files.image_size(file_id)

    def publish(_name: str, content: bytes, mime_type: str) -> str:
        result_id = secrets.token_hex(16)
        store.files.add_result(result_id, content, mime_type, now)
        return hosting.result_url(result_id)

    def result(task_id: str) -> Optional[Any]:
        earlier = store.tasks.get(task_id) or {}
        response = earlier.get("response")
        annotations = response.get("annotations") if isinstance(response, dict) else {}
        url = annotations.get("url") if isinstance(annotations, dict) else None
        return decoded_result(store, hosting, url)

    project = store.projects.get(task["project"]) if "project" in task else None
    rapid = project is not None and project["projectType"] == "rapid"
    context = LabelerContext(image_size, publish, result, rapid, options.snapshot())
    return respond(task, context, form)
