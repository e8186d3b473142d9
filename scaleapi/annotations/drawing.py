"""`svg`: annotations on a picture, on a frame, or seen from above."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar

from scaleapi.annotations import marks
from scaleapi.annotations.captions import Bounds
from scaleapi.annotations.escaping import text_of
from scaleapi.annotations.lidar import Cuboid3D
from scaleapi.annotations.marks import Mark
from scaleapi.annotations.reading import Annotations, parse
from scaleapi.annotations.shapes import Shape
from scaleapi.annotations.svg_text import COLORS, Drawing, Drawn, bounds_of
from scaleapi.annotations.video import Frame, Track
from scaleapi.annotations.views import Position
from scaleapi.exceptions import ScaleValueError

T = TypeVar("T")

MAX_SHAPES = 2000
#: Assumed width and height of pictures of unknown size, in pixels.
#: api-notes: image-size
USUAL_SIZE = (1280, 720)
#: The longer side of a drawing seen from above.
_LIDAR_SIZE = 1000
_LIDAR_MARGIN = 40
_MAX_LABEL_CHARS = 200
_MAX_SIZE = 100_000


def svg(
    task: Any,
    *,
    image: Optional[str] = None,
    size: Optional[Tuple[float, float]] = None,
    width: Optional[float] = None,
    frame: Optional[int] = None,
    camera: Optional[int] = None,
    page: Optional[int] = None,
    results: Optional[Mapping[str, Any]] = None,
    max_shapes: int = MAX_SHAPES,
) -> str:
    """Return the annotations of a task as the text of an SVG picture.

    Boxes and other shapes stand where they are on the picture; cuboids of lidar are
    seen from above. Labels do not cover one another, and do not leave the picture; one
    that has no place is left out. All text is escaped. Nothing is fetched: of a result
    in a file of its own, the picture only says so, unless it is passed as `results`, or
    `task` is what ``Task.get_annotations(load=True)`` returned.

    Args:
        task: As in `parse`; or what `parse` returned.
        image: Address of a picture to draw on, for instance a ``data:`` address.
            Whoever shows the SVG fetches it. Default: a blank ground.
        size: Width and height of the picture in pixels, which no task states. Default:
            1280 x 720, or more if a shape is beyond that.
        width: Width at which the SVG is shown. Default: that of the picture.
        frame: Position in ``frames`` of a video or of lidar. Default: the first one
            that has annotations. The ways of objects through all frames are drawn, too.
        camera: Position in ``camera_images`` of the frame. Default: the first.
        page: Number of the page of a document, from 0. Default: the first.
        results: As in `parse`.
        max_shapes: The most shapes to draw.

    Raises:
        ScaleValueError: There is no such frame or camera, or `size` is not positive.
    """
    found = drawing_of(
        task,
        size=size,
        frame=frame,
        camera=camera,
        page=page,
        results=results,
        max_shapes=max_shapes,
    )
    return found.svg(image, width)


def drawing_of(
    task: Any,
    *,
    size: Optional[Tuple[float, float]] = None,
    frame: Optional[int] = None,
    camera: Optional[int] = None,
    page: Optional[int] = None,
    results: Optional[Mapping[str, Any]] = None,
    max_shapes: int = MAX_SHAPES,
    colors: Optional[Dict[str, int]] = None,
) -> Drawing:
    """Return the drawing that `svg` turns into text. The arguments are those of `svg`.

    Args:
        colors: Label -> number of its color; new labels are added.
    """
    found = task if isinstance(task, Annotations) else parse(task, results)
    colors = {} if colors is None else colors
    drawing = _drawing_of(found, size, frame, camera, page, max_shapes, colors)
    if "annotations" in found.result_urls:
        drawing.note = (
            "The annotations are in a file of their own: get_annotations(load=True)"
        )
    return drawing


def _drawing_of(
    found: Annotations,
    size: Optional[Tuple[float, float]],
    frame: Optional[int],
    camera: Optional[int],
    page: Optional[int],
    max_shapes: int,
    colors: Dict[str, int],
) -> Drawing:
    if not found.frames:
        shapes = found.shapes
        pages = found.page_sizes
        if pages:
            page = page or 0
            shapes = tuple(shape for shape in shapes if shape.page == page)
            size = size or (pages[page] if 0 <= page < len(pages) else None)
        return _on_picture(shapes, size, max_shapes, colors)
    one = _frame(found, frame)
    if one.cuboids_3d:
        return _from_above(one.cuboids_3d, found.cuboids_3d, max_shapes, colors)
    if one.camera_images:
        image = _element_of(one.camera_images, camera or 0, "camera")
        return _on_picture(image.shapes, size, max_shapes, colors)
    # All frames are drawn at one size.
    reach = [shape.bounds for shape in found.shapes]
    return _on_picture(one.shapes, size, max_shapes, colors, found.tracks, reach)


def color_of(label: str, colors: Dict[str, int]) -> int:
    """Return the number of a label's color; a new label gets the next one."""
    return colors.setdefault(label, len(colors) % len(COLORS))


