"""Motion of objects from frame to frame."""

from __future__ import annotations

from typing import Any, Dict

from scaleapi.sandbox.labeler.attributes import Annotation
from scaleapi.sandbox.labeler.job import Size

_PIXELS_A_FRAME = 2

_ACROSS = ("x", "x1", "x2", "left")
_POINTS = ("vertices", "edges", "points_2d")


def at_frame(annotation: Annotation, number: int, size: Size) -> Annotation:
    """Return the object some frames later: it moves right, up to the edge."""
    space = max(0, int(size[0] - _right_edge(annotation)))
    distance = min(number * _PIXELS_A_FRAME, space)
    moved = _moved(annotation, distance)
    for name in _POINTS:
        if name in annotation:
            moved[name] = [_moved(point, distance) for point in annotation[name]]
    return moved


def _moved(shape: Dict[str, Any], distance: int) -> Dict[str, Any]:
    return {
        name: round(value + distance, 2) if name in _ACROSS else value
        for name, value in shape.items()
    }


def _right_edge(annotation: Annotation) -> float:
    shapes = [annotation, *annotation.get("vertices", ())]
    edges = [shape["x"] for shape in shapes if "x" in shape]
    if "left" in annotation:
        edges.append(annotation["left"] + annotation["width"])
    return float(max(edges))
