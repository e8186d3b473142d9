"""Pictures of tasks: what is annotated in words, and drawn on the attachment."""

from __future__ import annotations

import io
import os
from functools import partial
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple

from scaleapi._core.notebook import Fact
from scaleapi._transport.file_address import Address, address_in
from scaleapi.annotations import Annotations, parse
from scaleapi.annotations.captions import Caption
from scaleapi.annotations.drawing import drawing_of
from scaleapi.annotations.escaping import text_of
from scaleapi.annotations.marks import Mark
from scaleapi.annotations.svg_text import COLORS, Drawing, Drawn
from scaleapi.exceptions import ScaleException, ScaleTypeError
from scaleapi.tasks.result_files import fetch_renewed

if TYPE_CHECKING:
    from scaleapi.tasks.task import Task

#: Opacity of the inside of shapes, of 255.
_FILL = 36
_MAX_COUNTED = 20
#: Maximum size of a picture that is downloaded.
_MAX_BYTES = 500_000_000


def counted(found: Annotations) -> List[Fact]:
    """Return what a response has, in a few words for notebooks."""
    facts: List[Fact] = []
    labels: Dict[str, int] = {}
    for given in (
        *(shape.label for shape in found.shapes),
        *(cuboid.label for cuboid in found.cuboids_3d),
        *(entity.label for entity in found.entities),
        *(segment.label for segment in found.segments),
    ):
        label = "no label" if given is None else text_of(given)
        labels[label] = labels.get(label, 0) + 1
    if labels:
        words = [f"{count} {label}" for label, count in labels.items()]
        facts.append(("annotations", words[:_MAX_COUNTED]))
    answers = {
        key: [_in_words(given) for given in answer.by_respondent]
        for key, answer in found.answers.items()
    }
    for name, values in (
        ("answers", answers),
        ("fields", found.fields),
        ("taxonomies", found.taxonomies),
        ("global attributes", found.global_attributes),
    ):
        if values:
            words = [f"{key}: {_in_words(value)}" for key, value in values.items()]
            facts.append((name, words[:_MAX_COUNTED]))
    several: List[Tuple[str, Sequence[Any]]] = [
        ("categories", found.categories),
        ("choice", () if found.choice is None else (found.choice,)),
        ("messages", [message.output for message in found.messages]),
        ("events", [event.label for event in found.events]),
        ("clips", [clip.text for clip in found.clips]),
        ("results in files", list(found.result_urls)),
    ]
    facts += [
        (name, [_in_words(value) for value in given[:_MAX_COUNTED]])
        for name, given in several
        if given
    ]
    if found.rows:
        facts.append(("rows", len(found.rows)))
    return facts