def _on_picture(
    shapes: Sequence[Shape],
    size: Optional[Tuple[float, float]],
    max_shapes: int,
    colors: Dict[str, int],
    tracks: Sequence[Track] = (),
    reach: Sequence[Bounds] = (),
) -> Drawing:
    """Return the drawing of shapes, and of the ways of tracks.

    Args:
        reach: Edges of what the picture has to contain, too.
    """
    drawn: List[Drawn] = []
    for shape in shapes[:max_shapes]:
        elements = marks.marks_of(shape)
        if elements is not None:
            drawn.append(_drawn(len(drawn) + 1, shape, elements, colors))
    drawing = _drawing(size, [*(each.bounds for each in drawn), *reach])
    drawing.shapes = drawn
    drawing.left_out = max(0, len(shapes) - max_shapes)
    for track in tracks[:max_shapes]:
        way = _way([moment.shape.center for moment in track.frames])
        if way is not None:
            drawing.ways.append((color_of(_label(track.label), colors), way))
    drawing.place_captions()
    return drawing


def _drawing(size: Optional[Tuple[float, float]], reach: Sequence[Bounds]) -> Drawing:
    if size is not None:
        if not all(marks.is_drawable(side) and side > 0 for side in size):
            raise ScaleValueError(f"size must be two positive numbers; got {size!r}")
        return Drawing(size[0], size[1], sized=True)
    width, height = USUAL_SIZE
    for _, _, right, bottom in reach:
        if marks.is_drawable(right) and marks.is_drawable(bottom):
            width = max(width, round(min(right, _MAX_SIZE)))
            height = max(height, round(min(bottom, _MAX_SIZE)))
    return Drawing(width, height, sized=False)


def _drawn(
    number: int, shape: Shape, elements: marks.Marks, colors: Dict[str, int]
) -> Drawn:
    label = _label(shape.label)
    extra = {} if shape.text is None else {"text": shape.text}
    return Drawn(
        number,
        shape.geometry,
        label,
        color_of(label, colors),
        elements[0],
        elements[1],
        {**extra, **shape.attributes},
    )


def _from_above(
    cuboids: Sequence[Cuboid3D],
    of_all_frames: Sequence[Cuboid3D],
    max_shapes: int,
    colors: Dict[str, int],
) -> Drawing:
    """Return the cuboids of one frame, at the scale of all frames, north above."""
    # The device is at the origin. api-notes: lidar
    corners = [(0.0, 0.0)]
    for cuboid in of_all_frames:
        corners += [each for each in cuboid.footprint if _can_be_drawn(each)]
    left, bottom, right, top = bounds_of(corners)
    extent = max(right - left, top - bottom, 1.0)
    scale = (_LIDAR_SIZE - 2 * _LIDAR_MARGIN) / extent

    def place(position: Position) -> Position:
        x = _LIDAR_MARGIN + (position[0] - left) * scale
        return x, _LIDAR_MARGIN + (top - position[1]) * scale

    wide = 2 * _LIDAR_MARGIN + max(right - left, extent / 3) * scale
    drawing = Drawing(
        wide, 2 * _LIDAR_MARGIN + max(top - bottom, extent / 3) * scale, True
    )
    for cuboid in cuboids[:max_shapes]:
        footprint = cuboid.footprint
        if not all(_can_be_drawn(each) for each in footprint):
            continue
        around = [place(each) for each in footprint]
        front = _middle(around[0], around[1])
        heading = marks.line(_middle(around[0], around[2]), front)
        number, label = len(drawing.shapes) + 1, _label(cuboid.label)
        drawing.shapes.append(
            Drawn(
                number,
                "cuboid",
                label,
                color_of(label, colors),
                [marks.polygon(around), heading],
                _cuboid_facts(cuboid),
                cuboid.attributes,
            )
        )
    drawing.left_out = max(0, len(cuboids) - max_shapes)
    drawing.device = marks.dot(place((0.0, 0.0)))
    drawing.place_captions()
    return drawing


def _cuboid_facts(cuboid: Cuboid3D) -> str:
    size = " × ".join(marks.number(side) for side in cuboid.dimensions)
    place = ", ".join(marks.number(value) for value in cuboid.position)
    return f"{size} m at {place}"


def _way(centers: List[Position]) -> Optional[Mark]:
    places = [place for place in centers if _can_be_drawn(place)]
    places = places[: marks.MAX_VERTICES]
    return marks.polyline(places) if len(set(places)) > 1 else None


def _can_be_drawn(position: Position) -> bool:
    return marks.is_drawable(position[0]) and marks.is_drawable(position[1])


def _frame(found: Annotations, wanted: Optional[int]) -> Frame:
    if wanted is not None:
        return _element_of(found.frames, wanted, "frame")
    filled = (f for f in found.frames if f.shapes or f.cuboids_3d or f.camera_images)
    return next(filled, found.frames[0])


def _element_of(elements: Sequence[T], position: int, name: str) -> T:
    if not 0 <= position < len(elements):
        raise ScaleValueError(
            f"{name} must be from 0 to {len(elements) - 1}; got {position!r}"
        )
    return elements[position]


def _label(given: Any) -> str:
    return "" if given is None else text_of(given)[:_MAX_LABEL_CHARS]


def _middle(one: Position, other: Position) -> Position:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
