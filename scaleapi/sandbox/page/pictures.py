"""The pictures of a task, each with the annotations that are drawn on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Tuple

from scaleapi.annotations import Annotations, parse
from scaleapi.annotations.drawing import color_of, drawing_of
from scaleapi.annotations.svg_text import Drawing
from scaleapi.sandbox.page.attachments import Attachment, Finder
from scaleapi.sandbox.page.frames import frame_count, is_of_frames
from scaleapi.sandbox.store.repository import Document
from scaleapi.sandbox.web.mime_types import TASKS_OF_IMAGES

MAX_PICTURES = 12
_MAX_SIDE = 100_000


@dataclass(frozen=True)
class Picture:
    """An image and what is drawn on it.

    Attributes:
        attachment: The image.
        drawing: The annotations, and the size of the canvas.
        overlay: URL of an image to draw over this one.
        name: What the picture is, if the attachment does not say it.
    """

    attachment: Attachment
    drawing: Drawing
    overlay: Optional[str] = None
    name: str = ""


def pictures_of(
    task: Document,
    found: Annotations,
    finder: Finder,
    frame: int,
    colors: Dict[str, int],
) -> List[Picture]:
    """Return the pictures of a task.

    Args:
        task: The document of the task.
        found: Its annotations.
        finder: Looks up the attachments.
        frame: Position of the frame to show, if the task is about frames.
        colors: Label -> number of its color; new labels are added.
    """
    attachments = finder.attachments(task)
    if found.page_sizes and found.shapes:
        pictures = _pages(attachments, found, colors)
    elif is_of_frames(task, found):
        pictures = _frame(task, found, finder, frame, colors)
    else:
        pictures = _images(task, attachments, found, finder, colors)
    for entity in found.entities:
        color_of(str(entity.label), colors)
    return pictures


def _images(
    task: Document,
    attachments: List[Attachment],
    found: Annotations,
    finder: Finder,
    colors: Dict[str, int],
) -> List[Picture]:
    images = [a for a in attachments if a.image is not None][:MAX_PICTURES]
    if not images and (found.shapes or task["type"] in TASKS_OF_IMAGES):
        images = attachments[:1] or [Attachment("")]
    pictures = []
    for number, image in enumerate(images):
        # All annotations are those of the first image.
        shown, overlay = (
            (parse(None), None) if number else (found, _overlay(found, finder))
        )
        drawing = drawing_of(shown, size=_usable(image.size), colors=colors)
        pictures.append(Picture(image, drawing, overlay))
    return pictures


def _pages(
    attachments: List[Attachment], found: Annotations, colors: Dict[str, int]
) -> List[Picture]:
    """Return the pages of a document, each with its features."""
    # api-notes: documents
    return [
        Picture(
            attachments[number] if number < len(attachments) else Attachment(""),
            drawing_of(found, size=_usable(size), page=number, colors=colors),
            name=f"Page {number + 1}",
        )
        for number, size in enumerate(found.page_sizes[:MAX_PICTURES])
    ]


def _frame(
    task: Document,
    found: Annotations,
    finder: Finder,
    position: int,
    colors: Dict[str, int],
) -> List[Picture]:
    """Return the pictures of one frame of a video or of lidar."""
    frame = found.frames[position] if position < len(found.frames) else None
    if frame is not None and frame.cuboids_3d:
        drawing = drawing_of(found, frame=position, colors=colors)
        return [Picture(Attachment(""), drawing, name="Seen from above")]
    if frame is not None and frame.camera_images:
        return [
            Picture(
                Attachment(""),
                drawing_of(found, frame=position, camera=number, colors=colors),
                name=f"Camera {number + 1 if image.camera is None else image.camera}",
            )
            for number, image in enumerate(frame.camera_images[:MAX_PICTURES])
        ]
    # Tracks can leave frames out: the key of a frame says which it is.
    number = frame.number if frame is not None else position
    image = None
    if type(number) is int and frame_count(task, parse(None)) > 1:
        image = finder.attachment_at(task, number)
    if image is None:
        # The page does not take a video apart.
        whole = finder.attachment_at(task, 0) or Attachment("")
        image = replace(whole, image=None)
    size = _usable(image.size)
    shown = found if found.frames else parse(None)
    drawing = drawing_of(
        shown, size=size, frame=position if found.frames else None, colors=colors
    )
    return [Picture(image, drawing)]


def _usable(size: Optional[Tuple[float, float]]) -> Optional[Tuple[float, float]]:
    if size is None or not all(0 < side <= _MAX_SIDE for side in size):
        return None
    return size


def _overlay(found: Annotations, finder: Finder) -> Optional[str]:
    """Return the image of a segmentation if this sandbox serves it."""
    # api-notes: segmentation
    image = found.segments.image
    href = finder.link(image) if isinstance(image, str) else None
    return href if href is not None and href.startswith("/") else None
