"""The attachments of a task, and the annotations drawn on its images."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from scaleapi.annotations import Annotations, parse
from scaleapi.annotations.drawing import Drawing, color_of, drawing_of
from scaleapi.sandbox.page.security import origin_of
from scaleapi.sandbox.services.hosting import Hosting, file_id_of
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.mime_types import TASKS_OF_IMAGES

MAX_ATTACHMENTS = 100
MAX_PICTURES = 12
_MAX_SIDE = 100_000
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


@dataclass(frozen=True)
class Picture:
    """An image and what is drawn on it.

    Attributes:
        attachment: The image.
        drawing: The annotations, and the size of the canvas.
        overlay: URL of an image to draw over this one.
        prelabeled: Whether the annotations are those of the pre-label, since there is
            no response yet.
    """

    attachment: Attachment
    drawing: Drawing
    overlay: Optional[str] = None
    prelabeled: bool = False


class Finder:
    """Looks up attachments in one world."""

    def __init__(self, store: Store, hosting: Hosting) -> None:
        self._store = store
        self._hosting = hosting

    def attachments(self, task: Document) -> List[Attachment]:
        """Return the attachments of a task, up to a limit."""
        params = task["params"]
        single, several = params.get("attachment"), params.get("attachments")
        values = ([] if single is None else [single]) + (
            several if isinstance(several, list) else []
        )
        kind = str(params.get("attachment_type", ""))
        if not kind and task["type"] in TASKS_OF_IMAGES:
            kind = "image"
        return [self.attachment(value, kind) for value in values[:MAX_ATTACHMENTS]]

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


def pictures_of(
    task: Document, attachments: List[Attachment], finder: Finder
) -> Tuple[List[Picture], Dict[str, int]]:
    """Return the images of a task, and label -> number of its color."""
    colors: Dict[str, int] = {}
    prelabeled = "response" not in task
    # A pre-label has the form of a response. api-notes: prelabels
    annotations = parse(task["params"].get("hypothesis") if prelabeled else task)
    if annotations.page_sizes and annotations.shapes:
        return _pages(attachments, annotations, colors), colors
    images = [a for a in attachments if a.image is not None][:MAX_PICTURES]
    if not images and (annotations.shapes or task["type"] in TASKS_OF_IMAGES):
        images = attachments[:1] or [Attachment("")]
    pictures = []
    for number, image in enumerate(images):
        # All annotations are those of the first image.
        drawn, overlay = (
            (parse(None), None) if number else (annotations, _overlay(task, finder))
        )
        size = _usable(image.size)
        pictures.append(
            Picture(
                image,
                drawing_of(drawn, size=size, colors=colors),
                overlay,
                prelabeled,
            )
        )
    for entity in annotations.entities:
        color_of(str(entity.label), colors)
    return pictures, colors


def _pages(
    attachments: List[Attachment], annotations: Annotations, colors: Dict[str, int]
) -> List[Picture]:
    """Return the pages of a document, each with its features."""
    # api-notes: documents
    return [
        Picture(
            attachments[number] if number < len(attachments) else Attachment(""),
            drawing_of(annotations, size=_usable(size), page=number, colors=colors),
        )
        for number, size in enumerate(annotations.page_sizes[:MAX_PICTURES])
    ]


def _usable(size: Optional[Tuple[float, float]]) -> Optional[Tuple[float, float]]:
    if size is None or not all(0 < side <= _MAX_SIDE for side in size):
        return None
    return size


def _overlay(task: Document, finder: Finder) -> Optional[str]:
    """Return the image of a segmentation if this sandbox serves it."""
    # api-notes: segmentation
    image = parse(task).segments.image
    href = finder.link(image) if isinstance(image, str) else None
    return href if href is not None and href.startswith("/") else None


def _ending(text: str) -> str:
    try:
        return posixpath.splitext(urlsplit(text).path)[1].lower()
    except ValueError:
        return ""


def _name(text: str) -> str:
    return posixpath.basename(text.partition("?")[0]) or text[:80]
