"""What the first bytes of a picture tell."""

from __future__ import annotations

from typing import BinaryIO, Optional, Tuple


def looked_at(content: BinaryIO) -> Tuple[Optional[Tuple[int, int]], Optional[str]]:
    """Return size in pixels and mime type of a picture, None where it is none.

    Only the header is read, so the guard of `PIL.Image.open` against pictures
    that are too large to decode is not wanted here: photos of 200 megapixels
    are.
    """
    from PIL import Image

    Image.preinit()
    for everything in (False, True):
        if everything:
            Image.init()
        for name in list(Image.ID):
            found = _read_as(name, content)
            if found is not None:
                return found
    content.seek(0)
    head = content.read(5)
    content.seek(0)
    return None, "application/pdf" if head == b"%PDF-" else None


def _read_as(
    name: str, content: BinaryIO
) -> Optional[Tuple[Tuple[int, int], Optional[str]]]:
    from PIL import Image

    factory, accepts = Image.OPEN[name]
    content.seek(0)
    prefix = content.read(16)
    content.seek(0)
    try:
        if accepts is not None and accepts(prefix) is not True:
            return None
        image = factory(content, "")
        size = (int(image.size[0]), int(image.size[1]))
        return size, image.get_format_mimetype()
    except Exception:  # Pillow raises whatever its many readers do
        return None
    finally:
        content.seek(0)
