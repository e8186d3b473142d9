"""Project calls."""

from __future__ import annotations

from typing import Any, Dict, List

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.context import Call, invalid, required_text
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.tasks.enums import TaskType

_TYPES = frozenset(member.value for member in TaskType)
#: Contract 6.9: only text collection and chat have a template.
_TEMPLATED = frozenset({"textcollection", "chat"})


def create_project(call: Call) -> Document:
    given = call.object
    task_type = required_text(given, "type")
    if task_type not in _TYPES:
        raise ApiError(404, f'Task type "{task_type}" not found')
    name = required_text(given, "name")
    params = given.get("params")
    if params is not None and not isinstance(params, dict):
        raise invalid('"params" must be an object')
    kinds = {}
    for flag in ("rapid", "studio"):
        kinds[flag] = given.get(flag, False)
        if not isinstance(kinds[flag], bool):
            raise invalid(f'"{flag}" must be a boolean')
    if call.books.projects.get(name) is not None:
        raise ApiError(409, f'Project with name "{name}" already exists')
    kind = next((flag for flag, wanted in kinds.items() if wanted), "standard")
    project: Document = {
        "type": task_type,
        "name": name,
        "created_at": to_text(call.now),
        "param_history": [],
        "projectType": kind,
        "archived": False,
    }
    if "datasetId" in given:
        project["datasetId"] = given["datasetId"]
    if params is not None:
        _add_version(call, project, params)
    call.books.projects.add(project)
    return project


def get_project(call: Call) -> Document:
    return known_project(call, call.path["name"])


def list_projects(call: Call) -> List[Document]:
    projects = call.books.projects.all()
    if call.query.text("archived") is None:
        return projects
    archived = call.query.flag("archived")
    return [project for project in projects if project["archived"] == archived]


def set_params(call: Call) -> Document:
    project = known_project(call, call.path["name"])
    given = call.object
    patch = given.pop("patch", False)
    if not isinstance(patch, bool):
        raise invalid('"patch" must be a boolean')
    history = project["param_history"]
    newest = history[-1] if patch and history else {}
    _add_version(call, project, {**newest, **given})
    call.books.projects.save(project)
    return project


def get_template(call: Call) -> Document:
    project = known_project(call, call.path["name"])
    if project["type"] not in _TEMPLATED:
        raise ApiError(400, f'Projects of type "{project["type"]}" have no template')
    history = project["param_history"]
    newest = history[-1] if history else {}
    fields = newest.get("fields")
    return {
        "id": call.books.projects.stable_id("template", project["name"]),
        "version": newest.get("version", 0),
        "created_at": project["created_at"],
        "updated_at": newest.get("created_at", project["created_at"]),
        # Contract 6.9: an object of unknown form; ours tells the fields' types.
        "template_variables": {
            field["field_id"]: {"type": field.get("type")}
            for field in (fields if isinstance(fields, list) else [])
            if isinstance(field, dict) and isinstance(field.get("field_id"), str)
        },
        "response_schema": {},
        "auto_onboard_enabled": False,
    }


def known_project(call: Call, name: str) -> Document:
    """Return the project of this name.

    Raises:
        ApiError: There is none.
    """
    project = call.books.projects.get(name)
    if project is None:
        raise ApiError(404, f'Project "{name}" not found')
    return project


def _add_version(call: Call, project: Document, params: Dict[str, Any]) -> None:
    """Add to the history; version and time are the server's, whatever is given."""
    history = project["param_history"]
    own = {"version": len(history), "created_at": to_text(call.now)}
    history.append({**own, **{k: v for k, v in params.items() if k not in own}})
