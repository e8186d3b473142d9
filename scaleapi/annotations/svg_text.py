"""`Drawing`: what is drawn on one picture, and the SVG text of it."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from scaleapi.annotations import marks
from scaleapi.annotations.captions import Bounds, Caption, Captions, text_width
from scaleapi.annotations.escaping import escape, plain
from scaleapi.annotations.marks import Mark
from scaleapi.annotations.views import Position

#: The colors of labels, and darker ones of the same hue for the outline of texts.
COLORS = (
    ("#f43f5e", "#9f1239"),
    ("#3b82f6", "#1e40af"),
    ("#22c55e", "#14622f"),
    ("#f59e0b", "#854d0e"),
    ("#a855f7", "#6b21a8"),
    ("#06b6d4", "#155e75"),
    ("#ec4899", "#9d174d"),
    ("#84cc16", "#3f6212"),
    ("#f97316", "#9a3412"),
    ("#6366f1", "#3730a3"),
)
_MAX_CAPTION_CHARS = 40


class Drawn:
    """The drawing of one annotation.

    Attributes:
        number: Its position among the drawn annotations, from 1.
        geometry: The geometry.
        label: The label; empty if there is none.
        color: The number of the label's color in `COLORS`.
        marks: The elements of SVG.
        bounds: The edges of the drawing.
        facts: Position and size in words.
        attributes: The attributes of the annotation, and its transcribed text.
        caption: The label at its place; None if it was left out.
    """

    __slots__ = (
        "attributes",
        "bounds",
        "caption",
        "color",
        "facts",
        "geometry",
        "label",
        "marks",
        "number",
    )

    def __init__(
        self,
        number: int,
        geometry: str,
        label: str,
        color: int,
        elements: List[Mark],
        facts: str,
        attributes: Dict[str, Any],
    ) -> None:
        self.number = number
        self.geometry = geometry
        self.label = label
        self.color = color
        self.marks = elements
        self.bounds = bounds_of([each for mark in elements for each in mark.positions])
        self.facts = facts
        self.attributes = attributes
        self.caption: Optional[Caption] = None


class Drawing:
    """What is drawn on one picture.

    Attributes:
        width: Width of the picture.
        height: Height of the picture.
        sized: Whether that is the size of the picture, and not an assumed one.
        shapes: The annotations.
        ways: The ways of objects from frame to frame: number of a color, and a line.
        left_out: The number of annotations beyond the maximum, which are not drawn.
        device: The mark of the lidar device; None on a picture.
        note: Why nothing is drawn; empty if that is not known.
    """

    def __init__(self, width: float, height: float, sized: bool) -> None:
        self.width = width
        self.height = height
        self.sized = sized
        self.shapes: List[Drawn] = []
        self.ways: List[Tuple[int, Mark]] = []
        self.left_out = 0
        self.device: Optional[Mark] = None
        self.note = ""

    @property
    def font_size(self) -> float:
        """Size of the labels."""
        return max(self.width, self.height) / 45

    def place_captions(self) -> None:
        """Give each shape its label at a place where it covers no other one."""
        captions = Captions(self.width, self.height, self.font_size)
        for shape in self.shapes:
            text = plain(shape.label)[:_MAX_CAPTION_CHARS] or str(shape.number)
            shape.caption = captions.place(text, shape.bounds)

    def elements(self, id_prefix: Optional[str] = None) -> str:
        """Return the elements of SVG that stand on the picture.

        Args:
            id_prefix: Beginning of the ids of the shapes; their numbers follow.
                Default: the shapes have no ids.
        """
        font_size = marks.number(self.font_size)
        parts = [
            f'<g class="drawn" font-size="{font_size}" font-family="sans-serif" '
            'stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round">'
        ]
        for color, way in self.ways:
            parts.append(
                f'<g class="way c{color}" stroke="{COLORS[color][0]}" fill="none" '
                f'stroke-opacity=".7" stroke-dasharray="2 5">{_element(way)}</g>'
            )
        if self.device is not None:
            device = _element(self.device)
            parts.append(f'<g class="device" stroke="#5b6279">{device}</g>')
        parts += [_shape_element(shape, id_prefix) for shape in self.shapes]
        # Labels stand above all shapes.
        parts += [_caption_element(s) for s in self.shapes if s.caption is not None]
        return "\n".join([*parts, "</g>"])

    def svg(
        self,
        image: Optional[str] = None,
        width: Optional[float] = None,
        id_prefix: Optional[str] = None,
    ) -> str:
        """Return the drawing as SVG text.

        Args:
            image: Address of a picture to draw on. Default: a blank ground.
            width: Width at which it is shown. Default: that of the picture.
            id_prefix: As in `elements`.
        """
        wide, high = marks.number(self.width), marks.number(self.height)
        shown = self.width if width is None else width
        ground = (
            f'<rect width="{wide}" height="{high}" fill="#8b93a7" fill-opacity=".15"/>'
        )
        if image is not None:
            ground = (
                f'<image href="{escape(image)}" width="{wide}" height="{high}" '
                'preserveAspectRatio="none"/>'
            )
        count = len(self.shapes)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class="canvas" role="img" '
            f'aria-label="{count} annotations" viewBox="0 0 {wide} {high}" '
            f'width="{marks.number(shown)}" '
            f'height="{marks.number(shown * self.height / self.width)}">\n'
            f"{ground}\n{self.elements(id_prefix)}\n{self._note()}</svg>"
        )

    def _note(self) -> str:
        if not self.note:
            return ""
        # As wide as the picture allows, and no wider than its text needs.
        width = min(0.9 * self.width, text_width(self.note) * self.font_size)
        places = marks.numbers(x=self.width / 2, y=self.height / 2, textLength=width)
        attributes = "".join(f' {name}="{text}"' for name, text in places.items())
        return (
            f'<text class="note"{attributes} lengthAdjust="spacingAndGlyphs" '
            f'font-size="{marks.number(self.font_size)}" font-family="sans-serif" '
            f'text-anchor="middle" fill="#5b6279">{escape(self.note)}</text>\n'
        )


def bounds_of(positions: Sequence[Position]) -> Bounds:
    """Return the left, top, right and bottom edge of positions."""
    across = [x for x, _ in positions]
    down = [y for _, y in positions]
    return min(across), min(down), max(across), max(down)


def _shape_element(shape: Drawn, id_prefix: Optional[str]) -> str:
    identity = "" if id_prefix is None else f' id="{escape(id_prefix)}{shape.number}"'
    color = COLORS[shape.color][0]
    title = f"{shape.number} {shape.label} ({shape.geometry}, {shape.facts})"
    elements = "".join(_element(mark) for mark in shape.marks)
    return (
        f'<g class="shape c{shape.color} k-{shape.geometry}"{identity} '
        f'fill="{color}" stroke="{color}" fill-opacity=".14">'
        f"<title>{escape(title)}</title>{elements}</g>"
    )


def _element(mark: Mark) -> str:
    attributes = "".join(f' {name}="{text}"' for name, text in mark.attributes.items())
    if mark.tag == "polyline":
        attributes += ' fill="none"'
    if "class" in mark.attributes:
        attributes += ' stroke-width="11"'
    return f'<{mark.tag}{attributes} vector-effect="non-scaling-stroke"/>'


def _caption_element(shape: Drawn) -> str:
    caption = shape.caption
    assert caption is not None
    places = marks.numbers(x=caption.x, y=caption.y, textLength=caption.width)
    attributes = "".join(f' {name}="{text}"' for name, text in places.items())
    return (
        f'<text class="caption c{shape.color}"{attributes} '
        'lengthAdjust="spacingAndGlyphs" font-weight="600" fill="#fff" '
        f'stroke="{COLORS[shape.color][1]}" stroke-width=".3em" '
        f'paint-order="stroke">{escape(caption.text)}</text>'
    )
