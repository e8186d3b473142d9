"""What a request of v2 names: by id, or by name.

api-notes: v2-lookups
"""

from __future__ import annotations

from typing import Any, Callable, Collection, List, Mapping, Optional, Set

from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.statuses import CHAT_TYPES
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

#: Parameters, each by its name.
Values = Mapping[str, Any]


def given(context: RequestContext, *names: str) -> Values:
    """Return parameters of the query; None for one that is not given."""
    return {name: context.query.string(name) for name in names}


def asked(context: RequestContext, name: str, known: Collection[str]) -> Set[str]:
    """Return the values of a list in the query, such as ``expand``.

    Raises:
        ApiError: A value is not among `known`; the status is 400.
    """
    values = context.query.strings(name) or []
    for value in values:
        if value not in known:
            raise invalid(f'"{name}" must be among {", ".join(known)}')
    return set(values)


def a_string(values: Values, name: str) -> Optional[str]:
    """Return a string; None if it is empty or not given.

    Raises:
        ApiError: The value is not a string; the status is 400.
    """
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f'"{name}" must be a string')
    return value or None


def known_project(context: RequestContext, values: Values) -> Document:
    """Return the project that is named.

    Raises:
        ApiError: None is named, or none is there that v2 shows.
    """
    return _required(find_project(context, values), "project_id", "project_name")


def find_project(context: RequestContext, values: Values) -> Optional[Document]:
    """Return the project that is named; None if none is.

    Raises:
        ApiError: `values` name none that v2 shows; the status is 404.
    """
    projects = context.store.projects
    project = _found("project", values, projects.by_id, projects.get)
    if project is not None and project["type"] not in CHAT_TYPES:
        raise ApiError(
            404,
            f'Project "{project["name"]}" not found: v2 has chat projects, '
            f"and this one is of type {project['type']}",
        )
    return project


def known_batch(context: RequestContext, values: Values) -> Document:
    """Return the batch that is named.

    Raises:
        ApiError: None is named, or none is there that v2 shows.
    """
    return _required(find_batch(context, values), "batch_id", "batch_name")


def find_batch(context: RequestContext, values: Values) -> Optional[Document]:
    """Return the batch that is named; None if none is.

    Raises:
        ApiError: `values` name none that v2 shows; the status is 404.
    """
    batches = context.store.batches
    batch = _found("batch", values, batches.by_id, batches.get)
    if batch is not None:
        known_project(context, {"project_name": batch["project"]})
    return batch


def known_task(context: RequestContext, task_id: str) -> Document:
    """Return a task that v2 shows.

    Raises:
        ApiError: `task_id` is no task that v2 shows; the status is 404.
    """
    task = context.store.tasks.get(task_id)
    if task is None:
        raise ApiError(404, "Task not found")
    if task["type"] not in CHAT_TYPES or "project" not in task:
        raise ApiError(404, "Task not found: v2 has chat tasks of projects only")
    return task


def known_delivery(context: RequestContext, values: Values) -> Document:
    """Return the delivery that is named, by its id or by a name and a project.

    Raises:
        ApiError: None is named, or none is there.
    """
    deliveries = context.store.deliveries
    delivery_id, name = (a_string(values, f"delivery_{n}") for n in ("id", "name"))
    project = find_project(context, values)
    if delivery_id is not None:
        delivery = deliveries.get(delivery_id)
    elif name is None:
        raise _missing("delivery_id", "delivery_name")
    elif project is None:
        raise _missing("project_id", "project_name")
    else:
        delivery = deliveries.named(project["name"], name)
    # Both of id and name may be given, and a project with an id.
    if (
        delivery is None
        or (name is not None and delivery["name"] != name)
        or (project is not None and delivery["project"] != project["name"])
    ):
        raise ApiError(404, "Delivery not found")
    return delivery


def chat_projects(context: RequestContext) -> List[Document]:
    """Return the projects that v2 shows, the oldest first."""
    projects = context.store.projects.all()
    return [project for project in projects if project["type"] in CHAT_TYPES]


def _found(
    kind: str,
    values: Values,
    by_id: Callable[[str], Optional[Document]],
    by_name: Callable[[str], Optional[Document]],
) -> Optional[Document]:
    """Return what is named by an id, a name or both; None if neither is given."""
    an_id, name = (a_string(values, f"{kind}_{n}") for n in ("id", "name"))
    if an_id is None and name is None:
        return None
    document = by_name(name or "") if an_id is None else by_id(an_id)
    if document is None or name not in (None, document["name"]):
        called = f'"{an_id or name}"' + (f' named "{name}"' if an_id and name else "")
        raise ApiError(404, f"{kind.capitalize()} {called} not found")
    return document


def _required(document: Optional[Document], *names: str) -> Document:
    if document is None:
        raise _missing(*names)
    return document


def _missing(*names: str) -> ApiError:
    words = " or ".join(f'"{name}"' for name in names)
    return invalid(f"{words} is required")
