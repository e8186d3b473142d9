"""What is drawn for each shape: elements of SVG, made of numbers only."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Type

from scaleapi.annotations.shapes import (
    Box,
    Cuboid,
    Ellipse,
    Line,
    Point,
    Polygon,
    Shape,
)
from scaleapi.annotations.views import Position, is_number

MAX_VERTICES = 2000
#: Larger than any picture; browsers do not draw larger coordinates correctly.
MAX_COORDINATE = 1_000_000


class Mark:
    """An element of SVG.

    Attributes:
        tag: The name of the element.
        attributes: Its attributes: numbers only, whatever the task contains.
        positions: The corners, or the two ends of a line.
        closed: Whether the last position is joined to the first.
    """

    __slots__ = ("attributes", "closed", "positions", "tag")

    def __init__(
        self,
        tag: str,
        attributes: Dict[str, str],
        positions: Sequence[Position],
        closed: bool = False,
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.positions = positions
        self.closed = closed


#: Elements, and the shape in words.
Marks = Tuple[List[Mark], str]


def marks_of(shape: Shape) -> Optional[Marks]:
    """Return the elements of a shape; None if it cannot be drawn."""
    positions = shape.vertices[:MAX_VERTICES]
    if not positions or not all(
        is_drawable(x) and is_drawable(y) for x, y in positions
    ):
        return None
    return _DRAWERS[type(shape)](shape, positions)


def is_drawable(value: Any) -> bool:
    """Return whether a value is a number that browsers can draw."""
    return is_number(value) and -MAX_COORDINATE <= value <= MAX_COORDINATE


def polygon(positions: Sequence[Position]) -> Mark:
    """Return a closed line."""
    return _path("polygon", positions, closed=True)


def polyline(positions: Sequence[Position]) -> Mark:
    """Return a line that is open."""
    return _path("polyline", positions)


def line(start: Position, end: Position) -> Mark:
    """Return a line between two positions."""
    attributes = numbers(x1=start[0], y1=start[1], x2=end[0], y2=end[1])
    return Mark("line", attributes, (start, end))


def dot(position: Position) -> Mark:
    """Return a dot that does not shrink with the picture.

    A circle would. It is a line of no length with round ends.
    """
    mark = line(position, position)
    mark.attributes = {"class": "dot", **mark.attributes}
    return mark


def numbers(**values: float) -> Dict[str, str]:
    """Return attributes as text."""
    return {name: number(value) for name, value in values.items()}


def number(value: float) -> str:
    """Return a number as text, with at most two digits after the point."""
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _box(box: Any, positions: Sequence[Position]) -> Optional[Marks]:
    left, top, width, height = box.left, box.top, box.width, box.height
    if not all(is_drawable(value) for value in (left, top, width, height)):
        return None
    if width < 0 or height < 0:
        return None
    facts = f"{number(width)} × {number(height)} at {number(left)}, {number(top)}"
    if box.rotation:
        facts += f", turned {number(math.degrees(box.rotation))}°"
        return [polygon(positions)], facts
    attributes = numbers(x=left, y=top, width=width, height=height)
    return [Mark("rect", attributes, positions, closed=True)], facts


def _polygon(shape: Any, positions: Sequence[Position]) -> Marks:
    return [polygon(positions)], _corners(positions)


def _line(shape: Any, positions: Sequence[Position]) -> Marks:
    return [polyline(positions)], _corners(positions)


def _point(point: Any, positions: Sequence[Position]) -> Marks:
    return [dot(positions[0])], f"at {number(point.x)}, {number(point.y)}"


def _ellipse(ellipse: Any, positions: Sequence[Position]) -> Marks:
    (x, y), (across, down) = ellipse.center, ellipse.radii
    attributes = numbers(cx=x, cy=y, rx=across, ry=down)
    turned = number(math.degrees(ellipse.rotation))
    if turned != "0":
        attributes["transform"] = f"rotate({turned} {number(x)} {number(y)})"
    facts = f"{number(2 * across)} × {number(2 * down)} around {number(x)}, {number(y)}"
    return [Mark("ellipse", attributes, _around(ellipse), closed=True)], facts


def _around(ellipse: Any) -> List[Position]:
    """Return positions on an ellipse, near enough to one another to look round."""
    (x, y), (across, down) = ellipse.center, ellipse.radii
    cos, sin = math.cos(ellipse.rotation), math.sin(ellipse.rotation)
    found = []
    for step in range(72):
        angle = math.pi * step / 36
        right, low = across * math.cos(angle), down * math.sin(angle)
        found.append((x + right * cos - low * sin, y + right * sin + low * cos))
    return found


def _cuboid(cuboid: Any, positions: Sequence[Position]) -> Marks:
    marks = []
    corners = cuboid.corners
    front = [corners[name] for name in _FRONT if name in corners]
    if len(front) == len(_FRONT):
        marks.append(polygon(front))
    for start, end in cuboid.edges[:MAX_VERTICES]:
        if all(is_drawable(value) for value in (*start, *end)):
            marks.append(line(start, end))
    return marks or [polygon(positions)], _corners(positions)


_FRONT = ("face-topleft", "face-topright", "face-bottomright", "face-bottomleft")

_DRAWERS: Dict[Type[Shape], Callable[[Any, Sequence[Position]], Optional[Marks]]] = {
    Box: _box,
    Polygon: _polygon,
    Line: _line,
    Point: _point,
    Ellipse: _ellipse,
    Cuboid: _cuboid,
}


def _path(tag: str, positions: Sequence[Position], closed: bool = False) -> Mark:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in positions)
    return Mark(tag, {"points": points}, positions, closed)


def _corners(positions: Sequence[Position]) -> str:
    x, y = positions[0]
    return f"{len(positions)} points from {number(x)}, {number(y)}"
