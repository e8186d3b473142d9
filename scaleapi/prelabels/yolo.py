"""YOLO: a text file an image, a line an object, coordinates as parts of the size."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from scaleapi.annotations.views import Position
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.prelabels import shapes
from scaleapi.prelabels.result import Problem
from scaleapi.prelabels.shapes import Annotation

Names = Union[Sequence[str], Mapping[Any, Any]]
Size = Tuple[int, int]

#: How far a corner of a turned box may be from where a rectangle has it, as a part of
#: its diagonal. Files have about six digits after the point.
_TOLERANCE = 0.02
#: Shapes may extend beyond the image, but not as far as coordinates in pixels would.
_REACH = (-1.0, 2.0)


def class_names(names: Names) -> Dict[int, str]:
    """Return number of a class -> name.

    Args:
        names: The names in their order; number -> name; or the content of
            ``data.yaml``, which has one of them under ``names``.

    Raises:
        ScaleTypeError: `names` is none of them.
        ScaleValueError: A number occurs twice.
    """
    if isinstance(names, Mapping) and "names" in names:
        names = names["names"]
    if isinstance(names, Mapping):
        pairs = list(names.items())
    elif isinstance(names, Sequence) and not isinstance(names, (str, bytes)):
        pairs = list(enumerate(names))
    else:
        raise ScaleTypeError(
            "names must be a list of names, or a dict number -> name, such as 'names' "
            f"of data.yaml; got {type(names).__name__}"
        )
    found: Dict[int, str] = {}
    for key, name in pairs:
        number = int(key) if isinstance(key, str) and key.isdecimal() else key
        if type(number) is not int or not isinstance(name, str):
            raise ScaleTypeError(f"names: {key!r}: {name!r} is not number: name")
        if number in found:
            raise ScaleValueError(f"names: the number {number} occurs twice")
        found[number] = name
    return found


def annotations_of(
    text: str,
    size: Size,
    names: Mapping[int, str],
    kind: str,
    image: str,
    source: str,
) -> Tuple[List[Annotation], List[Problem]]:
    """Return the annotations in the file of one image.

    Args:
        text: The content of the file.
        size: Width and height of the image in pixels.
        names: Number of a class -> name.
        kind: A key of `KINDS`.
        image: The name of the image.
        source: The name of the file, for errors.

    Raises:
        ScaleValueError: A line is malformed.
    """
    read = KINDS[kind]
    found: List[Annotation] = []
    problems: List[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        tokens = line.split()
        if not tokens:
            continue
        where = f"{source}, line {number}"
        name = _class_name(tokens[0], names, where)
        values = [_number(token, where) for token in tokens[1:]]
        try:
            annotation = read(name, values, size)
        except ScaleValueError as error:
            raise ScaleValueError(f"{where}: {error.args[0]}") from None
        if annotation is None:
            reason = "its four corners are not those of a rectangle"
            problems.append(Problem(image, f"line {number}", reason))
        else:
            found.append(annotation)
    return found, problems


def _class_name(token: str, names: Mapping[int, str], where: str) -> str:
    number = _number(token, where)
    if number not in names:
        known = ", ".join(f"{n} ({name})" for n, name in sorted(names.items()))
        raise ScaleValueError(
            f"{where}: there is no class {token[:40]}; known: {known or 'none'}"
        )
    return names[int(number)]


def _number(token: str, where: str) -> float:
    try:
        # Python takes underscores between digits, and digits of other scripts, which
        # no other program does.
        value = float(token) if "_" not in token and token.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ScaleValueError(f"{where}: {token[:40]!r} is not a finite number")
    return value


def _box(name: str, values: List[float], size: Size) -> Annotation:
    if len(values) not in (4, 5):  # Predictions have their confidence at the end.
        raise ScaleValueError(_count("detect", "x y width height", values))
    x, y, across, down = _parts(values[:4])
    width, height = size
    return shapes.box(
        name,
        (x - across / 2) * width,
        (y - down / 2) * height,
        across * width,
        down * height,
    )


def _polygon(name: str, values: List[float], size: Size) -> Annotation:
    if len(values) < 6:
        raise ScaleValueError(_count("segment", "x y for 3 corners or more", values))
    even = len(values) - len(values) % 2
    return shapes.polygon(name, _positions(values[:even], size))


def _turned_box(name: str, values: List[float], size: Size) -> Optional[Annotation]:
    if len(values) not in (8, 9):
        raise ScaleValueError(_count("obb", "x y for 4 corners", values))
    corners = _positions(values[:8], size)
    one, two, three, four = corners
    if _cross(one, two, three) + _cross(three, four, one) < 0:
        # The corners of a response go clockwise on the screen.
        corners = [one, four, three, two]
        one, two, three, four = corners
    width = math.hypot(two[0] - one[0], two[1] - one[1])
    height = math.hypot(three[0] - two[0], three[1] - two[1])
    angle = math.atan2(two[1] - one[1], two[0] - one[0])
    middle_x = (one[0] + two[0] + three[0] + four[0]) / 4
    middle_y = (one[1] + two[1] + three[1] + four[1]) / 4
    made = shapes.box(
        name,
        middle_x - width / 2,
        middle_y - height / 2,
        width,
        height,
        rotation=angle,
    )
    allowed = _TOLERANCE * math.hypot(width, height)
    for (x, y), right in zip(corners, made["vertices"]):
        if math.hypot(x - right["x"], y - right["y"]) > allowed:
            return None
    made["vertices"] = [{"x": x, "y": y} for x, y in corners]
    return made


#: Name of a kind of files, as ultralytics calls it -> function that reads a line.
KINDS: Dict[str, Callable[[str, List[float], Size], Optional[Annotation]]] = {
    "detect": _box,
    "segment": _polygon,
    "obb": _turned_box,
}


def _parts(values: List[float]) -> List[float]:
    for value in values:
        if not _REACH[0] <= value <= _REACH[1]:
            raise ScaleValueError(
                f"{value} is not a part of the size of the image. YOLO has 0 for the "
                "left or top edge and 1 for the right or bottom edge, not pixels"
            )
    return values


def _positions(values: List[float], size: Size) -> List[Position]:
    values = _parts(values)
    width, height = size
    return [(x * width, y * height) for x, y in zip(values[::2], values[1::2])]


def _cross(one: Position, two: Position, three: Position) -> float:
    """Return a positive number if the way turns clockwise on the screen."""
    (ax, ay), (bx, by) = one, two
    return (bx - ax) * (three[1] - by) - (by - ay) * (three[0] - bx)


def _count(kind: str, wanted: str, values: List[float]) -> str:
    others = " or ".join(repr(each) for each in KINDS if each != kind)
    return (
        f"kind={kind!r} has a class and {wanted} on each line; got a class and "
        f"{len(values)} numbers. Is it kind={others}?"
    )
