"""Batch calls."""

from __future__ import annotations

import math

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.context import (
    Call,
    invalid,
    metadata_of,
    page_bounds,
    required_text,
)
from scaleapi.sandbox.routes.projects import known_project
from scaleapi.sandbox.services.completion import settle
from scaleapi.sandbox.statuses import STATUSES
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError

_FLAGS = ("calibration_batch", "self_label_batch")


def create_batch(call: Call) -> Document:
    given = call.object
    project = known_project(call, required_text(given, "project"))
    name = required_text(given, "name")
    callback = given.get("callback", "")
    if not isinstance(callback, str):
        raise invalid('"callback" must be a string')
    for flag in _FLAGS:
        if not isinstance(given.get(flag, False), bool):
            raise invalid(f'"{flag}" must be a boolean')
    metadata = metadata_of(given)
    if call.books.batches.get(name) is not None:
        raise ApiError(409, f'Batch with name "{name}" already exists')
    batch = {
        "name": name,
        "project": project["name"],
        "status": _first_status(call, project),
        "callback": callback,
        "created_at": to_text(call.now),
        "metadata": metadata,
        **{flag: True for flag in _FLAGS if given.get(flag)},
    }
    call.books.batches.add(batch, call.now)
    return batch


def get_batch(call: Call) -> Document:
    return _batch(call)


def finalize_batch(call: Call) -> Document:
    batch = _batch(call)
    if batch["status"] == "staging":
        batch["status"] = "in_progress"
        call.books.batches.save(batch)
        settle(call.books, batch, call.now)
    return batch


def set_metadata(call: Call) -> Document:
    batch = _batch(call)
    batch["metadata"] = metadata_of({"metadata": call.raw_object})
    call.books.batches.save(batch)
    return batch


def batch_status(call: Call) -> Document:
    batch = _batch(call)
    counts = call.books.tasks.count_by_status(batch["name"])
    told = {status: counts[status] for status in STATUSES if status in counts}
    return {"status": batch["status"], **told}


def list_batches(call: Call) -> Document:
    query = call.query
    wanted = BatchFilter(
        project=query.texts("project"),
        status=query.texts("status"),
        created_from=query.earliest("start_time"),
        created_to=query.latest("end_time"),
        exclude_archived=query.flag("exclude_archived"),
    )
    limit, offset = page_bounds(query)
    docs, total = call.books.batches.page(wanted, limit=limit, offset=offset)
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


def _first_status(call: Call, project: Document) -> str:
    if not call.books.world.live:
        return "in_progress"
    # Accounts differ for standard projects only.
    is_standard = project["projectType"] == "standard"
    return call.options.new_batches if is_standard else "staging"


def _batch(call: Call) -> Document:
    name = call.path["name"]
    batch = call.books.batches.get(name)
    if batch is None:
        raise ApiError(404, f'Batch "{name}" not found')
    return batch
