"""MIME types of files, from their names and from what clients say."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from typing import Optional
from urllib.parse import urlsplit

PDF = "application/pdf"
UNKNOWN = "application/octet-stream"

#: Types of the tasks whose attachments are images, whatever their URLs say.
TASKS_OF_IMAGES = frozenset(
    {
        "imageannotation",
        "annotation",
        "polygonannotation",
        "lineannotation",
        "pointannotation",
        "cuboidannotation",
        "laneannotation",
        "segmentannotation",
    }
)

#: Kind of an attachment, as tasks name it -> its usual type.
_USUAL = {
    "image": "image/jpeg",
    "text": "text/plain",
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "website": "text/html",
    "pdf": PDF,
    "json": "application/json",
}
# As in RFC 9110: the type is sent back in a header, so nothing else is accepted.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MIME_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[ -~]*)?")
#: Maximum length of a type: clients refuse longer headers.
_MAX_CHARS = 255
# Without the machine's own tables, so that every machine answers the same.
_MIME_TYPES = mimetypes.MimeTypes()


def valid_type(text: Optional[str]) -> Optional[str]:
    """Return a type that a client has sent; None if it is not a MIME type."""
    if text is None or len(text) > _MAX_CHARS or not _MIME_TYPE.fullmatch(text):
        return None
    return text


def type_by_name(name: str) -> Optional[str]:
    """Return the type that follows from the extension of a file name."""
    return _MIME_TYPES.guess_type(posixpath.basename(name))[0]


def type_by_address(address: str) -> Optional[str]:
    """Return the type that follows from the extension in a URL.

    Raises:
        ValueError: `address` is not a valid URL.
    """
    return type_by_name(urlsplit(address).path)


def usual_type(kind: str) -> Optional[str]:
    """Return the type that most attachments of a kind have."""
    return _USUAL.get(kind)
