"""Handlers of the Studio operations: assignments, groups, priorities of batches."""

from __future__ import annotations

from typing import Callable, Dict, List

from scaleapi.sandbox.routes.body_values import required_string, required_strings
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.projects import known_project
from scaleapi.sandbox.routes.task_creation import new_id
from scaleapi.sandbox.routes.teams import known_teammate
from scaleapi.sandbox.store.batches import StudioBatch
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid


def list_assignments(context: RequestContext) -> Dict[str, List[str]]:
    return context.store.people.assignments()


def add_assignments(context: RequestContext) -> Dict[str, List[str]]:
    return _reassign(context, context.store.people.assign)


def remove_assignments(context: RequestContext) -> Dict[str, List[str]]:
    return _reassign(context, context.store.people.unassign)


def _reassign(
    context: RequestContext, change: Callable[[str, str], None]
) -> Dict[str, List[str]]:
    emails = required_strings(context.object, "emails")
    projects = required_strings(context.object, "projects")
    for project in projects:
        known_project(context, project)
    for email in emails:
        known_teammate(context, email)
        for project in projects:
            change(email, project)
    return context.store.people.assignments()


def list_groups(context: RequestContext) -> List[Document]:
    project = known_project(context, context.path["project"])["name"]
    return context.store.people.groups(project)


def create_group(context: RequestContext) -> Document:
    project = known_project(context, context.path["project"])["name"]
    name = required_string(context.object, "name")
    emails = _assigned(context, project, "emails")
    if context.store.people.group(project, name) is not None:
        raise ApiError(409, f'Group with name "{name}" already exists')
    group_id = new_id(context.now)
    context.store.people.add_group(group_id, project, name)
    context.store.people.join(group_id, emails)
    return _group(context, project, name)


def update_group(context: RequestContext) -> Document:
    project = known_project(context, context.path["project"])["name"]
    group = _group(context, project, context.path["group"])
    context.store.people.join(group["id"], _assigned(context, project, "add_emails"))
    leaving = required_strings(context.object, "remove_emails")
    context.store.people.leave(group["id"], leaving)
    return _group(context, project, group["name"])


def list_batches(context: RequestContext) -> List[Document]:
    return [_document(context, batch) for batch in context.store.batches.in_studio()]


def assign_batch(context: RequestContext) -> Document:
    name = context.path["name"]
    groups = required_strings(context.object, "groups")
    for batch in context.store.batches.in_studio():
        if batch.name == name:
            for group in groups:
                _group(context, batch.project, group)
            context.store.batches.set_groups(name, groups)
            return next(b for b in list_batches(context) if b["name"] == name)
    raise ApiError(404, f'Studio batch "{name}" not found')


def set_priorities(context: RequestContext) -> List[Document]:
    batches = context.object.get("batches")
    if not isinstance(batches, list):
        raise invalid('"batches" must be an array')
    names = [required_string(b if isinstance(b, dict) else {}, "name") for b in batches]
    if sorted(names) != sorted(b.name for b in context.store.batches.in_studio()):
        raise invalid('"batches" must name every pending Studio batch once')
    context.store.batches.set_priorities(names)
    return list_batches(context)


def reset_priorities(context: RequestContext) -> List[Document]:
    context.store.batches.set_priorities([])
    return list_batches(context)


def _assigned(context: RequestContext, project: str, key: str) -> List[str]:
    """Return the addresses given, all of people assigned to the project."""
    emails = required_strings(context.object, key)
    for email in emails:
        if not context.store.people.is_assigned(email, project):
            raise ApiError(400, f'"{email}" is not assigned to project "{project}"')
    return emails


def _group(context: RequestContext, project: str, name: str) -> Document:
    group = context.store.people.group(project, name)
    if group is None:
        raise ApiError(404, f'Group "{name}" not found')
    return group


def _document(context: RequestContext, batch: StudioBatch) -> Document:
    counts = context.store.tasks.count_by_status(batch.name)
    return {
        "id": context.store.batches.stable_id("batch", batch.name),
        "name": batch.name,
        "projectId": context.store.projects.stable_id("project", batch.project),
        "projectName": batch.project,
        "batchType": "Production",
        "studioPriority": batch.priority,
        "total": sum(counts.values()),
        "completed": counts.get("completed", 0),
        "groups": batch.groups,
    }
