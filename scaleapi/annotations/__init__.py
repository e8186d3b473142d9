"""Typed, read-only views of the answers of labelers, whatever their form.

`parse` takes a task, or any part of its response, and gives one object for all types of
tasks. The package is pure: it does no I/O and imports nothing but the standard library.
"""

from typing import TYPE_CHECKING, Any

from scaleapi.annotations.answers import Answer, Answers
from scaleapi.annotations.lidar import CameraImage, Cuboid3D
from scaleapi.annotations.reading import Annotations, parse
from scaleapi.annotations.segmentation import Segment, Segments
from scaleapi.annotations.shapes import (
    Box,
    Cuboid,
    Ellipse,
    Line,
    Point,
    Polygon,
    Shape,
)
from scaleapi.annotations.text import Entity, Message, Relationship
from scaleapi.annotations.video import Clip, Event, Frame, Path, Track, TrackFrame

if TYPE_CHECKING:
    from scaleapi.annotations.drawing import svg

__all__ = [
    "Annotations",
    "Answer",
    "Answers",
    "Box",
    "CameraImage",
    "Clip",
    "Cuboid",
    "Cuboid3D",
    "Ellipse",
    "Entity",
    "Event",
    "Frame",
    "Line",
    "Message",
    "Path",
    "Point",
    "Polygon",
    "Relationship",
    "Segment",
    "Segments",
    "Shape",
    "Track",
    "TrackFrame",
    "parse",
    "svg",
]


def __getattr__(name: str) -> Any:
    # Programs that only read answers do not load the drawing.
    if name == "svg":
        from scaleapi.annotations.drawing import svg

        return svg
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
