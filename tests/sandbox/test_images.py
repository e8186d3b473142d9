"""Identification of images by their first bytes."""

from __future__ import annotations

import io
import struct
import tempfile
import time
from typing import Any, Dict, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scaleapi.sandbox.web.images import identify

KINDS = [
    ("PNG", "image/png", {}),
    ("GIF", "image/gif", {}),
    ("BMP", "image/bmp", {}),
    ("JPEG", "image/jpeg", {}),
    ("JPEG", "image/jpeg", {"progressive": True}),
    ("WEBP", "image/webp", {}),
    ("WEBP", "image/webp", {"lossless": True}),
    ("WEBP", "image/webp", {"exif": b"Exif\0\0II*\0" + bytes(20)}),
    ("TIFF", "image/tiff", {}),
    ("TIFF", "image/tiff", {"compression": "tiff_lzw"}),
]


def picture(kind: str, size: Tuple[int, int], options: Dict[str, Any]) -> bytes:
    content = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(
        content, kind, **options
    )
    return content.getvalue()


@pytest.mark.parametrize(("kind", "mime_type", "options"), KINDS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (301, 257), (900, 700)])
def test_identify(
    kind: str, mime_type: str, options: Dict[str, Any], size: Tuple[int, int]
) -> None:
    content = io.BytesIO(picture(kind, size, options))
    content.seek(5)
    assert identify(content) == (size, mime_type)
    assert content.tell() == 0


def test_identify_other_forms() -> None:
    fields = struct.pack(">HHII", 256, 4, 1, 70_000) + struct.pack(
        ">HHIHH", 257, 3, 1, 9, 0
    )
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2) + fields
    assert identify(io.BytesIO(tiff)) == ((70_000, 9), "image/tiff")
    big = struct.pack("<HHQQ", 256, 16, 1, 7) + struct.pack(
        "<HHQHHHH", 257, 3, 1, 9, 0, 0, 0
    )
    tiff = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2) + big
    assert identify(io.BytesIO(tiff)) == ((7, 9), "image/tiff")
    bmp = b"BM" + bytes(12) + struct.pack("<Iii", 40, 7, -9)
    assert identify(io.BytesIO(bmp)) == ((7, 9), "image/bmp")
    old = b"BM" + bytes(12) + struct.pack("<IHH", 12, 7, 9)
    assert identify(io.BytesIO(old)) == ((7, 9), "image/bmp")
    assert identify(io.BytesIO(b"%PDF-1.7")) == (None, "application/pdf")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"P6\n" + b" " * 5_000_000,
        b"P3 " + b"1" * 5_000_000,
        b"#define a_width 1\n" * 200_000,
        b"BM and other cars",
        b"\xff\xd8" + b"\xff" * 5_000_000,
        b"\xff\xd8" + b"\xff\x01" * 2_500_000,
        b"\xff\xd8" + b"\xff\xe0\0\2" * 1_250_000,
        b"\xff\xd8\xff\xe0\0\0" * 1_000_000,
        b"\xff\xd8\xff\xda" + b"\xff\xc0\0\x11\x08\0\1\0\1",
        b"II*\0\x08\0\0\0\xff\xff" + b"\0\2\3\0" * 1_000_000,
        b"II*\0\xff\xff\xff\xff",
        b"II+\0\x08\0\0\0" + b"\xff" * 100,
        b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHII", 256, 4, 1, 0) * 2,
        b"II+\0\x08\0\0\0"
        + struct.pack("<QQ", 16, 2)
        + struct.pack("<HHQQHHQQ", 256, 16, 1, 2**64 - 1, 257, 16, 1, 2**64 - 1),
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\1",
    ],
    ids=range(20),
)
def test_identify_rejects_other_content_quickly(content: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        begun = time.perf_counter()
        assert identify(file) == (None, None)
        assert time.perf_counter() - begun < 2
        assert file.tell() == 0


@given(st.sampled_from(KINDS[:1] + KINDS[3:]), st.data())
def test_identify_accepts_any_bytes(kind: Any, data: st.DataObject) -> None:
    content = bytearray(picture(kind[0], (40, 30), kind[2])[:2000])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.integers(0, 255)
        )
    size, mime_type = identify(io.BytesIO(content[: data.draw(st.integers(0, 2000))]))
    assert (size is None) == (mime_type is None)
