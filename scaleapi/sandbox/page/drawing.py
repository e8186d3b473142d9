"""Drawing of annotations: turns them into SVG elements."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

Point = Tuple[float, float]

#: Number of colors in the style sheet: classes c0, c1, ...
COLORS = 10
MAX_SHAPES = 2000
_MAX_VERTICES = 2000
#: Larger than any picture; browsers do not draw larger coordinates correctly.
_MAX_COORDINATE = 1_000_000


@dataclass(frozen=True)
class Mark:
    """An SVG element. Values from a task are only ever numbers."""

    tag: str
    attributes: Dict[str, str]


@dataclass(frozen=True)
class Shape:
    """The drawing of one annotation.

    Attributes:
        number: The position of the annotation in the list, from 1.
        kind: The geometry.
        label: The label.
        color: The number of the label's color.
        marks: The SVG elements.
        anchor: The point at which the label is drawn.
        reach: The right and bottom edge of the drawing.
        facts: Position and size in words.
        attributes: The attributes of the annotation.
    """

    number: int
    kind: str
    label: str
    color: int
    marks: List[Mark]
    anchor: Point
    reach: Point
    facts: str
    attributes: Dict[str, Any]


def shapes_of(annotations: Any, colors: Dict[str, int]) -> List[Shape]:
    """Return the shapes of those annotations that can be drawn.

    Args:
        annotations: Any value; elements that cannot be drawn are left out.
        colors: Label -> number of its color; new labels are added.
    """
    shapes: List[Shape] = []
    for number, annotation in enumerate(_list(annotations)[:MAX_SHAPES], 1):
        shape = _shape(number, annotation, colors)
        if shape is not None:
            shapes.append(shape)
    return shapes


def color_of(label: str, colors: Dict[str, int]) -> int:
    """Return the number of a label's color; a new label gets the next one."""
    return colors.setdefault(label, len(colors) % COLORS)


def _shape(number: int, annotation: Any, colors: Dict[str, int]) -> Optional[Shape]:
    if not isinstance(annotation, dict):
        return None
    # A feature of a document has its geometry one level below.
    # api-notes: documents
    location = annotation.get("location")
    geometry = location if isinstance(location, dict) else annotation
    kind = _kind(geometry)
    drawn = _DRAWERS[kind](geometry) if kind else None
    if kind is None or drawn is None:
        return None
    marks, points, facts = drawn
    label = str(annotation.get("label", ""))[:200]
    attributes = annotation.get("attributes")
    extra = {} if "text" not in annotation else {"text": annotation["text"]}
    return Shape(
        number=number,
        kind=kind,
        label=label,
        color=color_of(label, colors),
        marks=marks,
        anchor=min(points, key=lambda point: (point[1], point[0])),
        reach=(max(x for x, _ in points), max(y for _, y in points)),
        facts=facts,
        attributes={**extra, **(attributes if isinstance(attributes, dict) else {})},
    )


def _kind(geometry: Dict[str, Any]) -> Optional[str]:
    """Return the geometry of an annotation; old data does not state it."""
    # api-notes: geometries
    kind = geometry.get("type")
    if isinstance(kind, str) and kind in _DRAWERS:
        return kind
    if {"left", "top", "width", "height"} <= geometry.keys():
        return "box"
    if "edges" in geometry:
        return "cuboid"
    if "vertices" in geometry:
        return "polygon"
    return "point" if {"x", "y"} <= geometry.keys() else None


_Drawn = Optional[Tuple[List[Mark], List[Point], str]]


def _box(geometry: Dict[str, Any]) -> _Drawn:
    sides = [_number(geometry.get(name)) for name in ("left", "top", "width", "height")]
    left, top, width, height = sides
    if left is None or top is None or width is None or height is None:
        return None
    if width < 0 or height < 0:
        return None
    facts = f"{_text(width)} × {_text(height)} at {_text(left)}, {_text(top)}"
    rotation = _number(geometry.get("rotation")) or 0.0
    corners = _points(geometry.get("vertices"))
    if rotation:
        facts += f", turned {_text(math.degrees(rotation))}°"
        if len(corners) == 4:
            return [_path("polygon", corners)], corners, facts
    middle = (left + width / 2, top + height / 2)
    attributes = _numbers(x=left, y=top, width=width, height=height)
    if rotation:
        attributes["transform"] = _turn(math.degrees(rotation), middle)
    points = [(left, top), (left + width, top + height)]
    return [Mark("rect", attributes)], points, facts


