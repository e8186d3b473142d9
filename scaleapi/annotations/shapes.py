"""Shapes on a picture, or on a frame of a video."""

from __future__ import annotations

import math
from math import hypot
from typing import Any, ClassVar, Dict, List, Optional, Tuple, TypeVar

from scaleapi.annotations.views import (
    Position,
    View,
    an_array,
    is_number,
    position_of,
    positions_of,
)

S = TypeVar("S", bound="Shape")


class Origin:
    """What a shape does not say itself: the track, frame and camera it belongs to."""

    __slots__ = ("camera", "frame", "geometry", "label", "uuid")

    def __init__(
        self,
        frame: Any = None,
        camera: Any = None,
        geometry: Optional[str] = None,
        label: Optional[str] = None,
        uuid: Optional[str] = None,
    ) -> None:
        self.frame = frame
        self.camera = camera
        self.geometry = geometry
        self.label = label
        self.uuid = uuid


class Shape(View):
    """A shape on a picture. Coordinates are exactly as they came.

    Coordinates are pixels from the left and top edge. An integer stays an integer, and
    nothing is rounded.
    """

    __slots__ = ("_at", "_origin")

    #: The geometry: ``"box"``, ``"polygon"`` and so on.
    geometry: ClassVar[str] = ""

    def __init__(
        self, raw: Dict[str, Any], at: Dict[str, Any], origin: Optional[Origin]
    ) -> None:
        self._raw = raw
        # A feature of a document has its geometry one level below.
        # api-notes: documents
        self._at = at
        self._origin = origin

    @property
    def label(self) -> Optional[str]:
        """The label; None if there is none."""
        label = self._raw.get("label")
        if label is None and self._origin is not None:
            return self._origin.label
        return label

    @property
    def uuid(self) -> Optional[str]:
        """The ``uuid``, which is the same in all frames; None if there is none."""
        uuid = self._raw.get("uuid")
        if uuid is None and self._origin is not None:
            return self._origin.uuid
        return uuid

    @property
    def frame(self) -> Any:
        """The number of the frame; None on a picture.

        It is the position in a list of frames, from 0, and in a track the ``key``.
        """
        return None if self._origin is None else self._origin.frame

    @property
    def camera(self) -> Any:
        """The index of the camera; None if there are no cameras."""
        return None if self._origin is None else self._origin.camera

    @property
    def cuboid_uuid(self) -> Optional[str]:
        """The ``uuid`` of the cuboid to which a box in a camera's image is linked."""
        return self._raw.get("cuboid_uuid")

    @property
    def not_in_lidar(self) -> bool:
        """Whether a box in a camera's image has no cuboid."""
        return self._raw.get("not_in_lidar") is True

    @property
    def page(self) -> Optional[int]:
        """The page of a document, from 0; None for other shapes."""
        return self._raw.get("page")

    @property
    def text(self) -> Optional[str]:
        """The transcribed text of a feature of a document; None for other shapes."""
        return self._raw.get("text")

    @property
    def vertices(self) -> Tuple[Position, ...]:
        """The corners, each as (x, y), in the order in which they came."""
        return positions_of(self._at.get("vertices")) or ()

    @property
    def bounds(self) -> Tuple[float, float, float, float]:
        """The left, top, right and bottom edge of all corners."""
        across = [x for x, _ in self.vertices]
        down = [y for _, y in self.vertices]
        return min(across), min(down), max(across), max(down)

    @property
    def center(self) -> Position:
        """The middle, as (x, y)."""
        return _mean(self.vertices)

    def _summary(self) -> str:
        return f"label={self.label!r}, bounds={self.bounds}"


