"""Handlers of the operations of v2 on projects, which it only reads."""

from __future__ import annotations

from scaleapi.sandbox.clock import to_timestamp_ms
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.v2.documents import Documents
from scaleapi.sandbox.routes.v2.lookups import chat_projects, given, known_project
from scaleapi.sandbox.store.repository import Document


def get_project(context: RequestContext) -> Document:
    values = given(context, "project_id", "project_name")
    return Documents(context.store).project(known_project(context, values))


def get_projects(context: RequestContext) -> Document:
    earliest = context.query.earliest("created_after")
    latest = context.query.latest("created_before")
    documents = Documents(context.store)
    projects = []
    for project in chat_projects(context):
        created_at = to_timestamp_ms(project["created_at"], earliest=True)
        if (earliest is None or earliest <= created_at) and (
            latest is None or created_at <= latest
        ):
            projects.append(documents.project(project))
    return {"projects": projects}