def _polygon(geometry: Dict[str, Any]) -> _Drawn:
    points = _points(geometry.get("vertices"))
    if not points:
        return None
    return [_path("polygon", points)], points, _corner_count(points)


def _line(geometry: Dict[str, Any]) -> _Drawn:
    points = _points(geometry.get("vertices"))
    if not points:
        return None
    return [_path("polyline", points)], points, _corner_count(points)


def _dot(geometry: Dict[str, Any]) -> _Drawn:
    point = _point(geometry)
    if point is None:
        return None
    # A line of no length with round ends: a dot that does not shrink with the
    # picture, as a circle would.
    x, y = point
    dot = Mark("line", {"class": "dot", **_numbers(x1=x, y1=y, x2=x, y2=y)})
    return [dot], [point], f"at {_text(x)}, {_text(y)}"


def _ellipse(geometry: Dict[str, Any]) -> _Drawn:
    points = _points(geometry.get("vertices"))
    if len(points) != 4:
        return _polygon(geometry)
    one, two, three, four = points
    middle = (sum(x for x, _ in points) / 4, sum(y for _, y in points) / 4)
    angle = math.degrees(math.atan2(two[1] - four[1], two[0] - four[0]))
    wide = math.hypot(two[0] - four[0], two[1] - four[1]) / 2
    high = math.hypot(one[0] - three[0], one[1] - three[1]) / 2
    attributes = _numbers(cx=middle[0], cy=middle[1], rx=wide, ry=high)
    if angle:
        attributes["transform"] = _turn(angle, middle)
    facts = (
        f"{_text(2 * wide)} × {_text(2 * high)}"
        f" around {_text(middle[0])}, {_text(middle[1])}"
    )
    return [Mark("ellipse", attributes)], points, facts


def _cuboid(geometry: Dict[str, Any]) -> _Drawn:
    marks, points = [], _points(geometry.get("vertices"))
    face = {
        vertex.get("description"): _point(vertex)
        for vertex in _list(geometry.get("vertices"))
        if isinstance(vertex, dict) and isinstance(vertex.get("description"), str)
    }
    front = [corner for name in _FRONT if (corner := face.get(name)) is not None]
    if len(front) == len(_FRONT):
        marks.append(_path("polygon", front))
    for edge in _list(geometry.get("edges"))[:_MAX_VERTICES]:
        if not isinstance(edge, dict):
            continue
        start = _point({"x": edge.get("x1"), "y": edge.get("y1")})
        end = _point({"x": edge.get("x2"), "y": edge.get("y2")})
        if start is not None and end is not None:
            points += [start, end]
            ends = _numbers(x1=start[0], y1=start[1], x2=end[0], y2=end[1])
            marks.append(Mark("line", ends))
    if not points:
        return None
    marks = marks or [_path("polygon", points)]
    return marks, points, _corner_count(list(dict.fromkeys(points)))


_FRONT = ("face-topleft", "face-topright", "face-bottomright", "face-bottomleft")

_DRAWERS: Dict[str, Callable[[Dict[str, Any]], _Drawn]] = {
    "box": _box,
    "polygon": _polygon,
    "line": _line,
    "point": _dot,
    "ellipse": _ellipse,
    "cuboid": _cuboid,
}


def _path(tag: str, points: Iterable[Point]) -> Mark:
    return Mark(tag, {"points": " ".join(f"{_text(x)},{_text(y)}" for x, y in points)})


def _turn(degrees: float, middle: Point) -> str:
    return f"rotate({_text(degrees)} {_text(middle[0])} {_text(middle[1])})"


def _corner_count(points: List[Point]) -> str:
    x, y = points[0]
    return f"{len(points)} points from {_text(x)}, {_text(y)}"


def _points(value: Any) -> List[Point]:
    points = (_point(point) for point in _list(value)[:_MAX_VERTICES])
    return [point for point in points if point is not None]


def _point(value: Any) -> Optional[Point]:
    if not isinstance(value, dict):
        return None
    x, y = _number(value.get("x")), _number(value.get("y"))
    return None if x is None or y is None else (x, y)


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any) -> Optional[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -_MAX_COORDINATE <= value <= _MAX_COORDINATE else None


def _numbers(**values: float) -> Dict[str, str]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
