"""Type and size of an image, from the first bytes of its file."""

from __future__ import annotations

import os
import re
from struct import error as StructError
from struct import unpack_from
from typing import BinaryIO, Callable, Dict, Optional, Tuple

Size = Tuple[int, int]

#: Bytes of a file that are read at most.
_MAX_BYTES = 1 << 20
#: Maximum number of pixels on a side; larger integers do not fit into the database.
_MAX_SIDE = 2**31 - 1
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_FILL_BYTES = re.compile(b"\xff*")
#: Markers of JPEG after which its size stands; those that have no length.
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_PIXELS_BEGIN, _IMAGE_ENDS = 0xDA, 0xD9
#: Tags of TIFF, and its types of numbers, as `struct` calls them.
_WIDTH, _HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "I", 16: "Q"}


def identify(content: BinaryIO) -> Tuple[Optional[Size], Optional[str]]:
    """Return the size in pixels and the type of an image; None for what is unknown.

    Nothing is decoded. So the image may be truncated, too large to decode, or made to
    keep a decoder busy.

    Args:
        content: The file; it is left at its beginning.
    """
    content.seek(0)
    head = content.read(_MAX_BYTES)
    try:
        for beginning, (mime_type, reader) in _READERS.items():
            if head.startswith(beginning):
                size = reader(head, content)
                if size and all(0 < side <= _MAX_SIDE for side in size):
                    return size, mime_type
    except (IndexError, StructError):
        pass  # the file ends before its size
    finally:
        content.seek(0)
    return None, "application/pdf" if head.startswith(b"%PDF-") else None


def _png(head: bytes, _: BinaryIO) -> Optional[Size]:
    return unpack_from(">II", head, 16) if head[12:16] == b"IHDR" else None


def _gif(head: bytes, _: BinaryIO) -> Optional[Size]:
    return unpack_from("<HH", head, 6)


def _bmp(head: bytes, _: BinaryIO) -> Optional[Size]:
    (length,) = unpack_from("<I", head, 14)
    if length not in _BMP_HEADERS:
        return None
    width, height = unpack_from("<HH" if length == 12 else "<ii", head, 18)
    return width, abs(height)  # negative where the first row is at the top


def _webp(head: bytes, _: BinaryIO) -> Optional[Size]:
    if head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = unpack_from("<HBHB", head, 24)
        return low_w + (high_w << 16) + 1, low_h + (high_h << 16) + 1
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes, _: BinaryIO) -> Optional[Size]:
    position = 2
    while head[position] == 0xFF:
        fill = _FILL_BYTES.match(head, position)
        assert fill is not None
        marker, position = head[fill.end()], fill.end() + 1
        if marker in _START_OF_FRAME:
            height, width = unpack_from(">HH", head, position + 3)
            return width, height
        if marker in (_PIXELS_BEGIN, _IMAGE_ENDS):
            return None
        if marker not in _WITHOUT_LENGTH:
            position += int.from_bytes(head[position : position + 2], "big")
    return None


def _tiff(head: bytes, content: BinaryIO) -> Optional[Size]:
    """Return the size of the first image of a file, or of a BigTIFF file."""
    order = "<" if head[:2] == b"II" else ">"
    (version,) = unpack_from(order + "H", head, 2)
    if version not in (42, 43):
        return None
    is_big = version == 43
    (directory,) = unpack_from(
        order + ("Q" if is_big else "I"), head, 8 if is_big else 4
    )
    content.seek(0, os.SEEK_END)
    if directory >= content.tell():
        return None
    # It may be anywhere, and mostly is near the end.
    content.seek(directory)
    entries = content.read(_MAX_BYTES)
    (number,) = unpack_from(order + ("Q" if is_big else "H"), entries)
    position, step, value_at = (8, 20, 12) if is_big else (2, 12, 8)
    sides: Dict[int, int] = {}
    for _number in range(min(number, len(entries) // step)):
        tag, kind = unpack_from(order + "HH", entries, position)
        if tag in (_WIDTH, _HEIGHT) and kind in _TIFF_NUMBERS:
            form = order + _TIFF_NUMBERS[kind]
            (sides[tag],) = unpack_from(form, entries, position + value_at)
        position += step
    size = sides.get(_WIDTH), sides.get(_HEIGHT)
    return None if size[0] is None or size[1] is None else (size[0], size[1])


_Reader = Callable[[bytes, BinaryIO], Optional[Size]]
#: How files of a format begin -> their type, and what reads their size.
_READERS: Dict[bytes, Tuple[str, _Reader]] = {
    b"\x89PNG\r\n\x1a\n": ("image/png", _png),
    b"GIF8": ("image/gif", _gif),
    b"BM": ("image/bmp", _bmp),
    b"RIFF": ("image/webp", _webp),
    b"\xff\xd8\xff": ("image/jpeg", _jpeg),
    b"II": ("image/tiff", _tiff),
    b"MM": ("image/tiff", _tiff),
}