class Box(Shape):
    """A rectangle. Its edges are those before it is turned by ``rotation``."""

    __slots__ = ()
    geometry = "box"

    @property
    def left(self) -> float:
        """The left edge."""
        try:
            return self._at["left"]  # type: ignore[no-any-return]
        except KeyError:
            return self._at["x"]  # type: ignore[no-any-return]

    @property
    def top(self) -> float:
        """The top edge."""
        at = self._at
        top: float = at["top"] if "left" in at else at["y"]
        return top

    @property
    def width(self) -> float:
        """The width."""
        width: float = self._at["width"]
        return width

    @property
    def height(self) -> float:
        """The height."""
        height: float = self._at["height"]
        return height

    @property
    def right(self) -> float:
        """The right edge: left + width."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge: top + height."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """The area: width x height."""
        return self.width * self.height

    @property
    def rotation(self) -> float:
        """The angle by which the box is turned around its middle: radians, clockwise.

        It is 0 for a box that is not turned.
        """
        rotation = self._at.get("rotation")
        if rotation is None:  # as nearly always
            return 0
        is_angle = is_number(rotation) and math.isfinite(rotation)
        angle: float = rotation if is_angle else 0
        return angle

    @property
    def center(self) -> Position:
        """The middle, as (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def vertices(self) -> Tuple[Position, ...]:
        """The four corners of the turned box, each as (x, y), clockwise.

        They are those of the document, or computed if it has none. The first one is
        the left top corner before the box is turned.
        """
        at = self._at
        if "vertices" in at:
            given = positions_of(at["vertices"])
            if given is not None and len(given) == 4:
                return given
        left, top = self.left, self.top
        right, bottom = left + at["width"], top + at["height"]
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        if not self.rotation:
            return corners
        # With y downward this turns clockwise.
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        mid_x, mid_y = self.center
        return tuple(
            (
                mid_x + (x - mid_x) * cos - (y - mid_y) * sin,
                mid_y + (x - mid_x) * sin + (y - mid_y) * cos,
            )
            for x, y in corners
        )


class Polygon(Shape):
    """A polygon; its corners go around it in either direction."""

    __slots__ = ()
    geometry = "polygon"

    @property
    def area(self) -> float:
        """The area; parts of a polygon that crosses itself may cancel out."""
        return abs(_signed_area(self.vertices))

    @property
    def center(self) -> Position:
        """The centroid, as (x, y)."""
        vertices = self.vertices
        area = _signed_area(vertices)
        if not area:
            return _mean(vertices)
        sum_x = sum_y = 0.0
        for (x, y), (next_x, next_y) in zip(vertices, vertices[1:] + vertices[:1]):
            cross = x * next_y - next_x * y
            sum_x += (x + next_x) * cross
            sum_y += (y + next_y) * cross
        return sum_x / (6 * area), sum_y / (6 * area)


class Line(Shape):
    """A line through its vertices."""

    __slots__ = ()
    geometry = "line"

    @property
    def length(self) -> float:
        """The length from the first vertex to the last."""
        vertices = self.vertices
        return sum(_distance(one, two) for one, two in zip(vertices, vertices[1:]))


class Point(Shape):
    """A point."""

    __slots__ = ()
    geometry = "point"

    @property
    def x(self) -> float:
        """Distance from the left edge."""
        x: float = self._at["x"]
        return x

    @property
    def y(self) -> float:
        """Distance from the top edge."""
        y: float = self._at["y"]
        return y

    @property
    def vertices(self) -> Tuple[Position, ...]:
        """The point itself, as (x, y)."""
        return ((self.x, self.y),)

    @property
    def center(self) -> Position:
        """The point itself, as (x, y)."""
        return self.x, self.y


class Ellipse(Shape):
    """An ellipse. Its vertices are the ends of its axes: top, right, bottom, left."""

    # api-notes: geometries
    __slots__ = ()
    geometry = "ellipse"

    @property
    def radii(self) -> Tuple[float, float]:
        """Half of the axis from left to right, and half of that from top to bottom."""
        top, right, bottom, left = self.vertices
        return _distance(left, right) / 2, _distance(top, bottom) / 2

    @property
    def rotation(self) -> float:
        """The angle by which the ellipse is turned: radians, clockwise."""
        _, right, _, left = self.vertices
        return math.atan2(right[1] - left[1], right[0] - left[0])

    @property
    def area(self) -> float:
        """The area."""
        across, down = self.radii
        return math.pi * across * down


class Cuboid(Shape):
    """A cuboid drawn on a picture, by the corners and edges that are seen of it."""

    __slots__ = ()
    geometry = "cuboid"

    @property
    def corners(self) -> Dict[str, Position]:
        """The named corners, such as ``face-topleft``, each as (x, y)."""
        vertices = self._at.get("vertices")
        named = zip(an_array(vertices), positions_of(vertices) or ())
        return {
            raw["description"]: position
            for raw, position in named
            if isinstance(raw.get("description"), str)
        }

    @property
    def edges(self) -> Tuple[Tuple[Position, Position], ...]:
        """The edges, each as its two ends."""
        return tuple(end_points for _, end_points in self._edges())

    @property
    def named_edges(self) -> Dict[str, Tuple[Position, Position]]:
        """The named edges, such as ``face-top``, each as its two ends."""
        return {
            raw["description"]: end_points
            for raw, end_points in self._edges()
            if isinstance(raw.get("description"), str)
        }

    def _edges(self) -> List[Tuple[Dict[str, Any], Tuple[Position, Position]]]:
        found = []
        for raw in an_array(self._at.get("edges")):
            if isinstance(raw, dict):
                start = position_of({"x": raw.get("x1"), "y": raw.get("y1")})
                end = position_of({"x": raw.get("x2"), "y": raw.get("y2")})
                if start is not None and end is not None:
                    found.append((raw, (start, end)))
        return found

    @property
    def vertices(self) -> Tuple[Position, ...]:
        """The corners, each as (x, y); if there are none, the ends of the edges."""
        given = positions_of(self._at.get("vertices"))
        return given or tuple(dict.fromkeys(end for ends in self.edges for end in ends))

    @property
    def points_2d(self) -> Tuple[Position, ...]:
        """The corners in the picture, if the task has data of the camera."""
        return positions_of(self._at.get("points_2d")) or ()

    @property
    def points_3d(self) -> Tuple[Tuple[float, float, float], ...]:
        """The corners in space, if the task has data of the camera."""
        found = []
        for raw in an_array(self._at.get("points_3d")):
            if position_of(raw) is None or not is_number(raw.get("z")):
                return ()
            found.append((raw["x"], raw["y"], raw["z"]))
        return tuple(found)


def _mean(positions: Tuple[Position, ...]) -> Position:
    count = len(positions)
    return sum(x for x, _ in positions) / count, sum(y for _, y in positions) / count


def _distance(one: Position, two: Position) -> float:
    return hypot(two[0] - one[0], two[1] - one[1])


def _signed_area(vertices: Tuple[Position, ...]) -> float:
    """Return the area, negative if the corners go counterclockwise on the screen."""
    following = vertices[1:] + vertices[:1]
    return sum(x * ny - nx * y for (x, y), (nx, ny) in zip(vertices, following)) / 2
