"""Where the labels of a drawing stand, so that they can be read."""

from __future__ import annotations

from typing import Dict, Iterator, List, Optional, Sequence, Tuple

#: Left, top, right and bottom edge.
Bounds = Tuple[float, float, float, float]

#: Of the font size: the height of a line, and the margin left and right of a text.
LINE_HEIGHT = 1.3
_MARGIN = 0.2
_NARROW = frozenset(" !'(),.:;I[]fijlrt|")
_WIDE = frozenset("MWmw@%&…—")
_SHORTEST = 2


class Caption:
    """A label at its place.

    Attributes:
        text: The text, cut if it is longer than the picture is wide.
        x: Left edge of the text.
        y: Baseline of the text.
        width: Width of the text.
        bounds: The edges of all that the label covers.
    """

    __slots__ = ("bounds", "text", "width", "x", "y")

    def __init__(
        self, text: str, left: float, top: float, width: float, font_size: float
    ) -> None:
        margin = _MARGIN * font_size
        self.text = text
        self.x = left + margin
        self.y = top + font_size
        self.width = width
        self.bounds = (
            left,
            top,
            left + width + 2 * margin,
            top + LINE_HEIGHT * font_size,
        )


class Captions:
    """Places labels one after the other, each where it covers no other one.

    Args:
        width: Width of the picture.
        height: Height of the picture.
        font_size: Size of the labels.
    """

    def __init__(self, width: float, height: float, font_size: float) -> None:
        self._width = width
        self._height = height
        self._font_size = font_size
        self._line = LINE_HEIGHT * font_size
        #: Number of a row, as high as a line -> the labels in it.
        self._rows: Dict[int, List[Bounds]] = {}

    def place(self, text: str, around: Bounds) -> Optional[Caption]:
        """Return the label of a shape at a free place.

        Args:
            text: The label.
            around: The edges of the shape.

        Returns:
            None if the label fits nowhere near the shape.
        """
        max_width = self._width - 2 * _MARGIN * self._font_size
        text = _cut(text, max_width / self._font_size)
        if not text or self._line > self._height:
            return None
        width = text_width(text) * self._font_size
        covered = width + 2 * _MARGIN * self._font_size
        for left, top in _places(around, covered, self._line):
            # Moved into the picture where it would leave it.
            left = min(max(left, 0.0), self._width - covered)
            top = min(max(top, 0.0), self._height - self._line)
            caption = Caption(text, left, top, width, self._font_size)
            if self._is_free(caption.bounds):
                for row in self._rows_of(caption.bounds):
                    self._rows.setdefault(row, []).append(caption.bounds)
                return caption
        return None

    def _is_free(self, bounds: Bounds) -> bool:
        return not any(
            _overlap(bounds, other)
            for row in self._rows_of(bounds)
            for other in self._rows.get(row, ())
        )

    def _rows_of(self, bounds: Bounds) -> Sequence[int]:
        return range(int(bounds[1] // self._line), int(bounds[3] // self._line) + 1)


def text_width(text: str) -> float:
    """Return about how wide a text is, as a multiple of the font size."""
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> float:
    if char in _NARROW:
        return 0.35
    if char in _WIDE or ord(char) >= 0x2E80:  # from there on: East Asia, and symbols
        return 1.0
    return 0.7 if char.isupper() else 0.58


def _cut(text: str, max_width: float) -> str:
    """Return a text, cut so that it is at most `max_width` wide."""
    if text_width(text) <= max_width:
        return text
    max_width -= _char_width("…")
    kept = 0
    for char in text:
        max_width -= _char_width(char)
        if max_width < 0:
            break
        kept += 1
    return text[:kept] + "…" if kept >= _SHORTEST else ""


def _places(
    around: Bounds, width: float, height: float
) -> Iterator[Tuple[float, float]]:
    """Yield the left and top edges that a label may have, the best one first."""
    left, top, right, bottom = around
    yield left, top - height
    yield left, top
    yield right - width, top - height
    yield left, bottom
    yield left, bottom - height
    yield right - width, bottom
    yield right, top
    yield left - width, top
    yield right, bottom - height
    yield left - width, bottom - height


def _overlap(one: Bounds, other: Bounds) -> bool:
    return (
        one[0] < other[2]
        and other[0] < one[2]
        and one[1] < other[3]
        and other[1] < one[3]
    )
