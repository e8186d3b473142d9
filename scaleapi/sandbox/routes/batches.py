"""Handlers of the operations on batches."""

from __future__ import annotations

import math

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.body_values import metadata_of, required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.projects import known_project
from scaleapi.sandbox.services.completion import finalize
from scaleapi.sandbox.statuses import STATUSES
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

_FLAGS = ("calibration_batch", "self_label_batch")


def create_batch(context: RequestContext) -> Document:
    body = context.object
    project = known_project(context, required_string(body, "project"))
    name = required_string(body, "name")
    callback = body.get("callback", "")
    if not isinstance(callback, str):
        raise invalid('"callback" must be a string')
    for flag in _FLAGS:
        if not isinstance(body.get(flag, False), bool):
            raise invalid(f'"{flag}" must be a boolean')
    flags = {flag: True for flag in _FLAGS if body.get(flag)}
    status, metadata = _first_status(context, project), metadata_of(body)
    return add_batch(context, name, project, status, callback, metadata, **flags)


def add_batch(
    context: RequestContext,
    name: str,
    project: Document,
    status: str,
    callback: str,
    metadata: Document,
    **flags: bool,
) -> Document:
    """Record a new batch; return its document.

    Raises:
        ApiError: The `name` is in use; the status is 409.
    """
    if context.store.batches.get(name) is not None:
        raise ApiError(409, f'Batch with name "{name}" already exists')
    batch = {
        "name": name,
        "project": project["name"],
        "status": status,
        "callback": callback,
        "created_at": to_text(context.now),
        "metadata": metadata,
        **flags,
    }
    context.store.batches.add(batch, context.now)
    return batch


def get_batch(context: RequestContext) -> Document:
    return _batch(context)


def finalize_batch(context: RequestContext) -> Document:
    batch = _batch(context)
    finalize(context.store, batch, context.now)
    return batch


def set_metadata(context: RequestContext) -> Document:
    batch = _batch(context)
    batch["metadata"] = metadata_of({"metadata": context.raw_object})
    context.store.batches.save(batch)
    return batch


def batch_status(context: RequestContext) -> Document:
    batch = _batch(context)
    counts = context.store.tasks.count_by_status(batch["name"])
    known = {status: counts[status] for status in STATUSES if status in counts}
    return {"status": batch["status"], **known}


def list_batches(context: RequestContext) -> Document:
    query = context.query
    batch_filter = BatchFilter(
        project=query.strings("project"),
        status=query.strings("status"),
        created_from=query.earliest("start_time"),
        created_to=query.latest("end_time"),
        exclude_archived=query.boolean("exclude_archived"),
    )
    limit, offset = query.page_bounds()
    docs, total = context.store.batches.page(batch_filter, limit=limit, offset=offset)
    has_more = offset + len(docs) < total
    return {
        "docs": docs,
        "totalDocs": total,
        "limit": limit,
        "offset": offset,
        "has_more": has_more,
        # The same for those who count pages, from 1; an empty list has one.
        "totalPages": max(1, math.ceil(total / limit)),
        "hasNextPage": has_more,
        "nextPage": offset // limit + 2 if has_more else None,
    }


def _first_status(context: RequestContext, project: Document) -> str:
    if not context.store.world.live:
        return "in_progress"
    # Accounts differ for standard projects only.
    is_standard = project["projectType"] == "standard"
    # api-notes: new-batch
    return context.options.new_batches if is_standard else "staging"


def _batch(context: RequestContext) -> Document:
    name = context.path["name"]
    batch = context.store.batches.get(name)
    if batch is None:
        raise ApiError(404, f'Batch "{name}" not found')
    return batch
