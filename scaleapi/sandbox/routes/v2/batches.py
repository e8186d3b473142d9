"""Handlers of the operations of v2 on batches."""

from __future__ import annotations

from scaleapi.sandbox.routes import batches as batches_of_v1
from scaleapi.sandbox.routes.body_values import metadata_of, required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.page_tokens import cursor_of, token_of
from scaleapi.sandbox.routes.v2.documents import Documents, merged, with_token
from scaleapi.sandbox.routes.v2.lookups import (
    a_string,
    asked,
    chat_projects,
    find_project,
    given,
    known_batch,
    known_project,
)
from scaleapi.sandbox.services import batch_states
from scaleapi.sandbox.services.completion import finalize
from scaleapi.sandbox.store.batches import BatchFilter
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.errors import ApiError, invalid

EXPAND = ("project",)


def get_batch(context: RequestContext) -> Document:
    expand = asked(context, "expand", EXPAND)
    values = given(context, "batch_id", "batch_name")
    return Documents(context.store, expand).batch(known_batch(context, values))


def get_batches(context: RequestContext) -> Document:
    query = context.query
    expand = asked(context, "expand", EXPAND)
    project = find_project(context, given(context, "project_id", "project_name"))
    projects = chat_projects(context) if project is None else [project]
    batch_filter = BatchFilter(
        project=[each["name"] for each in projects],
        status=query.string("status"),
        created_from=query.earliest("created_after"),
        created_to=query.latest("created_before"),
        completed_from=query.earliest("completed_after"),
        completed_to=query.latest("completed_before"),
    )
    found, following = context.store.batches.page_before(
        batch_filter,
        limit=query.integer("limit", 100, 1, 100),
        before=cursor_of(query.string("next_token")),
    )
    documents = Documents(context.store, expand)
    page = {"batches": [documents.batch(batch) for batch in found]}
    return with_token(page, following and token_of(following))


def create_batch(context: RequestContext) -> Document:
    body = context.object
    name = required_string(body, "name")
    # Scale's documentation calls it ``project``, its client ``project_id``.
    # api-notes: v2-create-batch
    project_id = a_string(body, "project_id") or a_string(body, "project")
    project = known_project(context, {**body, "project_id": project_id})
    callback = body.get("callback", "")
    if not isinstance(callback, str):
        raise invalid('"callback" must be a string')
    is_staging = body.get("staging_batch", False)
    if not isinstance(is_staging, bool):
        raise invalid('"staging_batch" must be a boolean')
    batch = batches_of_v1.add_batch(
        context,
        name,
        project,
        # api-notes: v2-batch-states
        "staging" if is_staging else "in_progress",
        callback,
        metadata_of(body),
    )
    return Documents(context.store).batch(batch)


def finalize_batch(context: RequestContext) -> Document:
    batch = _batch_for(context, "finalize")
    finalize(context.store, batch, context.now)
    return Documents(context.store).batch(batch)


def pause_batch(context: RequestContext) -> Document:
    batch = _batch_for(context, "pause")
    batch_states.pause(context.store, batch)
    return _initiated(context, batch, "pause", "Only unstarted tasks will be paused.")


def resume_batch(context: RequestContext) -> Document:
    batch = _batch_for(context, "resume")
    batch_states.resume(context.store, batch, context.now)
    return _initiated(context, batch, "resume", "Paused tasks will be resumed.")


def cancel_batch(context: RequestContext) -> Document:
    batch = _batch_for(context, "cancel")
    batch_states.cancel(context.store, batch, context.now)
    return _initiated(
        context, batch, "cancel", "Only unstarted tasks will be canceled."
    )


def set_batch_metadata(context: RequestContext) -> Document:
    batch = known_batch(context, context.object)
    batch["metadata"] = new_metadata(context, batch)
    context.store.batches.save(batch)
    return Documents(context.store).batch(batch)


def new_metadata(context: RequestContext, document: Document) -> Document:
    """Return the metadata that a request gives a batch or task.

    Raises:
        ApiError: The metadata is missing, of a wrong type or too large.
    """
    body = context.object
    merge = body.get("merge", False)
    if not isinstance(merge, bool):
        raise invalid('"merge" must be a boolean')
    if "metadata" not in body:
        raise invalid('"metadata" is required')
    new = metadata_of(body)
    if not merge:
        return new
    return metadata_of({"metadata": merged(document["metadata"], new)})


def _batch_for(context: RequestContext, operation: str) -> Document:
    """Return the batch that is named, if the operation is possible.

    Raises:
        ApiError: `operation` is not possible in the status of the batch; the status
            is 400.
    """
    batch = known_batch(context, context.object)
    allowed = batch_states.ALLOWED[operation]
    if batch["status"] not in allowed:
        raise ApiError(
            400,
            f'Cannot {operation} batch "{batch["name"]}": it is {batch["status"]}, '
            f"and has to be {' or '.join(allowed)}",
        )
    return batch


def _initiated(
    context: RequestContext, batch: Document, operation: str, effect: str
) -> Document:
    return {
        "batch": Documents(context.store).batch(batch),
        "message": f"Batch {operation} initiated. {effect}",
    }