def _in_words(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " / ".join(text_of(each) for each in value[:_MAX_COUNTED])
    return text_of(value)


def draw(
    task: Task,
    image: Any,
    frame: Optional[int],
    camera: Optional[int],
    page: Optional[int],
    results: Optional[Mapping[str, Any]],
) -> Any:
    """Return a picture with annotations. The arguments are those of `Task.draw`."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ScaleException(
            'Task.draw needs Pillow: pip install "scaleapi[images]". Without it, '
            "scaleapi.annotations.svg(task) draws on a blank ground."
        ) from error
    found = parse(task, results)
    if "annotations" in found.result_urls:
        found = task.get_annotations(load=True)
    shown = partial(drawing_of, found, frame=frame, camera=camera, page=page)
    drawing = shown()
    if drawing.device is not None:
        size = round(drawing.width), round(drawing.height)
        return _paint(Image.new("RGB", size, "#e9ebf1"), drawing)
    if isinstance(image, Image.Image):
        ground = image.convert("RGB")
    else:
        position = frame if page is None else page
        ground = _opened(_content(task, image, position or 0), task)
    return _paint(ground, shown(size=ground.size))


def _content(task: Task, image: Any, position: int) -> bytes:
    if isinstance(image, (bytes, bytearray)):
        return bytes(image)
    if isinstance(image, (str, os.PathLike)):
        with open(image, "rb") as file:
            return file.read()
    if image is not None:
        raise ScaleTypeError(
            f"image must be a path, bytes or an image of Pillow; got {image!r}"
        )
    return _downloaded(task, position)


def _downloaded(task: Task, position: int) -> bytes:
    """Return the content of an attachment; an expired address is renewed once."""
    caller = task._caller("draw")

    def renew() -> Optional[Address]:
        return address_of(caller.get_task(task.id).as_dict(), position)

    address = address_of(task.as_dict(), position) or renew()
    if address is None:
        raise ScaleException(
            f"the picture of task {task.id} has no address that can be opened: pass "
            "it as image="
        )
    return fetch_renewed(
        caller.api.file_session,
        address,
        renew,
        from_response=False,
        max_bytes=_MAX_BYTES,
    )


def address_of(document: Mapping[str, Any], position: int) -> Optional[Address]:
    """Return the address from which an attachment of a task can be downloaded.

    Args:
        document: The document of the task.
        position: Position of the attachment.

    Returns:
        None if the task has no such attachment, or none that can be opened.
    """
    params = document.get("params")
    params = params if isinstance(params, dict) else {}
    given = params.get("attachments")
    several = given if isinstance(given, list) else []
    wanted = several[position] if position < len(several) else None
    if wanted is None and not several:
        wanted = params.get("attachment")
    if isinstance(wanted, dict):
        wanted = wanted.get("attachment", wanted.get("content"))
    # An attachment may have a converted copy, too; the original comes first.
    # api-notes: attachment-downloads
    downloads = document.get("attachmentS3Downloads")
    signed: List[Tuple[bool, str]] = [
        (bool(each.get("isConvertedImage")), each["s3URL"])
        for each in (downloads if isinstance(downloads, list) else [])
        if isinstance(each, dict)
        and isinstance(each.get("s3URL"), str)
        and each.get("attachmentURL") == wanted
    ]
    if signed:
        return Address(min(signed, key=lambda each: each[0])[1])
    address = address_in(wanted)
    return address if address is not None and address.can_be_fetched else None


def _opened(content: bytes, task: Task) -> Any:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as opened:
            return opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise ScaleException(
            f"what was given or downloaded for task {task.id} is not a picture that "
            f"Pillow can open: {error}"
        ) from error


def _paint(ground: Any, drawing: Drawing) -> Any:
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", ground.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    width = max(2, round(max(ground.size) / 400))
    for color, way in drawing.ways:
        pen.line(way.positions, fill=COLORS[color][0], width=max(1, width // 2))
    if drawing.device is not None:
        _paint_mark(pen, drawing.device, "#5b6279", width)
    for shape in drawing.shapes:
        for mark in shape.marks:
            _paint_mark(pen, mark, COLORS[shape.color][0], width)
    for shape in drawing.shapes:
        if shape.caption is not None:
            _write(pen, shape, shape.caption, drawing.font_size)
    return Image.alpha_composite(ground.convert("RGBA"), layer).convert("RGB")


def _paint_mark(pen: Any, mark: Mark, color: str, width: int) -> None:
    places = [(float(x), float(y)) for x, y in mark.positions]
    if "class" in mark.attributes:
        (x, y), reach = places[0], 2.5 * width
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=color)
        return
    if mark.closed and len(places) > 2:
        pen.polygon(places, fill=(*_rgb(color), _FILL))
    if mark.closed:
        places.append(places[0])
    pen.line(places, fill=color, width=width, joint="curve")


def _write(pen: Any, shape: Drawn, caption: Caption, font_size: float) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(max(1, font_size))
    # The width of the label was estimated, so its letters may have to be smaller.
    length = font.getlength(caption.text)
    if length > caption.width:
        font = ImageFont.load_default(max(1, font_size * caption.width / length))
    pen.text(
        (caption.x, caption.y),
        caption.text,
        font=font,
        anchor="ls",
        fill="#fff",
        stroke_width=max(1, round(font_size * 0.12)),
        stroke_fill=COLORS[shape.color][1],
    )


def _rgb(color: str) -> Tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
