"""Which shapes formats for training have; what is left out is a problem. Pure."""

from __future__ import annotations

import math
from typing import Any, Dict, Optional, Tuple

from scaleapi.annotations import Annotations, Box, Polygon, Shape, parse
from scaleapi.annotations.views import Position
from scaleapi.export.classes import Classes
from scaleapi.export.problems import Problems
from scaleapi.export.rows import count_left_out

_ONLY_SHAPES = {"annotations", "global_attributes"}
MALFORMED = "a {} is malformed, and is left out"


def response_of(document: Dict[str, Any], problems: Problems) -> Optional[Annotations]:
    """Return what a task's response says; None if there is none with shapes to write.

    Args:
        document: The task.
        problems: Gets what is left out.
    """
    found = parse(document)
    task_id = document.get("task_id")
    response = document.get("response")
    if not isinstance(response, (dict, list)) or found.error:
        problems.add("the task has no response, and is left out", task_id)
        return None
    if _is_all_shapes(response, found):
        return found
    count_left_out(found, task_id, problems)
    cuboids = len(found.cuboids_3d)
    if cuboids:
        kind = "cuboids of lidar are not on a picture, and are left out"
        problems.add(kind, task_id, count=cuboids)
    return None if "annotations" in found.result_urls else found


def _is_all_shapes(response: Any, found: Annotations) -> bool:
    """Return whether nothing is left out, as in most responses; a quick check."""
    if not isinstance(response, dict) or not response.keys() <= _ONLY_SHAPES:
        return False
    annotations = response.get("annotations")
    return isinstance(annotations, list) and len(found.shapes) == len(annotations)


def class_of(shape: Shape, task_id: Any, classes: Classes, problems: Problems) -> int:
    """Return the number of a shape's class; 0, and a problem, if it has none."""
    number = classes.number_of(shape.label)
    if not number:
        kind = "a shape has a label that is none of the classes, and is left out"
        problems.add(kind, task_id, "label", shape.label)
    return number


def corners_of(
    shape: Shape, task_id: Any, problems: Problems
) -> Optional[Tuple[Position, ...]]:
    """Return the corners of a box or polygon that encloses something; None for others.

    Args:
        shape: The shape.
        task_id: Its task.
        problems: Gets it if it is left out.
    """
    if not isinstance(shape, (Box, Polygon)):
        kind = f"a shape is of type {shape.geometry}, which the format does not have"
        problems.add(f"{kind}, and is left out", task_id)
        return None
    corners = shape.vertices
    if isinstance(shape, Box):
        is_whole = shape.width >= 0 and shape.height >= 0
    else:
        is_whole = len(corners) >= 3
    # A sum has no end if a part of it has none.
    if not is_whole or not is_finite(sum(map(sum, corners))):
        problems.add(MALFORMED.format(shape.geometry), task_id, example=shape.raw)
        return None
    return corners


def is_finite(number: float) -> bool:
    """Return whether a number is a float with an end, or can be made one."""
    try:
        return math.isfinite(number)
    except OverflowError:  # a very large integer
        return False
