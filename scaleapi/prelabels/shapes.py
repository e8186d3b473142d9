"""Annotations of an image as a response has them, made from coordinates."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from scaleapi.annotations import Box, Shape
from scaleapi.annotations.shape_lists import shape_of
from scaleapi.annotations.views import Position, is_number
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

Annotation = Dict[str, Any]
Positions = Iterable[Position]

_MAX_DEPTH = 50
#: The corners of a cuboid in the order of the API. api-notes: geometries
CUBOID_CORNERS = (
    "face-topleft",
    "face-bottomleft",
    "face-topright",
    "face-bottomright",
    "side-topcorner",
    "side-bottomcorner",
)


def box(
    label: Optional[str],
    left: float,
    top: float,
    width: float,
    height: float,
    *,
    rotation: Optional[float] = None,
    vertices: Optional[Positions] = None,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return a box.

    Args:
        label: The label; None in a project without labels.
        left: The left edge, in pixels from the left edge of the image.
        top: The top edge, in pixels from the top edge of the image.
        width: The width in pixels.
        height: The height in pixels.
        rotation: The angle by which the box is turned around its middle: radians,
            clockwise. The edges are those before it is turned. Default: not turned.
        vertices: The four corners of the turned box, each as (x, y). Default: computed
            from the edges and the rotation.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite, or `width` or `height` is
            negative, or `vertices` are not four.
    """
    edges = {"left": left, "top": top, "width": width, "height": height}
    if rotation is not None:
        edges["rotation"] = rotation
    made = _annotation("box", label, edges, attributes, uuid)
    if vertices is not None:
        made["vertices"] = _corners("vertices", vertices, 4, 4)
    elif rotation is not None:
        made["vertices"] = [{"x": x, "y": y} for x, y in _shape(made, "").vertices]
    return checked(made)


