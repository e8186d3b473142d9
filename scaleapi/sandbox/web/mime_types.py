"""The type of a file, as its name and what is said of it tell."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from typing import Optional
from urllib.parse import urlsplit

PDF = "application/pdf"
UNKNOWN = "application/octet-stream"

#: Types of tasks whose attachments are images, whatever their addresses tell.
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
# RFC 9110: it goes back out as a header, so nothing else does.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MIME_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[ -~]*)?")
#: A longer one is not taken: the header would be one that clients refuse.
_MAX_CHARS = 255
# Without the machine's own tables, so that every machine answers the same.
_MIME_TYPES = mimetypes.MimeTypes()


def valid_type(text: Optional[str]) -> Optional[str]:
    """Return a type as somebody sent it, if it is one."""
    if text is None or len(text) > _MAX_CHARS or not _MIME_TYPE.fullmatch(text):
        return None
    return text


def type_by_name(name: str) -> Optional[str]:
    """Return the type that the extension of a file tells."""
    return _MIME_TYPES.guess_type(posixpath.basename(name))[0]


def type_by_address(address: str) -> Optional[str]:
    """Return the type that the extension in an address tells.

    Raises:
        ValueError: It is no address.
    """
    return type_by_name(urlsplit(address).path)


def usual_type(kind: str) -> Optional[str]:
    """Return the type that most attachments of a kind have."""
    return _USUAL.get(kind)
