"""Studio calls: assignments, groups of labelers, and the order of batches."""

from __future__ import annotations

from typing import Callable, Dict, List

from scaleapi.sandbox.routes.context import Call, invalid, required_text, required_texts
from scaleapi.sandbox.routes.projects import known_project
from scaleapi.sandbox.routes.task_creation import new_id
from scaleapi.sandbox.routes.teams import known_teammate
from scaleapi.sandbox.store.batches import StudioBatch
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError


def list_assignments(call: Call) -> Dict[str, List[str]]:
    return call.books.people.assignments()


def add_assignments(call: Call) -> Dict[str, List[str]]:
    return _reassign(call, call.books.people.assign)


def remove_assignments(call: Call) -> Dict[str, List[str]]:
    return _reassign(call, call.books.people.unassign)


def _reassign(call: Call, change: Callable[[str, str], None]) -> Dict[str, List[str]]:
    emails = required_texts(call.object, "emails")
    projects = required_texts(call.object, "projects")
    for project in projects:
        known_project(call, project)
    for email in emails:
        known_teammate(call, email)
        for project in projects:
            change(email, project)
    return call.books.people.assignments()


def list_groups(call: Call) -> List[Document]:
    project = known_project(call, call.path["project"])["name"]
    return call.books.people.groups(project)


def create_group(call: Call) -> Document:
    project = known_project(call, call.path["project"])["name"]
    name = required_text(call.object, "name")
    emails = _assigned(call, project, "emails")
    if call.books.people.group(project, name) is not None:
        raise ApiError(409, f'Group with name "{name}" already exists')
    group_id = new_id(call.now)
    call.books.people.add_group(group_id, project, name)
    call.books.people.join(group_id, emails)
    return _group(call, project, name)


def update_group(call: Call) -> Document:
    project = known_project(call, call.path["project"])["name"]
    group = _group(call, project, call.path["group"])
    call.books.people.join(group["id"], _assigned(call, project, "add_emails"))
    leaving = required_texts(call.object, "remove_emails")
    call.books.people.leave(group["id"], leaving)
    return _group(call, project, group["name"])


def list_batches(call: Call) -> List[Document]:
    return [_shown(call, batch) for batch in call.books.batches.in_studio()]


def assign_batch(call: Call) -> Document:
    name = call.path["name"]
    groups = required_texts(call.object, "groups")
    for batch in call.books.batches.in_studio():
        if batch.name == name:
            for group in groups:
                _group(call, batch.project, group)
            call.books.batches.set_groups(name, groups)
            return next(b for b in list_batches(call) if b["name"] == name)
    raise ApiError(404, f'Studio batch "{name}" not found')


def set_priorities(call: Call) -> List[Document]:
    given = call.object.get("batches")
    if not isinstance(given, list):
        raise invalid('"batches" must be an array')
    names = [required_text(b if isinstance(b, dict) else {}, "name") for b in given]
    if sorted(names) != sorted(b.name for b in call.books.batches.in_studio()):
        raise invalid('"batches" must name every pending Studio batch once')
    call.books.batches.set_priorities(names)
    return list_batches(call)


def reset_priorities(call: Call) -> List[Document]:
    call.books.batches.set_priorities([])
    return list_batches(call)


def _assigned(call: Call, project: str, key: str) -> List[str]:
    """Return the addresses given, all of people assigned to the project."""
    emails = required_texts(call.object, key)
    for email in emails:
        if not call.books.people.is_assigned(email, project):
            raise ApiError(400, f'"{email}" is not assigned to project "{project}"')
    return emails


def _group(call: Call, project: str, name: str) -> Document:
    group = call.books.people.group(project, name)
    if group is None:
        raise ApiError(404, f'Group "{name}" not found')
    return group


def _shown(call: Call, batch: StudioBatch) -> Document:
    counts = call.books.tasks.count_by_status(batch.name)
    return {
        "id": call.books.batches.stable_id("batch", batch.name),
        "name": batch.name,
        "projectId": call.books.projects.stable_id("project", batch.project),
        "projectName": batch.project,
        "batchType": "Production",
        "studioPriority": batch.priority,
        "total": sum(counts.values()),
        "completed": counts.get("completed", 0),
        "groups": batch.groups,
    }
