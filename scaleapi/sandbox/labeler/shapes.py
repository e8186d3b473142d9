"""One shape of each geometry, at a random place inside the image.

Coordinates are pixels from the left and top edge. Positions start on whole
pixels and get a quarter off where fractions are required, so that sums such as
`left + width` are exact.
"""

from __future__ import annotations

import math
import random
from typing import Any, Callable, Dict, List, Mapping, Tuple

from scaleapi.sandbox.labeler.job import Size
from scaleapi.sandbox.labeler.json_readers import a_count, a_flag, a_number

Shape = Dict[str, Any]
Point = Dict[str, Any]
_Draw = Callable[[random.Random, Mapping[str, Any], Size], Shape]

_MAX_VERTICES = 200
_QUARTERS = (0.25, 0.5, 0.75)
#: Made-up depth of the camera's view, in meters.
_DEPTH = 10.0


def _box(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    whole = a_flag(spec.get("integer_pixels"))
    left, top, width, height = _area(rng, spec, size)
    box: Shape = {
        "left": left if whole else _shifted(rng, left),
        "top": top if whole else _shifted(rng, top),
        "width": width if whole else float(width),
        "height": height if whole else float(height),
    }
    if a_flag(spec.get("can_rotate")):
        angle = round(rng.uniform(-0.5, 0.5), 4)
        corners = _corners(box, angle)
        if not all(_is_inside(corner, size) for corner in corners):
            angle, corners = 0.0, _corners(box, 0.0)
        vertices = [_point(x, y, whole) for x, y in corners]
        box.update(rotation=angle, vertices=vertices)
    return box


def _polygon(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    """Draw a polygon, clockwise on the screen."""
    left, top, width, height = _area(rng, {}, size)
    # Ordered around the center, so that no edge crosses another.
    count = _vertex_count(rng, spec, 3)
    angles = sorted(rng.uniform(0, 2 * math.pi) for _ in range(count))
    vertices = []
    for angle in angles:
        reach = rng.uniform(0.6, 1.0)
        x = left + (width - 1) / 2 * (1 + reach * math.cos(angle))
        y = top + (height - 1) / 2 * (1 + reach * math.sin(angle))
        vertices.append(_point(x, y, a_flag(spec.get("integer_pixels"))))
    # If all angles are on one side of the center, the order can be reversed.
    return {"vertices": vertices if _area_of(vertices) >= 0 else vertices[::-1]}


def _reversed_polygon(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    return {"vertices": _polygon(rng, spec, size)["vertices"][::-1]}


def _line(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    left, top, width, height = _area(rng, {}, size)
    count = _vertex_count(rng, spec, 2)
    whole = a_flag(spec.get("integer_pixels"))
    vertices = [
        _point(
            left + (width - 1) * number / (count - 1),
            top + rng.uniform(0, height - 1),
            whole,
        )
        for number in range(count)
    ]
    return {"vertices": vertices}


def _dot(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    x, y = (rng.uniform(0, side - 1) for side in size)
    return dict(_point(x, y, a_flag(spec.get("integer_pixels"))))


def _ellipse(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    return _ellipse_in(_area(rng, spec, size), 0.0, spec)


def _turned_ellipse(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    """Draw an ellipse whose axes are not those of the picture."""
    area = _area(rng, spec, size)
    half_width, half_height = area[2] / 2, area[3] / 2
    # Beyond this angle no ellipse touches all four sides of the area.
    steepest = math.atan(min(half_width, half_height) / max(half_width, half_height))
    angle = rng.choice((-1, 1)) * rng.uniform(0.3, 0.7) * steepest
    turned = _ellipse_in(area, angle, spec)
    # Readers measure an ellipse by its four points, so these keep its minimum size.
    for axis, minimum in (("x", "min_width"), ("y", "min_height")):
        places = [point[axis] for point in turned["vertices"]]
        if max(places) - min(places) < (a_number(spec.get(minimum)) or 0):
            return _ellipse_in(area, 0.0, spec)
    return turned


def _ellipse_in(
    area: Tuple[int, int, int, int], angle: float, spec: Mapping[str, Any]
) -> Shape:
    """Return the ellipse of an angle that touches all four sides of an area.

    The four points are the ends of the axes. (api-notes: geometries)
    """
    left, top, width, height = area
    wide, high = (width / 2) ** 2, (height / 2) ** 2
    cos, sin = math.cos(angle), math.sin(angle)
    twice = cos**2 - sin**2
    across = math.sqrt((wide * cos**2 - high * sin**2) / twice)
    down = math.sqrt((high * cos**2 - wide * sin**2) / twice)
    middle_x, middle_y = left + width / 2, top + height / 2
    ends = [
        (middle_x + down * sin, middle_y - down * cos),
        (middle_x + across * cos, middle_y + across * sin),
        (middle_x - down * sin, middle_y + down * cos),
        (middle_x - across * cos, middle_y - across * sin),
    ]
    whole = a_flag(spec.get("integer_pixels"))
    return {"vertices": [_point(x, y, whole) for x, y in ends]}


def _cuboid(rng: random.Random, spec: Mapping[str, Any], size: Size) -> Shape:
    left, top, width, height = _area(rng, spec, size)
    whole = a_flag(spec.get("integer_pixels"))
    right, bottom = left + width, top + height
    # The visible side recedes to the right, and is a little lower.
    far = min(size[0], right + width // 2)
    descent = height // 8
    # The API names the corners in this order.
    corners = {
        "face-topleft": (left, top),
        "face-bottomleft": (left, bottom),
        "face-topright": (right, top),
        "face-bottomright": (right, bottom),
        "side-topcorner": (far, top + descent),
        "side-bottomcorner": (far, bottom - descent),
    }
    cuboid: Shape = {
        "vertices": [
            {**_point(x, y, whole), "type": "vertex", "description": name}
            for name, (x, y) in corners.items()
        ],
        "edges": [_edge(corners, name, whole) for name in _EDGES],
    }
    if spec.get("camera_intrinsics"):
        cuboid["points_2d"] = [_point(x, y, whole) for x, y in corners.values()]
        cuboid["points_3d"] = [
            {
                "x": round((x / size[0] - 0.5) * _DEPTH, 3),
                "y": round((y / size[1] - 0.5) * _DEPTH, 3),
                "z": _DEPTH,
            }
            for x, y in corners.values()
        ]
    return cuboid


#: api-notes: geometries (guess, for the names of the edges)
_EDGES = {
    "face-top": ("face-topleft", "face-topright"),
    "face-right": ("face-topright", "face-bottomright"),
    "face-bottom": ("face-bottomleft", "face-bottomright"),
    "face-left": ("face-topleft", "face-bottomleft"),
    "side-top": ("face-topright", "side-topcorner"),
    "side-right": ("side-topcorner", "side-bottomcorner"),
    "side-bottom": ("face-bottomright", "side-bottomcorner"),
}

#: Geometry -> function that draws it.
DRAWERS: Dict[str, _Draw] = {
    "box": _box,
    "polygon": _polygon,
    "line": _line,
    "point": _dot,
    "cuboid": _cuboid,
    "ellipse": _ellipse,
}

#: Geometry -> function that draws its variant; both occur about equally often.
OTHER_DRAWERS: Dict[str, _Draw] = {
    **DRAWERS,
    "polygon": _reversed_polygon,
    "ellipse": _turned_ellipse,
}


def _area(
    rng: random.Random, spec: Mapping[str, Any], size: Size
) -> Tuple[int, int, int, int]:
    """Return left, top, width and height of an area for a shape."""
    left, width = _stretch(rng, spec.get("min_width"), size[0])
    top, height = _stretch(rng, spec.get("min_height"), size[1])
    return left, top, width, height


def _stretch(rng: random.Random, minimum: Any, space: int) -> Tuple[int, int]:
    least = a_count(minimum, 1, 1, space)
    length = rng.randint(max(least, space // 16), max(least, space // 4))
    return rng.randint(0, space - length), length


def _shifted(rng: random.Random, start: int) -> float:
    return max(0.0, start - rng.choice(_QUARTERS))


def _vertex_count(rng: random.Random, spec: Mapping[str, Any], fewest: int) -> int:
    low = a_count(spec.get("min_vertices"), fewest, fewest, _MAX_VERTICES)
    high = a_count(spec.get("max_vertices"), low + 4, low, _MAX_VERTICES)
    return rng.randint(low, high)


def _corners(box: Shape, angle: float) -> List[Tuple[float, float]]:
    half_width, half_height = box["width"] / 2, box["height"] / 2
    centre_x, centre_y = box["left"] + half_width, box["top"] + half_height
    cos, sin = math.cos(angle), math.sin(angle)
    # With y downward this turns clockwise.
    return [
        (centre_x + dx * cos - dy * sin, centre_y + dx * sin + dy * cos)
        for dx, dy in (
            (-half_width, -half_height),
            (half_width, -half_height),
            (half_width, half_height),
            (-half_width, half_height),
        )
    ]


def _area_of(vertices: List[Point]) -> float:
    """Return twice the area, negative if the order is counterclockwise."""
    return sum(
        float(one["x"] * two["y"] - two["x"] * one["y"])
        for one, two in zip(vertices, vertices[1:] + vertices[:1])
    )


def _is_inside(corner: Tuple[float, float], size: Size) -> bool:
    return 0 <= corner[0] <= size[0] and 0 <= corner[1] <= size[1]


def _edge(corners: Mapping[str, Tuple[int, int]], name: str, whole: bool) -> Shape:
    start, end = (_point(*corners[corner], whole) for corner in _EDGES[name])
    return {
        "x1": start["x"],
        "y1": start["y"],
        "x2": end["x"],
        "y2": end["y"],
        "type": "edge",
        "description": name,
    }


def _point(x: float, y: float, whole: bool) -> Point:
    return {
        "x": round(x) if whole else round(float(x), 2),
        "y": round(y) if whole else round(float(y), 2),
    }
