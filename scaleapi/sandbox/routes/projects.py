"""Handlers of the operations on projects."""

from __future__ import annotations

from typing import Any, Dict, List

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.body_values import required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.tasks.enums import TaskType

_TYPES = frozenset(member.value for member in TaskType)
#: Types of the projects that have a template.
#: api-notes: templates
_TEMPLATED = frozenset({"textcollection", "chat"})


def create_project(context: RequestContext) -> Document:
    body = context.object
    task_type = required_string(body, "type")
    if task_type not in _TYPES:
        raise ApiError(404, f'Task type "{task_type}" not found')
    name = required_string(body, "name")
    params = body.get("params")
    if params is not None and not isinstance(params, dict):
        raise invalid('"params" must be an object')
    kinds = {}
    for flag in ("rapid", "studio"):
        kinds[flag] = body.get(flag, False)
        if not isinstance(kinds[flag], bool):
            raise invalid(f'"{flag}" must be a boolean')
    if context.store.projects.get(name) is not None:
        raise ApiError(409, f'Project with name "{name}" already exists')
    kind = next((flag for flag, is_set in kinds.items() if is_set), "standard")
    project: Document = {
        "type": task_type,
        "name": name,
        "created_at": to_text(context.now),
        "param_history": [],
        "projectType": kind,
        "archived": False,
    }
    if "datasetId" in body:
        project["datasetId"] = body["datasetId"]
    if params is not None:
        _add_version(context, project, params)
    context.store.projects.add(project)
    return project


def get_project(context: RequestContext) -> Document:
    return known_project(context, context.path["name"])


def list_projects(context: RequestContext) -> List[Document]:
    projects = context.store.projects.all()
    if context.query.string("archived") is None:
        return projects
    archived = context.query.boolean("archived")
    return [project for project in projects if project["archived"] == archived]


def set_params(context: RequestContext) -> Document:
    project = known_project(context, context.path["name"])
    body = context.object
    patch = body.pop("patch", False)
    if not isinstance(patch, bool):
        raise invalid('"patch" must be a boolean')
    history = project["param_history"]
    newest = history[-1] if patch and history else {}
    _add_version(context, project, {**newest, **body})
    context.store.projects.save(project)
    return project


def get_template(context: RequestContext) -> Document:
    project = known_project(context, context.path["name"])
    if project["type"] not in _TEMPLATED:
        raise ApiError(400, f'Projects of type "{project["type"]}" have no template')
    history = project["param_history"]
    newest = history[-1] if history else {}
    fields = newest.get("fields")
    return {
        "id": context.store.projects.stable_id("template", project["name"]),
        "version": newest.get("version", 0),
        "created_at": project["created_at"],
        "updated_at": newest.get("created_at", project["created_at"]),
        # api-notes: templates
        "template_variables": {
            field["field_id"]: {"type": field.get("type")}
            for field in (fields if isinstance(fields, list) else [])
            if isinstance(field, dict) and isinstance(field.get("field_id"), str)
        },
        "response_schema": {},
        "auto_onboard_enabled": False,
    }


def known_project(context: RequestContext, name: str) -> Document:
    """Return the project of this name.

    Raises:
        ApiError: No project is called `name`; the status is 404.
    """
    project = context.store.projects.get(name)
    if project is None:
        raise ApiError(404, f'Project "{name}" not found')
    return project


def _add_version(
    context: RequestContext, project: Document, params: Dict[str, Any]
) -> None:
    """Add to the history; version and time are the server's, whatever is given."""
    history = project["param_history"]
    own = {"version": len(history), "created_at": to_text(context.now)}
    history.append({**own, **{k: v for k, v in params.items() if k not in own}})
