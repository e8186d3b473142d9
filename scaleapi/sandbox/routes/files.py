"""Handlers of the operations on files."""

from __future__ import annotations

import uuid
from typing import Any, Dict, Mapping

from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.routes.body_values import metadata_of, required_string
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.projects import known_project
from scaleapi.sandbox.services.hosting import file_url
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.bodies import parse_json
from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.sandbox.web.mime_types import UNKNOWN, type_by_address
from scaleapi.tasks.parameters import MAX_FILE_METADATA_BYTES


def upload_file(context: RequestContext) -> Document:
    upload = context.upload
    if upload is None:
        raise ApiError(400, "The body must be multipart/form-data")
    document = _document(context, upload.fields, upload.mime_type, upload.size)
    context.store.files.add(document, image_size=upload.image_size, pages=upload.pages)
    context.store.files.add_object(
        document["id"], upload.content, upload.mime_type, context.now, etag=upload.etag
    )
    return document


def import_file(context: RequestContext) -> Document:
    body = context.object
    url = required_string(body, "file_url")
    try:
        mime_type = type_by_address(url) or UNKNOWN
    except ValueError:
        raise invalid('"file_url" must be a URL') from None
    # The sandbox does not fetch the file.
    # api-notes: import
    document = _document(context, body, mime_type, 0)
    context.store.files.add(document, source=url)
    return document


def _document(
    context: RequestContext, body: Mapping[str, Any], mime_type: str, size: int
) -> Document:
    file_id = str(uuid.uuid4())
    project = body.get("project_name")
    reference = body.get("reference_id")
    for name in ("project_name", "reference_id", "display_name"):
        if not isinstance(body.get(name, ""), str):
            raise invalid(f'"{name}" must be a string')
    if project is not None:
        known_project(context, project)
    if reference is not None and context.store.files.has_reference(reference, project):
        where = "" if project is None else f' in project "{project}"'
        raise ApiError(
            409, f'File with reference_id "{reference}" already exists{where}'
        )
    document: Document = {
        "id": file_id,
        "attachment_url": file_url(context.store.world.account, file_id),
        "mime_type": mime_type,
        "size": size,
        "project_names": [] if project is None else [project],
        "created_at": to_text(context.now),
        "updated_at": to_text(context.now),
    }
    for name in ("display_name", "reference_id"):
        if name in body:
            document[name] = body[name]
    if "metadata" in body:
        document["metadata"] = metadata_of(
            _metadata_read(body), MAX_FILE_METADATA_BYTES
        )
    return document


def _metadata_read(body: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the metadata, which an upload has as text, and an import may have so."""
    metadata = body["metadata"]
    if isinstance(metadata, str):
        try:
            metadata = parse_json(metadata)
        except ValueError:
            raise invalid('"metadata" must be JSON') from None
    return {"metadata": metadata}
