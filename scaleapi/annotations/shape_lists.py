"""Which annotations are shapes, and of which geometry."""

from __future__ import annotations

from math import hypot
from typing import Any, Callable, Dict, List, Optional, Tuple, Type, TypeVar

from scaleapi.annotations.shapes import (
    Box,
    Cuboid,
    Ellipse,
    Line,
    Origin,
    Point,
    Polygon,
    Shape,
)
from scaleapi.annotations.views import position_of, positions_of

S = TypeVar("S", bound=Shape)


def _is_box(at: Dict[str, Any]) -> bool:
    # hypot, because a single call of it raises for what is no number.
    try:
        hypot(at["left"], at["top"], at["width"], at["height"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return "left" not in at and _is_older_box(at)
    return True


def _is_older_box(at: Dict[str, Any]) -> bool:
    # api-notes: tracks
    try:
        hypot(at["x"], at["y"], at["width"], at["height"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return False
    return True


def _has_vertices(at: Dict[str, Any]) -> bool:
    return positions_of(at.get("vertices")) is not None


def _is_ellipse(at: Dict[str, Any]) -> bool:
    vertices = positions_of(at.get("vertices"))
    return vertices is not None and len(vertices) == 4


def _is_point(at: Dict[str, Any]) -> bool:
    return position_of(at) is not None


def _is_cuboid(at: Dict[str, Any]) -> bool:
    return bool(Cuboid(at, at, None).vertices)


#: Geometry -> its class, and whether an object has what the class reads.
_GEOMETRIES: Dict[str, Tuple[Type[Shape], Callable[[Dict[str, Any]], bool]]] = {
    "box": (Box, _is_box),
    "polygon": (Polygon, _has_vertices),
    "line": (Line, _has_vertices),
    "point": (Point, _is_point),
    "ellipse": (Ellipse, _is_ellipse),
    "cuboid": (Cuboid, _is_cuboid),
}


def _polygon() -> str:
    return "polygon"


def shape_of(
    raw: Any,
    usual: Callable[[], str] = _polygon,
    origin: Optional[Origin] = None,
) -> Optional[Shape]:
    """Return the shape that an annotation describes; None if it describes none.

    Args:
        raw: The annotation.
        usual: Returns the geometry of annotations that have vertices and state no
            geometry.
        origin: What belongs to the shape and is not in the annotation.
    """
    if not isinstance(raw, dict):
        return None
    at = raw
    if "location" in raw and isinstance(raw["location"], dict):
        at = raw["location"]
    kind = at.get("type")
    if kind is None:
        kind = _geometry_of(at, usual, origin)
    if not isinstance(kind, str) or kind not in _GEOMETRIES:
        return None
    cls, is_complete = _GEOMETRIES[kind]
    return cls(raw, at, origin) if is_complete(at) else None


def _geometry_of(
    at: Dict[str, Any], usual: Callable[[], str], origin: Optional[Origin]
) -> Optional[str]:
    """Return the geometry of an annotation that does not state it."""
    # api-notes: geometries, tracks
    if origin is not None and origin.geometry is not None:
        return origin.geometry
    if "width" in at and "height" in at:
        return "box"
    if "edges" in at:
        return "cuboid"
    if "vertices" in at:
        return usual()
    return "point" if "x" in at else None


class Shapes:
    """The shapes of a list of annotations, and what else is in it.

    Attributes:
        all: The shapes, in their order.
        rest: The annotations that are no shapes.
    """

    __slots__ = ("_by_class", "all", "rest")

    def __init__(
        self,
        annotations: List[Any],
        usual: Callable[[], str] = _polygon,
        origin: Optional[Origin] = None,
    ) -> None:
        self.all: List[Shape] = []
        self.rest: List[Any] = []
        self._by_class: Dict[type, Tuple[Any, ...]] = {}
        add = self.all.append
        for raw in annotations:
            # What `shape_of` does, faster for what nearly all annotations are.
            try:
                cls, is_complete = _GEOMETRIES[raw["type"]]
                if "location" not in raw and is_complete(raw):
                    add(cls(raw, raw, origin))
                    continue
            except (KeyError, TypeError, IndexError):
                pass
            shape = shape_of(raw, usual, origin)
            if shape is None:
                self.rest.append(raw)
            else:
                add(shape)

    def of(self, cls: Type[S]) -> Tuple[S, ...]:
        """Return the shapes of one geometry."""
        if cls not in self._by_class:
            found = [each for each in self.all if type(each) is cls]
            self._by_class[cls] = tuple(found)
        return self._by_class[cls]


class HasShapes:
    """Base class of what has shapes: a picture, a frame, a camera's image."""

    __slots__ = ()

    def _shapes(self) -> Shapes:
        raise NotImplementedError

    @property
    def shapes(self) -> Tuple[Shape, ...]:
        """All shapes, in their order."""
        return tuple(self._shapes().all)

    @property
    def boxes(self) -> Tuple[Box, ...]:
        """The boxes."""
        return self._shapes().of(Box)

    @property
    def polygons(self) -> Tuple[Polygon, ...]:
        """The polygons."""
        return self._shapes().of(Polygon)

    @property
    def lines(self) -> Tuple[Line, ...]:
        """The lines."""
        return self._shapes().of(Line)

    @property
    def points(self) -> Tuple[Point, ...]:
        """The points."""
        return self._shapes().of(Point)

    @property
    def ellipses(self) -> Tuple[Ellipse, ...]:
        """The ellipses."""
        return self._shapes().of(Ellipse)

    @property
    def cuboids(self) -> Tuple[Cuboid, ...]:
        """The cuboids that are drawn on a picture. Those of lidar are `cuboids_3d`."""
        return self._shapes().of(Cuboid)
