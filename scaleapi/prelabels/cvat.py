"""CVAT for images 1.1 and CVAT for video 1.1."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple
from xml.etree.ElementTree import Element

from scaleapi.annotations.views import Position
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.prelabels import shapes
from scaleapi.prelabels.result import Prelabels, Problem, content_uuid, hypothesis
from scaleapi.prelabels.shapes import Annotation

#: What stands in the root of a file.
_TOP_LEVEL = frozenset({"image", "meta", "track", "version"})
#: Shapes without a counterpart -> why.
_NO_SHAPES = {
    "mask": "a mask is not a shape of the API",
    "tag": "the API has no labels of a whole image",
}


class Reader:
    """Reads one document.

    Args:
        root: The root of the document.
        source: The name of the file, for errors.
    """

    def __init__(self, root: Element, source: str) -> None:
        if root.tag != "annotations":
            raise ScaleValueError(
                f"{source} is not a file of CVAT: its root is <{root.tag}>, not "
                "<annotations>"
            )
        self._root = root
        self._source = source
        self._numeric = {
            (_text(label, "name"), _text(attribute, "name"))
            for label in root.iter("label")
            for attribute in label.iter("attribute")
            if _text(attribute, "input_type") == "number"
        }
        self._problems: List[Problem] = []

    def read(self) -> Prelabels:
        """Return the pre-labels of all images, or of the video.

        Raises:
            ScaleValueError: A shape is malformed.
        """
        found = self._read_images()
        if self._root.find("track") is not None:
            for name, made in self._read_video().items():
                if name in found:
                    raise ScaleValueError(
                        f"{self._source}: an image and the video are called {name!r}"
                    )
                found[name] = made
        for element in self._root:
            if element.tag not in _TOP_LEVEL:
                reason = "it is neither an image nor a track"
                self._skip("", f"<{element.tag}>", reason)
        return Prelabels(found, self._problems)

    def _read_images(self) -> Dict[str, Dict[str, Any]]:
        found: Dict[str, Dict[str, Any]] = {}
        for image in self._root.iter("image"):
            name = image.get("name")
            if not name:
                raise ScaleValueError(f"{self._source}: an <image> has no name")
            if name in found:
                # The tasks of a project may have images of the same name.
                raise ScaleValueError(
                    f"{self._source}: the image {name!r} occurs twice. Export each "
                    "task by itself if this is a project with several tasks"
                )
            annotations = [
                annotation
                for number, shape in enumerate(image, 1)
                for annotation in self._annotations_of(shape, name, number)
            ]
            found[name] = hypothesis(annotations, name)
        return found

    def _annotations_of(
        self, shape: Element, image: str, number: int
    ) -> List[Annotation]:
        where = f"<{shape.tag}> {number}"
        if shape.tag == "skeleton":
            return self._skeleton(shape, image, number, where)
        return self._with_problems(shape, image, where)

    def _skeleton(
        self, skeleton: Element, image: str, number: int, where: str
    ) -> List[Annotation]:
        found: List[Annotation] = []
        self._skip(image, where, "its points are not kept together as one object")
        attributes = self._attributes(skeleton, image, where)
        if attributes:
            names = ", ".join(attributes)
            self._skip(image, where, f"its points do not have its attributes: {names}")
        if skeleton.get("outside") == "1":
            self._skip(image, where, "it is marked as outside the image")
            return found
        for part in skeleton:
            if part.tag != "attribute":
                found += self._annotations_of(part, image, number)
        return found

    def _with_problems(
        self, shape: Element, image: str, where: str
    ) -> List[Annotation]:
        if shape.get("outside") == "1":
            self._skip(image, where, "it is marked as outside the image")
            return []
        if shape.tag not in _READERS:
            self._skip(image, where, _NO_SHAPES.get(shape.tag, "it is not a shape"))
            return []
        try:
            found = list(_READERS[shape.tag](shape))
            attributes = self._attributes(shape, image, where)
        except (ScaleTypeError, ScaleValueError) as error:
            raise ScaleValueError(
                f"{self._source}: {where} of {image}: {error.args[0]}"
            ) from None
        for reason in (*_lost(shape, found), *_unknown_parts(shape)):
            self._skip(image, where, reason)
        for annotation in found:
            annotation["attributes"] = dict(attributes)
        return found

    def _attributes(self, shape: Element, image: str, where: str) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for attribute in shape.iterfind("attribute"):
            name, value = attribute.get("name", ""), attribute.text or ""
            if name in found:
                reason = f"its attribute {name!r} occurs twice; the last value counts"
                self._skip(image, where, reason)
            is_number = (shape.get("label"), name) in self._numeric
            found[name] = _number_in(value) if is_number and value else value
        return found

    def _read_video(self) -> Dict[str, Dict[str, Any]]:
        tasks = {track.get("task_id") for track in self._root.iterfind("track")}
        if len(tasks) > 1:
            raise ScaleValueError(
                f"{self._source} has the tracks of several videos. Export each task by "
                "itself"
            )
        name = self._root.findtext("meta/source") or self._root.findtext(
            "meta/task/source"
        )
        name = name or self._root.findtext("meta/job/source") or self._source
        tracks: Dict[str, Dict[str, Any]] = {}
        seen: Dict[str, int] = {}
        for track in self._root.iterfind("track"):
            made = self._track(track, name)
            if made is not None:
                tracks[content_uuid([name, made], seen)] = made
        # api-notes: prelabels
        return {name: {"annotations": tracks}}

    def _track(self, track: Element, video: str) -> Optional[Dict[str, Any]]:
        place = f"track {track.get('id', '?')}"
        for reason in _group(track):
            self._skip(video, place, reason)
        frames: List[Dict[str, Any]] = []
        label = geometry = None
        for shape in track:
            where = f"{place}, frame {shape.get('frame', '?')}"
            if shape.get("outside") == "1":
                continue  # The object has left the picture: a track has no frame there.
            shape.set("label", track.get("label", ""))
            found = self._with_problems(shape, video, where)
            if len(found) > 1:
                reason = "a point of a track is one point in each frame, not several"
                self._skip(video, where, reason)
            elif found:
                label, geometry = found[0]["label"], found[0]["type"]
                frames.append(self._frame(shape, found[0], f"{where} of {video}"))
        if not frames:
            self._skip(video, place, "it has no frames that could be carried over")
            return None
        return {"label": label, "geometry": geometry, "frames": frames}

    def _frame(self, shape: Element, made: Annotation, where: str) -> Dict[str, Any]:
        frame = shape.get("frame", "")
        if not (frame.isascii() and frame.isdecimal()):
            raise ScaleValueError(f"{self._source}: {where}: frame is not a number")
        entry = {"key": _number_in(frame)}
        if shape.get("keyframe") == "0":
            # api-notes: tracks
            entry["isInferredKeyframe"] = True
        entry.update({k: v for k, v in made.items() if k not in ("type", "label")})
        return entry

    def _skip(self, image: str, where: str, reason: str) -> None:
        self._problems.append(Problem(image, where, reason))


def _box(shape: Element) -> Iterator[Annotation]:
    left, top = _number(shape, "xtl"), _number(shape, "ytl")
    width, height = _number(shape, "xbr") - left, _number(shape, "ybr") - top
    angle = _angle(shape)
    yield shapes.box(_label(shape), left, top, width, height, rotation=angle)


def _polygon(shape: Element) -> Iterator[Annotation]:
    yield shapes.polygon(_label(shape), _positions(shape))


def _line(shape: Element) -> Iterator[Annotation]:
    yield shapes.line(_label(shape), _positions(shape))


def _points(shape: Element) -> Iterator[Annotation]:
    for x, y in _positions(shape):
        yield shapes.point(_label(shape), x, y)


def _ellipse(shape: Element) -> Iterator[Annotation]:
    middle_x, middle_y = _number(shape, "cx"), _number(shape, "cy")
    across, down = _number(shape, "rx"), _number(shape, "ry")
    if across < 0 or down < 0:
        raise ScaleValueError("rx or ry is negative")
    angle = _angle(shape) or 0.0
    cos, sin = math.cos(angle), math.sin(angle)
    # With y downward this turns clockwise. api-notes: geometries
    ends = [
        (middle_x + down * sin, middle_y - down * cos),
        (middle_x + across * cos, middle_y + across * sin),
        (middle_x - down * sin, middle_y + down * cos),
        (middle_x - across * cos, middle_y - across * sin),
    ]
    yield shapes.ellipse(_label(shape), ends)


def _cuboid(shape: Element) -> Iterator[Annotation]:
    face = [_corner(shape, f"{name}1") for name in ("tl", "bl", "tr", "br")]
    left = min(x for x, _ in face)
    right = max(x for x, _ in face)
    # Of the two edges at the back, the one that is seen is beside the face. It is found
    # by its place, since the names of these edges do not say which one it is.
    back = [
        [_corner(shape, f"{name}2") for name in names]
        for names in (("tl", "bl"), ("tr", "br"))
    ]
    reach = [max(top[0] - right, left - top[0]) for top, _ in back]
    side = back[0] if reach[0] > reach[1] else back[1]
    if max(reach) > 0:
        yield shapes.cuboid(_label(shape), [*face, *side])


_READERS: Dict[str, Callable[[Element], Iterator[Annotation]]] = {
    "box": _box,
    "polygon": _polygon,
    "polyline": _line,
    "points": _points,
    "ellipse": _ellipse,
    "cuboid": _cuboid,
}


def _lost(shape: Element, found: List[Annotation]) -> Iterator[str]:
    """Yield what the annotations of a shape do not have of it."""
    if not found:
        yield "no side of the cuboid is seen beside its face"
        return
    if shape.tag == "cuboid":
        yield "two of its eight corners are left out: the API has those that are seen"
    if len(found) > 1:
        yield f"its {len(found)} points are not kept together as one object"
    if shape.get("occluded") == "1":
        yield "nothing says that it is occluded"
    yield from _group(shape)


def _group(element: Element) -> Iterator[str]:
    if element.get("group_id") not in (None, "", "0"):
        yield f"nothing says that it belongs to the group {element.get('group_id')}"


def _unknown_parts(shape: Element) -> Iterator[str]:
    for part in shape:
        if part.tag != "attribute":
            yield f"its <{part.tag}> is left out"


def _label(shape: Element) -> str:
    label = shape.get("label")
    if not label:
        raise ScaleValueError("it has no label")
    return label


def _angle(shape: Element) -> Optional[float]:
    """Return the rotation in radians; CVAT has degrees, clockwise like the API."""
    if shape.get("rotation") is None:
        return None
    return math.radians(_number(shape, "rotation")) or None


def _corner(shape: Element, name: str) -> Position:
    return _number(shape, f"x{name}"), _number(shape, f"y{name}")


def _positions(shape: Element) -> List[Position]:
    found: List[Tuple[float, float]] = []
    for pair in shape.get("points", "").split(";"):
        x, comma, y = pair.partition(",")
        if not comma:
            raise ScaleValueError(f"points must be x,y;x,y...; got {pair!r:.60}")
        found.append((_number_in(x), _number_in(y)))
    return found


def _number(shape: Element, name: str) -> float:
    value = shape.get(name)
    if value is None:
        raise ScaleValueError(f"it has no {name}")
    try:
        return _number_in(value)
    except ScaleValueError as error:
        raise ScaleValueError(f"{name}: {error.args[0]}") from None


def _number_in(text: str) -> float:
    """Return the number that a text is: an integer if it is written as one."""
    try:
        # Python takes underscores between digits, and digits of other scripts, which
        # no other program does.
        if "_" not in text and text.isascii():
            whole = text.strip().lstrip("+-")
            value = int(text) if whole.isdecimal() and len(whole) < 20 else float(text)
            return shapes.number(value, repr(text[:40]))
    except ValueError:
        pass
    raise ScaleValueError(f"{text[:40]!r} is not a finite number")


def _text(element: Element, name: str) -> Optional[str]:
    return element.findtext(name)
