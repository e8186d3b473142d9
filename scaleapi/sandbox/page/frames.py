"""The frames of a video or of lidar: which one is shown, and what is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Tuple

from scaleapi.annotations import Annotations
from scaleapi.annotations.drawing import color_of
from scaleapi.annotations.escaping import text_of
from scaleapi.sandbox.page.attachments import number_of_attachments
from scaleapi.sandbox.store.repository import Document

#: Frames that are linked on each side of the one that is shown.
_NEIGHBORS = 5
_MAX_OBJECTS = 500
_MAX_LABEL_CHARS = 200
_COLOR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class FrameLinks:
    """The frame that is shown, and those that are linked.

    Attributes:
        position: Position of the frame that is shown, from 0.
        count: The number of frames.
        time: Its time in seconds, if it is known.
        key: Its key, if that is not its position.
    """

    position: int
    count: int
    time: Optional[float] = None
    key: Any = None

    @property
    def linked(self) -> List[Optional[int]]:
        """Positions to link to; None stands for some that are left out."""
        near = range(self.position - _NEIGHBORS, self.position + _NEIGHBORS + 1)
        known = {0, self.count - 1, *(n for n in near if 0 <= n < self.count)}
        found: List[Optional[int]] = []
        for position in sorted(known):
            if found and found[-1] is not None and found[-1] + 1 < position:
                found.append(None)
            found.append(position)
        return found


@dataclass
class Object:
    """An object that is annotated in several frames.

    Attributes:
        label: The label.
        color: The number of the label's color.
        kind: The geometry.
        frames: Positions of the frames in which it is.
        attributes: The attributes of the object as a whole.
    """

    label: str
    color: int
    kind: str
    frames: List[int]
    attributes: Dict[str, Any]


@dataclass(frozen=True)
class Color:
    """A segment of a picture or of points: its label, its color, and its size."""

    label: str
    color: Optional[str]
    pixels: Optional[int]


def is_of_frames(task: Document, found: Annotations) -> bool:
    """Return whether a task is about frames, of which one is shown."""
    return bool(found.frames) or frame_count(task, found) > 1


def frame_count(task: Document, found: Annotations) -> int:
    """Return the number of frames of a task."""
    # Before a video is annotated, its frames are the attachments.
    images = number_of_attachments(task) if "video" in task["type"] else 0
    return len(found.frames) or images


def frame_links(task: Document, found: Annotations, position: int) -> FrameLinks:
    """Return the links to the frames around one."""
    count = frame_count(task, found)
    position = max(0, min(position, count - 1))
    if position >= len(found.frames):
        return FrameLinks(position, count)
    frame = found.frames[position]
    key = None if frame.number == position else frame.number
    return FrameLinks(position, count, frame.time, key)


def objects_of(found: Annotations, colors: Dict[str, int]) -> List[Object]:
    """Return the objects of a video or of lidar in the order of their appearance.

    Args:
        found: The annotations.
        colors: Label -> number of its color; new labels are added.
    """
    attributes = {track.uuid: track.attributes for track in found.tracks}
    objects: Dict[str, Object] = {}
    for position, frame in enumerate(found.frames):
        shapes = ((shape.uuid, shape.label, shape.geometry) for shape in frame.shapes)
        cuboids = ((each.uuid, each.label, "cuboid") for each in frame.cuboids_3d)
        for uuid, given, kind in _identified([*shapes, *cuboids]):
            if uuid not in objects:
                if len(objects) == _MAX_OBJECTS:
                    continue
                label = "" if given is None else text_of(given)[:_MAX_LABEL_CHARS]
                color = color_of(label, colors)
                own = attributes.get(uuid, {})
                objects[uuid] = Object(label, color, str(kind), [], own)
            if objects[uuid].frames[-1:] != [position]:
                objects[uuid].frames.append(position)
    return list(objects.values())


def _identified(given: List[Tuple[Any, Any, Any]]) -> Iterator[Tuple[str, Any, Any]]:
    return (each for each in given if isinstance(each[0], str))


def colors_of(found: Annotations) -> List[Color]:
    """Return the colors of a segmentation, and what they mean."""
    colors = []
    for segment in found.segments:
        color = segment.color if isinstance(segment.color, str) else ""
        count = segment.pixel_count
        colors.append(
            Color(
                str(segment.label)[:_MAX_LABEL_CHARS],
                color if _COLOR.fullmatch(color) else None,
                count if type(count) is int else None,
            )
        )
    return colors
