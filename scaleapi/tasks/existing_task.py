"""The task that already has a ``unique_id``, if a creation is refused with 409."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from scaleapi._transport.recovery import explained
from scaleapi.exceptions import ScaleDuplicateResource
from scaleapi.tasks.task import Task

if TYPE_CHECKING:
    from scaleapi.tasks.calls import TaskCalls


def existing_task(
    calls: TaskCalls,
    task_type: str,
    params: Mapping[str, Any],
    duplicate: ScaleDuplicateResource,
) -> Task:
    """Return the task that has the ``unique_id`` of a task that was not created.

    Args:
        calls: The client.
        task_type: Type of the task that was not created.
        params: Parameters of that task.
        duplicate: The error of the API.

    Raises:
        ScaleDuplicateResource: The ``unique_id`` belongs to a task of another type or
            project, or to something that is not listed among the tasks.
    """
    # api-notes: unique-id-conflict
    unique_id = params.get("unique_id")
    if unique_id in (None, ""):
        raise duplicate
    listed = calls.tasks(unique_id=unique_id)
    task = next((t for t in listed if t.as_dict().get("unique_id") == unique_id), None)
    if task is None:
        # Evaluation and training tasks have unique ids, too, and are not listed.
        raise duplicate
    expected = {"type": task_type, "project": params.get("project")}
    for name, value in expected.items():
        actual = task.as_dict().get(name)
        if value is not None and actual != value:
            raise explained(
                duplicate,
                f"unique_id {unique_id!r} belongs to task {task.id}, whose {name} is "
                f"{actual!r}, not {value!r}: choose another unique_id",
            ) from duplicate
    return task
