"""The sizes of the images in a folder. Needs Pillow."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

from scaleapi.exceptions import ScaleException
from scaleapi.prelabels.result import Problem

try:
    from PIL import Image
except ImportError as error:
    raise ScaleException(
        "images is a folder, and reading sizes of images needs Pillow: pip install "
        '"scaleapi[images]". Or pass a dict name -> (width, height)'
    ) from error

#: What `size_of` raises for a file that is no image, or too large for one.
UNREADABLE = (OSError, Image.DecompressionBombError)
EXTENSIONS = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
_ORIENTATION = 274
#: Orientations of a photo that is to be shown lying on its side.
_SIDEWAYS = (5, 6, 7, 8)


def sizes_of(folder: Path, problems: List[Problem]) -> Dict[str, Tuple[int, int]]:
    """Return name -> width and height of all images in a folder and its subfolders.

    Args:
        folder: The folder.
        problems: Images that cannot be read are added.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in EXTENSIONS and path.is_file():
            name = path.relative_to(folder).as_posix()
            try:
                found[name] = size_of(path)
            except UNREADABLE as error:
                problems.append(Problem(name, "", f"its size cannot be read: {error}"))
    return found


def size_of(path: Path) -> Tuple[int, int]:
    """Return width and height of an image as it is shown; only its header is read."""
    with Image.open(path) as image:
        width, height = image.size
        if image.getexif().get(_ORIENTATION) in _SIDEWAYS:
            return height, width
    return width, height
