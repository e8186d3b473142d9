"""Signed addresses of a task's attachments, as its document lists them."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional

from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.services.hosting import (
    Attachment,
    described_attachments,
    file_id_of,
)
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.mime_types import (
    PDF,
    TASKS_OF_IMAGES,
    UNKNOWN,
    type_by_address,
    usual_type,
)

#: Kinds of attachments of which the API keeps a converted copy for its labelers.
_CONVERTED = ("image/", "video/")


class _Description(NamedTuple):
    """What is known of an attachment: its type, and its pages if it has some."""

    mime_type: str
    pages: int = 1


def downloads_of(context: RequestContext, task: Document) -> List[Document]:
    """Return the entries of all attachments, freshly signed.

    An image or video has two: the original, then the copy that was converted for
    labelers. A PDF has one for each page.
    """
    kind = _kind(task["type"])
    return [
        entry
        for attachment in described_attachments(task["params"])
        for entry in _entries(
            context, attachment.address, _describe(context, attachment, kind)
        )
    ]


def _entries(
    context: RequestContext, address: str, described: _Description
) -> Iterator[Document]:
    copies = [False, True] if described.mime_type.startswith(_CONVERTED) else [False]
    for converted in copies:
        url = context.hosting.signed_url(
            address, context.store.world.id, converted=converted
        )
        for page in range(described.pages):
            metadata: Document = {"mimeType": described.mime_type}
            if described.mime_type == PDF:
                metadata.update(frame=page, totalFrames=described.pages)
            yield {
                "attachmentURL": address,
                "s3URL": url,
                "isConvertedImage": converted,
                "metadata": metadata,
            }


def _describe(
    context: RequestContext, attachment: Attachment, kind: Optional[str]
) -> _Description:
    file_id = file_id_of(attachment.address)
    known = None if file_id is None else context.store.files.type_and_pages(file_id)
    if known is not None:
        return _Description(*known)
    try:
        by_name = type_by_address(attachment.address)
    except ValueError:  # an address that nobody could open
        by_name = None
    of_kind = usual_type(attachment.kind or kind or "")
    return _Description(by_name or of_kind or UNKNOWN)


def _kind(task_type: str) -> Optional[str]:
    """Return the kind of a task's attachments if nothing else determines it."""
    if task_type in TASKS_OF_IMAGES:
        return "image"
    return "video" if task_type == "videoplaybackannotation" else None
