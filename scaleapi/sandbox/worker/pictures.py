"""The PNG files of a segmentation: a grid in which each region has a field."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from typing import TYPE_CHECKING, List, NamedTuple, Tuple

from scaleapi.sandbox.worker.job import Size

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of one image, and of all images together.
_MAX_PIXELS = 4_000_000
_MAX_ALL_PIXELS = 40_000_000

_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2")

_Place = Tuple[int, int, int, int]


class Pictures(NamedTuple):
    """PNG files for a number of regions, whose indices start at 1.

    Attributes:
        image: Four channels, in the colours of the regions.
        indexed: One channel, the index of the region; 0 is unlabeled.
        extended: The index in the bytes of red, green and blue, red lowest.
        masks: One channel for each region.
        unlabeled: One channel, for what is in no region.
        areas: The number of pixels of each region.
    """

    image: bytes
    indexed: bytes
    extended: bytes
    masks: Tuple[bytes, ...]
    unlabeled: bytes
    areas: Tuple[int, ...]


def colour(index: int) -> str:
    """Return the colour of a region, as `#rrggbb`."""
    return _COLOURS[index % len(_COLOURS)]


# The files do not depend on the labels, and compressing them takes long.
@lru_cache(maxsize=8)
def draw(size: Size, regions: int) -> Pictures:
    """Return the files for an image.

    Args:
        size: Width and height of the image. The files of very large ones are
            smaller, in proportion.
        regions: How many regions there are, at most 255.
    """
    # Here, since only segmentation needs Pillow, and it is slow to import.
    from PIL import Image, ImageColor

    size = _bounded(size, regions + 4)
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    indexed = Image.new("L", size, 0)
    extended = Image.new("RGB", size, (0, 0, 0))
    unlabeled = Image.new("L", size, 255)
    masks: List[bytes] = []
    places = _places(size, regions)
    for index, place in enumerate(places, 1):
        mask = Image.new("L", size, 0)
        image.paste(ImageColor.getrgb(colour(index)), place)
        indexed.paste(index, place)
        extended.paste((index, 0, 0), place)
        unlabeled.paste(0, place)
        mask.paste(255, place)
        masks.append(_png(mask))
    return Pictures(
        image=_png(image),
        indexed=_png(indexed),
        extended=_png(extended),
        masks=tuple(masks),
        unlabeled=_png(unlabeled),
        areas=tuple(_area(place) for place in places),
    )


def _bounded(size: Size, images: int) -> Size:
    allowed = min(_MAX_PIXELS, _MAX_ALL_PIXELS // images)
    scale = min(1.0, math.sqrt(allowed / (size[0] * size[1])))
    return int(size[0] * scale), int(size[1] * scale)


def _places(size: Size, count: int) -> List[_Place]:
    """Return the fields of a grid that leaves at least one field empty."""
    columns = math.ceil(math.sqrt(count + 1))
    rows = math.ceil((count + 1) / columns)
    return [
        (
            number % columns * size[0] // columns,
            number // columns * size[1] // rows,
            (number % columns + 1) * size[0] // columns,
            (number // columns + 1) * size[1] // rows,
        )
        for number in range(count)
    ]


def _area(place: _Place) -> int:
    left, top, right, bottom = place
    return (right - left) * (bottom - top)


def _png(image: Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG", compress_level=1)
    return content.getvalue()
