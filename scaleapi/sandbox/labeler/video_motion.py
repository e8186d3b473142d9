"""Motion of objects from frame to frame."""

from __future__ import annotations

from typing import Any, Dict

from scaleapi.sandbox.labeler.attributes import Annotation
from scaleapi.sandbox.labeler.job import Size

_PIXELS_A_FRAME = 2

_ACROSS = ("x", "x1", "x2", "left")
_POINTS = ("vertices", "edges", "points_2d")


def at_frame(found: Annotation, number: int, size: Size) -> Annotation:
    """Return the object some frames later: it moves right, up to the edge."""
    space = max(0, int(size[0] - _right_edge(found)))
    distance = min(number * _PIXELS_A_FRAME, space)
    moved = _moved(found, distance)
    for name in _POINTS:
        if name in found:
            moved[name] = [_moved(point, distance) for point in found[name]]
    return moved


def _moved(shape: Dict[str, Any], distance: int) -> Dict[str, Any]:
    return {
        name: round(value + distance, 2) if name in _ACROSS else value
        for name, value in shape.items()
    }


def _right_edge(found: Annotation) -> float:
    shapes = [found, *found.get("vertices", ())]
    edges = [shape["x"] for shape in shapes if "x" in shape]
    if "left" in found:
        edges.append(found["left"] + found["width"])
    return float(max(edges))
