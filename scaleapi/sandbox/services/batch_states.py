"""The states of a batch that v2 adds: paused and cancelled.

api-notes: v2-batch-states
"""

from __future__ import annotations

from typing import Dict, Tuple

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.services.completion import settle
from scaleapi.sandbox.store import Store, TaskFilter
from scaleapi.sandbox.store.repository import Document

#: Operation -> the statuses in which a batch can be brought to another by it.
ALLOWED: Dict[str, Tuple[str, ...]] = {
    "finalize": ("staging",),
    "pause": ("in_progress",),
    "resume": ("paused",),
    "cancel": ("staging", "in_progress", "paused"),
}
_CANCELED_AT_ONCE = 1000


def pause(store: Store, batch: Document) -> None:
    batch["status"] = "paused"
    store.batches.save(batch)


def resume(store: Store, batch: Document, now: int) -> None:
    """Bring a batch back; it is completed if its tasks have been meanwhile."""
    batch["status"] = "in_progress"
    store.batches.save(batch)
    settle(store, batch, now)


def cancel(store: Store, batch: Document, now: int) -> None:
    """Cancel a batch for good, and its pending tasks."""
    batch["status"] = "cancelled"
    store.batches.save(batch)
    filter = TaskFilter(batch=batch["name"])
    while True:
        pending = store.tasks.pending(filter, (-1, -1), _CANCELED_AT_ONCE)
        for _, task_id in pending:
            task = store.tasks.get(task_id)
            assert task is not None
            task.update(status="canceled", updated_at=to_text(now))
            store.tasks.save(task)
        if not pending:
            return
