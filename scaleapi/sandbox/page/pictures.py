"""The attachments of a task, and the annotations drawn on its images."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from scaleapi.sandbox.page import drawing
from scaleapi.sandbox.page.drawing import Shape
from scaleapi.sandbox.page.security import origin_of
from scaleapi.sandbox.services.hosting import Hosting, file_id_of
from scaleapi.sandbox.store import Store
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.mime_types import TASKS_OF_IMAGES

MAX_ATTACHMENTS = 100
MAX_PICTURES = 12
_MAX_URL_CHARS = 2000
_MAX_DATA_URL_CHARS = 2_000_000
#: Assumed width and height of pages and pictures of unknown size, in pixels.
#: api-notes: image-size
_USUAL_SIZE = (1280, 720)

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
    """An image and the shapes drawn on it.

    Attributes:
        attachment: The image.
        shapes: The annotations.
        overlay: URL of an image to draw over this one.
        size: Width and height of the canvas.
        sized: Whether `size` is the size of the image.
    """

    attachment: Attachment
    shapes: List[Shape] = field(default_factory=list)
    overlay: Optional[str] = None
    size: Tuple[int, int] = _USUAL_SIZE
    sized: bool = False


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
    response = task.get("response")
    response = response if isinstance(response, dict) else {}
    annotations = response.get("annotations")
    pages = task.get("document_pages")
    if isinstance(pages, list) and isinstance(annotations, list):
        return _pages(attachments, pages, annotations, colors), colors
    images = [a for a in attachments if a.image is not None][:MAX_PICTURES]
    shapes = drawing.shapes_of(annotations, colors)
    if not images and (shapes or task["type"] in TASKS_OF_IMAGES):
        images = attachments[:1] or [Attachment("")]
    overlay = _overlay(response, finder)
    pictures = [
        _picture(image, shapes if first else [], overlay if first else None)
        for first, image in (
            (number == 0, image) for number, image in enumerate(images)
        )
    ]
    _color_labels(response, colors)
    return pictures, colors


def _picture(
    attachment: Attachment,
    shapes: List[Shape],
    overlay: Optional[str] = None,
    size: Optional[Tuple[int, int]] = None,
) -> Picture:
    size = size or attachment.size
    if size is not None and min(size) > 0:
        return Picture(attachment, shapes, overlay, size, sized=True)
    width, height = _USUAL_SIZE
    for shape in shapes:
        width, height = (
            max(width, round(shape.reach[0])),
            max(height, round(shape.reach[1])),
        )
    return Picture(attachment, shapes, overlay, (width, height))


def _pages(
    attachments: List[Attachment],
    pages: List[Any],
    annotations: List[Any],
    colors: Dict[str, int],
) -> List[Picture]:
    """Return the pages of a document, each with its features."""
    # api-notes: documents
    shapes = drawing.shapes_of(annotations, colors)
    numbers = [
        annotation.get("page") if isinstance(annotation, dict) else None
        for annotation in annotations
    ]
    pictures = []
    for number, page in enumerate(pages[:MAX_PICTURES]):
        on_page = [s for s in shapes if numbers[s.number - 1] == number]
        attachment = (
            attachments[number] if number < len(attachments) else Attachment("")
        )
        pictures.append(_picture(attachment, on_page, size=_size(page)))
    return pictures


def _size(page: Any) -> Optional[Tuple[int, int]]:
    if not isinstance(page, dict):
        return None
    sides = page.get("width"), page.get("height")
    if all(type(side) is int and 0 < side <= 100_000 for side in sides):
        return int(page["width"]), int(page["height"])
    return None


def _overlay(response: Document, finder: Finder) -> Optional[str]:
    """Return the image of a segmentation if this sandbox serves it."""
    # api-notes: segmentation
    annotations = response.get("annotations")
    combined = annotations.get("combined") if isinstance(annotations, dict) else None
    image = combined.get("image") if isinstance(combined, dict) else None
    href = finder.link(image) if isinstance(image, str) else None
    return href if href is not None and href.startswith("/") else None


def _color_labels(response: Document, colors: Dict[str, int]) -> None:
    """Assign colors to the labels of the entities in a text."""
    annotations = response.get("annotations")
    for annotation in annotations if isinstance(annotations, list) else []:
        if isinstance(annotation, dict) and "start" in annotation:
            drawing.color_of(str(annotation.get("label", "")), colors)


def _ending(text: str) -> str:
    try:
        return posixpath.splitext(urlsplit(text).path)[1].lower()
    except ValueError:
        return ""


def _name(text: str) -> str:
    return posixpath.basename(text.partition("?")[0]) or text[:80]
