"""Deliveries: named sets of completed tasks, which Scale makes and v2 reads.

api-notes: v2-deliveries
"""

from __future__ import annotations

from typing import Optional

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.statuses import CHAT_TYPES
from scaleapi.sandbox.store import Store, TaskFilter
from scaleapi.sandbox.store.filters import values_of
from scaleapi.sandbox.store.repository import Document


class NotFound(ValueError):
    """What a call of the control is about does not exist."""


def deliver(
    store: Store, project: str, name: Optional[str], filter: TaskFilter, now: int
) -> Document:
    """Make a delivery of the tasks that pass a filter and are in none yet.

    Args:
        store: The store of the world of the project.
        project: Name of the project.
        name: Name of the delivery; None makes one up.
        filter: Passes completed tasks of the project only.
        now: The time of the delivery.

    Returns:
        The document of the delivery; its `project` is the name.

    Raises:
        NotFound: No project is called `project`.
        ValueError: The `name` is in use, or tasks are not to be delivered.
    """
    known = store.projects.get(project)
    if known is None:
        raise NotFound(f"the sandbox has no project {project!r} under this key")
    if known["type"] not in CHAT_TYPES:
        raise ValueError(f"v2 shows chat projects only; {project!r} is another one")
    if name is None:
        number = len(store.deliveries.of_project(project, None, None)) + 1
        name = f"{project} {number}"
    if store.deliveries.named(project, name) is not None:
        raise ValueError(f"project {project!r} has a delivery {name!r} already")
    delivery_id = store.deliveries.id_of(project, name)
    count = store.tasks.deliver(delivery_id, filter)
    if not count:
        raise ValueError(
            f"project {project!r} has no completed task that is not delivered yet"
        )
    wanted = filter.task_ids
    if wanted is not None and count != len(values_of(wanted)):
        raise ValueError(
            f"only {count} of these tasks are completed tasks of project {project!r} "
            "that are not delivered yet"
        )
    document = {
        "id": delivery_id,
        "name": name,
        "project": project,
        "task_count": count,
        "delivered_at": to_text(now),
    }
    store.deliveries.add(document, now)
    return document