def polygon(
    label: Optional[str],
    vertices: Positions,
    *,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return a polygon.

    Args:
        label: The label; None in a project without labels.
        vertices: At least three corners, each as (x, y) in pixels.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite, or there are too few.
    """
    corners = {"vertices": _corners("vertices", vertices, 3)}
    return checked(_annotation("polygon", label, corners, attributes, uuid))


def line(
    label: Optional[str],
    vertices: Positions,
    *,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return a line.

    Args:
        label: The label; None in a project without labels.
        vertices: At least two positions, each as (x, y) in pixels.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite, or there are too few.
    """
    corners = {"vertices": _corners("vertices", vertices, 2)}
    return checked(_annotation("line", label, corners, attributes, uuid))


def point(
    label: Optional[str],
    x: float,
    y: float,
    *,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return a point.

    Args:
        label: The label; None in a project without labels.
        x: Pixels from the left edge of the image.
        y: Pixels from the top edge of the image.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite.
    """
    return checked(_annotation("point", label, {"x": x, "y": y}, attributes, uuid))


def ellipse(
    label: Optional[str],
    vertices: Positions,
    *,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return an ellipse.

    Args:
        label: The label; None in a project without labels.
        vertices: The four ends of the axes, each as (x, y) in pixels: top, right,
            bottom, left.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite, or there are not four.
    """
    corners = {"vertices": _corners("vertices", vertices, 4, 4)}
    return checked(_annotation("ellipse", label, corners, attributes, uuid))


def cuboid(
    label: Optional[str],
    vertices: Positions,
    *,
    attributes: Optional[Mapping[str, Any]] = None,
    uuid: Optional[str] = None,
) -> Annotation:
    """Return a cuboid as it is seen on an image: a face, and a side next to it.

    The side is at the right of the face, or at its left if its corners are there.

    Args:
        label: The label; None in a project without labels.
        vertices: Six corners, each as (x, y) in pixels: left top, left bottom, right
            top and right bottom of the face, then top and bottom of the far edge of
            the side.
        attributes: Name -> value. Default: none.
        uuid: The ``uuid``. Default: `from_shapes` derives one from the content.

    Raises:
        ScaleTypeError: A coordinate is not a number, or `label` or `uuid` no text.
        ScaleValueError: A coordinate is NaN or infinite, or there are not six.
    """
    corners = _corners("vertices", vertices, 6, 6)
    named: Dict[str, Dict[str, float]] = dict(zip(CUBOID_CORNERS, corners))
    parts = {
        "vertices": [
            {**corner, "type": "vertex", "description": name}
            for name, corner in named.items()
        ],
        "edges": [_edge(named, *each) for each in _edges(named)],
    }
    return checked(_annotation("cuboid", label, parts, attributes, uuid))


def _edges(corners: Mapping[str, Mapping[str, float]]) -> List[Tuple[str, str, str]]:
    """Return the edges that are seen: name, and the names of their two ends."""
    far = corners["side-topcorner"]["x"]
    near_left, near_right = corners["face-topleft"]["x"], corners["face-topright"]["x"]
    side = "left" if abs(far - near_left) < abs(far - near_right) else "right"
    # api-notes: geometries (guess, for the names of the edges)
    return [
        ("face-top", "face-topleft", "face-topright"),
        ("face-right", "face-topright", "face-bottomright"),
        ("face-bottom", "face-bottomleft", "face-bottomright"),
        ("face-left", "face-topleft", "face-bottomleft"),
        ("side-top", f"face-top{side}", "side-topcorner"),
        (f"side-{side}", "side-topcorner", "side-bottomcorner"),
        ("side-bottom", f"face-bottom{side}", "side-bottomcorner"),
    ]


def _edge(
    corners: Mapping[str, Mapping[str, float]], name: str, start: str, end: str
) -> Dict[str, Any]:
    one, two = corners[start], corners[end]
    ends = {"x1": one["x"], "y1": one["y"], "x2": two["x"], "y2": two["y"]}
    return {**ends, "type": "edge", "description": name}


def annotation_of(shape: Union[Shape, Mapping[str, Any]], where: str) -> Annotation:
    """Return a copy of a shape as an annotation.

    Args:
        shape: A shape that `annotations.parse` gave, or an annotation.
        where: The beginning of errors.

    Raises:
        ScaleTypeError: `shape` is neither, or a value in it cannot be sent.
        ScaleValueError: `shape` is not a complete annotation.
    """
    if isinstance(shape, Shape):
        made: Annotation = plain(shape.raw, where)
        at = made["location"] if isinstance(made.get("location"), dict) else made
        at.setdefault("type", shape.geometry)
        # In a track, the track has what belongs to all of its frames.
        if shape.label is not None:
            made.setdefault("label", shape.label)
        if shape.uuid is not None:
            made.setdefault("uuid", shape.uuid)
    elif isinstance(shape, Mapping):
        made = plain(shape, where)
    else:
        raise ScaleTypeError(
            f"{where} must be a dict, such as prelabels.box() returns, or a shape of "
            f"scaleapi.annotations; got {type(shape).__name__}"
        )
    for key in ("label", "uuid"):
        if not isinstance(made.get(key, ""), str):
            raise ScaleTypeError(f"{where}: {key!r} must be text; got {made[key]!r}")
    return checked(made, where)


def checked(annotation: Annotation, where: str = "") -> Annotation:
    """Return an annotation if `annotations.parse` finds a shape in it.

    Raises:
        ScaleTypeError: An edge is not a number.
        ScaleValueError: There is no shape, or the width or height is negative.
    """
    shape = _shape(annotation, where)
    prefix = f"{where}: " if where else ""
    if isinstance(shape, Box):
        for key in ("left", "top", "width", "height"):
            # A reader of any data also takes true for 1.
            if number(getattr(shape, key), prefix + key) < 0 and key in (
                "width",
                "height",
            ):
                raise ScaleValueError(f"{prefix}{key} is negative")
    return annotation


def _shape(annotation: Annotation, where: str) -> Shape:
    shape = shape_of(annotation)
    if shape is None:
        raise ScaleValueError(
            f"{where} is no complete shape: 'type' must be box, polygon, line, point, "
            "ellipse or cuboid, with its coordinates as numbers; "
            f"got {_shortened(annotation)}"
        )
    return shape


def plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return a copy that consists of what JSON has. Numbers keep their exact value.

    Raises:
        ScaleTypeError: A value cannot be sent, or sent exactly.
        ScaleValueError: A number is NaN or infinite, or lists are nested too deeply.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Real):
        return number(value, where)
    if depth > _MAX_DEPTH:
        raise ScaleValueError(f"{where} is nested more than {_MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ScaleTypeError(f"{where}: keys must be text; got {key!r}")
        return {k: plain(v, f"{where}: {k!r}", depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, where, depth + 1) for each in value]
    raise ScaleTypeError(f"{where} cannot be sent as JSON: {type(value).__name__}")


def number(value: Any, where: str) -> float:
    """Return a number with its exact value; that of another library becomes ours.

    Raises:
        ScaleTypeError: `value` is not a number, or not one that a float can hold
            exactly.
        ScaleValueError: `value` is NaN, infinite or gigantic.
    """
    if type(value) is float or type(value) is int:
        exact = value
    elif isinstance(value, Integral) and not isinstance(value, bool):
        exact = int(value)
    elif isinstance(value, Real) and not isinstance(value, bool):
        exact = float(value)
        if exact != value and exact == exact:
            raise ScaleTypeError(f"{where} is not exact as a float: {value!r}")
    else:
        raise ScaleTypeError(f"{where} must be a number; got {_shortened(value)}")
    if not is_number(exact) or not math.isfinite(exact):
        raise ScaleValueError(f"{where} must be a finite number; got {exact!r:.40}")
    return exact


def _annotation(
    geometry: str,
    label: Optional[str],
    parts: Mapping[str, Any],
    attributes: Optional[Mapping[str, Any]],
    uuid: Optional[str],
) -> Annotation:
    made: Annotation = {"type": geometry}
    for key, text in (("label", label), ("uuid", uuid)):
        if text is not None and not isinstance(text, str):
            raise ScaleTypeError(f"{key} must be text; got {_shortened(text)}")
    if uuid is not None:
        made["uuid"] = uuid
    if label is not None:
        made["label"] = label
    for name, value in parts.items():
        made[name] = value if isinstance(value, list) else number(value, name)
    made["attributes"] = plain({} if attributes is None else attributes, "attributes")
    return made


def _corners(
    name: str, positions: Positions, least: int, most: Optional[int] = None
) -> List[Dict[str, float]]:
    corners = []
    for position in positions:
        try:
            x, y = position
        except (TypeError, ValueError):
            raise ScaleTypeError(
                f"{name} must be pairs (x, y); got {_shortened(position)}"
            ) from None
        corners.append({"x": number(x, f"{name}: x"), "y": number(y, f"{name}: y")})
    if len(corners) < least or (most is not None and len(corners) > most):
        wanted = f"{least}" if most == least else f"at least {least}"
        raise ScaleValueError(f"{name} must be {wanted} positions; got {len(corners)}")
    return corners


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
