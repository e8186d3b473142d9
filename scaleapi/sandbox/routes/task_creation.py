"""Makes the document of a new task from the request that creates it."""

from __future__ import annotations

import secrets
from typing import Any, Dict, Optional

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.body_values import metadata_of
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.task_creation_validation import check_parameters
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.tasks.enums import TaskType

_TYPES = frozenset(member.value for member in TaskType)

#: Parameters that stand on the first level of a document, in their order.
#: api-notes: first-level
_FIRST_LEVEL = (
    "instruction",
    "callback_url",
    "project",
    "batch",
    "unique_id",
    "tags",
    "priority",
    "urgency",
)
_NOT_PARAMS = frozenset(
    {*_FIRST_LEVEL, "metadata", "clear_unique_id_on_error", "project_param_version"}
)
#: What distinguishes a task from others is not inherited from its project.
_NOT_INHERITED = frozenset({"version", "created_at", "project", "batch", "unique_id"})


def new_id(moment: int) -> str:
    """Return an id as the API makes them: 24 digits, the time in front."""
    return f"{moment // 1000:08x}"[-8:] + secrets.token_hex(8)


def task_document(context: RequestContext, task_type: str) -> Document:
    """Return the document of the task that a request creates.

    Raises:
        ApiError: The type, project or batch is unknown, a parameter is missing or
            wrong, or the ``unique_id`` is in use.
    """
    parameters = _parameters(context, task_type)
    check_parameters(task_type, parameters)
    now = to_text(context.now)
    return {
        "task_id": _claimed_id(context, parameters.get("unique_id")),
        "created_at": now,
        "updated_at": now,
        "type": task_type,
        "status": "pending",
        "is_test": not context.store.world.live,
        **_first_level(parameters),
        "metadata": metadata_of(parameters),
        "params": _params(parameters),
    }


def quality_task_document(context: RequestContext, task_type: str) -> Document:
    """Return the document of the evaluation or training task of a request.

    Raises:
        ApiError: As for `task_document`.
    """
    parameters = _parameters(context, task_type)
    check_parameters(task_type, parameters, quality=True)
    answers = ("initial_response", "expected_response")
    return {
        "id": _claimed_id(context, parameters.get("unique_id")),
        "created_at": to_text(context.now),
        "type": task_type,
        **_first_level(parameters),
        "metadata": metadata_of(parameters),
        "params": {
            name: value
            for name, value in _params(parameters).items()
            if name not in answers
        },
        **{name: parameters[name] for name in answers if name in parameters},
    }


def _parameters(context: RequestContext, task_type: str) -> Dict[str, Any]:
    """Return all parameters of a new task, including inherited ones."""
    if task_type not in _TYPES:
        raise ApiError(404, f'Task type "{task_type}" not found')
    body = context.object
    project_name = _project_name(context, body)
    if project_name is None:
        return body
    project = context.store.projects.get(project_name)
    if project is None:
        raise ApiError(404, f'Project "{project_name}" not found')
    refused = context.options.project_type_mismatch == "refused"
    if refused and project["type"] != task_type:
        raise ApiError(
            400,
            f'Project "{project_name}" takes tasks of type {project["type"]}, '
            f"not {task_type}",
        )
    inherited = _version_of(project, body.get("project_param_version"))
    return {
        **{
            name: value
            for name, value in inherited.items()
            if name not in _NOT_INHERITED and value is not None
        },
        **body,
        "project": project_name,
    }


def _project_name(context: RequestContext, body: Dict[str, Any]) -> Optional[str]:
    """Return the name of the project, which follows from the batch if one is given."""
    project, batch_name = body.get("project"), body.get("batch")
    for name, value in (("project", project), ("batch", batch_name)):
        if value is not None and not isinstance(value, str):
            raise invalid(f'"{name}" must be a string')
    if batch_name is None:
        return project
    batch = context.store.batches.get(batch_name)
    if batch is None:
        raise ApiError(404, f'Batch "{batch_name}" not found')
    if batch["status"] == "cancelled":
        # api-notes: v2-batch-states
        raise ApiError(400, f'Batch "{batch_name}" is cancelled and takes no tasks')
    if project is not None and project != batch["project"]:
        raise ApiError(
            400,
            f'Batch "{batch_name}" belongs to project "{batch["project"]}", '
            f'not "{project}"',
        )
    return str(batch["project"])


def _version_of(project: Document, version: Any) -> Dict[str, Any]:
    # api-notes: project-parameters
    history = project["param_history"]
    if version is None:
        return history[-1] if history else {}
    for params in history:
        if params["version"] == version and not isinstance(version, bool):
            return dict(params)
    raise invalid(f'"project_param_version": the project has no version {version}')


def _claimed_id(context: RequestContext, unique_id: Optional[str]) -> str:
    """Return a new task id, to which the unique id belongs from now on."""
    task_id = new_id(context.now)
    if unique_id:
        claim_unique_id(context, unique_id, task_id)
    return task_id


def claim_unique_id(context: RequestContext, unique_id: str, task_id: str) -> None:
    """Give a unique id to a task.

    Raises:
        ApiError: Another task has `unique_id`; the status is 409. Scripts read the
            id of that task from the last parentheses of the text.
            api-notes: unique-id-conflict
    """
    owner = context.store.tasks.owner_of(unique_id)
    if owner is not None:
        raise ApiError(
            409,
            f'The unique_id ("{unique_id}") is already used for a different '
            f"task ({owner}).",
        )
    context.store.tasks.claim(unique_id, task_id)


def _first_level(parameters: Dict[str, Any]) -> Dict[str, Any]:
    fields = {name: parameters[name] for name in _FIRST_LEVEL if name in parameters}
    if "tags" in fields:
        fields["tags"] = list(dict.fromkeys(fields["tags"]))
    if fields.get("unique_id") == "":
        del fields["unique_id"]
    return fields


def _params(parameters: Dict[str, Any]) -> Dict[str, Any]:
    return {
        name: value for name, value in parameters.items() if name not in _NOT_PARAMS
    }
