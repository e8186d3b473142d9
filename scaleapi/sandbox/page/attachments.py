"""The attachments of a task, and which of them a page can link to or load."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from scaleapi.annotations import Annotations, parse
from scaleapi.sandbox.page.security import origin_of
from scaleapi.sandbox.services.completion import decoded_result
from scaleapi.sandbox.services.hosting import Hosting, file_id_of
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.mime_types import TASKS_OF_IMAGES

MAX_ATTACHMENTS = 100
_MAX_URL_CHARS = 2000
_MAX_DATA_URL_CHARS = 2_000_000

_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg"})
_DATA = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))


@dataclass(frozen=True)
class Attachment:
    """An attachment of a task.

    Attributes:
        text: The URL, or the text itself.
        kind: ``image``, ``text``, ..., or empty if unknown.
        href: A URL for a link, if a page may link to it.
        image: The URL from which an image is loaded; None for other attachments.
        origin: The origin that the content security policy has to allow for the
            image.
        size: Width and height in pixels, if known.
        name: The display name.
    """

    text: str
    kind: str = ""
    href: Optional[str] = None
    image: Optional[str] = None
    origin: Optional[str] = None
    size: Optional[Tuple[int, int]] = None
    name: str = ""


class Finder:
    """Looks up attachments in one world."""

    def __init__(self, store: Store, hosting: Hosting) -> None:
        self._store = store
        self._hosting = hosting

    def attachments(self, task: Document) -> List[Attachment]:
        """Return the attachments of a task, up to a limit."""
        kind = _kind_of(task)
        values = _values_of(task)[:MAX_ATTACHMENTS]
        return [self.attachment(value, kind) for value in values]

    def attachment_at(self, task: Document, position: int) -> Optional[Attachment]:
        """Return one attachment of a task; None if it has fewer."""
        values = _values_of(task)
        if not 0 <= position < len(values):
            return None
        return self.attachment(values[position], _kind_of(task))

    def annotations(self, task: Document) -> Tuple[Annotations, Dict[str, Any]]:
        """Return the annotations of a task, and the content of its result files.

        Before there is a response, the annotations are those of the pre-label.
        """
        if "response" not in task:
            # A pre-label has the form of a response. api-notes: prelabels
            return parse(task["params"].get("hypothesis")), {}
        results = {
            key: decoded_result(self._store, self._hosting, url)
            for key, url in parse(task).result_urls.items()
        }
        known = {key: value for key, value in results.items() if value is not None}
        return parse(task, known), known

    def attachment(self, value: Any, kind: str) -> Attachment:
        """Return an attachment in any of the forms that tasks use."""
        if isinstance(value, dict):
            kind = str(value.get("type") or kind)
            for key in ("attachment", "content", "url"):
                if isinstance(value.get(key), str):
                    value = value[key]
                    break
        text = value if isinstance(value, str) else ""
        if kind == "text" and "://" not in text:
            return Attachment(text, kind)
        if text.startswith(_DATA) and len(text) <= _MAX_DATA_URL_CHARS:
            name = text.partition(",")[0] + ",…"
            return Attachment(name, "image", image=text, name=name)
        file_id = file_id_of(text)
        if file_id is not None:
            return self._uploaded(text, file_id, kind)
        attachment = Attachment(text[:_MAX_URL_CHARS], kind, name=_name(text))
        href = self.link(text)
        if href is None:
            return attachment
        is_image = kind == "image" or (not kind and _ending(text) in _ENDINGS)
        if not is_image:
            return replace(attachment, href=href)
        origin = None if href.startswith("/") else origin_of(text)
        return replace(attachment, kind="image", href=href, image=href, origin=origin)

    def link(self, text: str) -> Optional[str]:
        """Return the URL for a link to a text; None if it is not a safe URL."""
        if len(text) > _MAX_URL_CHARS or not text.isprintable() or " " in text:
            return None
        if text.startswith(f"{self._hosting.origin}/"):
            # Without the host, because the browser may use another name for it.
            return text[len(self._hosting.origin) :]
        return None if origin_of(text) is None else text

    def _uploaded(self, text: str, file_id: str, kind: str) -> Attachment:
        files, world = self._store.files, self._store.world
        document = files.get(file_id)
        if document is None:
            return Attachment(text[:_MAX_URL_CHARS], kind)
        url = self._hosting.signed_url(text, world.id)
        href = url[len(self._hosting.origin) :]
        is_image = str(document["mime_type"]).startswith("image/")
        size = files.image_size(file_id)
        return Attachment(
            text,
            "image" if is_image else kind,
            href,
            # An imported image is on another server and is not loaded.
            image=href if is_image and size is not None else None,
            size=size,
            name=str(document.get("display_name") or document["mime_type"]),
        )

    def thumbnail(self, task: Document) -> Optional[str]:
        """Return the URL of a task's image, if the sandbox serves it."""
        attachment = task["params"].get("attachment")
        if file_id_of(attachment) is None:
            return None
        return self.attachment(attachment, "").image


def number_of_attachments(task: Document) -> int:
    """Return how many attachments a task has."""
    return len(_values_of(task))


def _values_of(task: Document) -> List[Any]:
    params = task["params"]
    single, several = params.get("attachment"), params.get("attachments")
    return ([] if single is None else [single]) + (
        several if isinstance(several, list) else []
    )


def _kind_of(task: Document) -> str:
    """Return the kind of all attachments of a task; empty if it is not known."""
    kind = str(task["params"].get("attachment_type", ""))
    return kind or ("image" if task["type"] in TASKS_OF_IMAGES else "")


def _ending(text: str) -> str:
    try:
        return posixpath.splitext(urlsplit(text).path)[1].lower()
    except ValueError:
        return ""


def _name(text: str) -> str:
    return posixpath.basename(text.partition("?")[0]) or text[:80]
