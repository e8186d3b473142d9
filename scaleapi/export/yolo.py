"""`write_yolo`: shapes on pictures as a text file for each, as YOLO reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Iterable, List, Optional, Sequence, Set, Tuple

from scaleapi.annotations import Box, Shape
from scaleapi.annotations.views import Position
from scaleapi.exceptions import ScaleValueError
from scaleapi.export.classes import CLASSES, Classes
from scaleapi.export.coco import PathLike, Sizes
from scaleapi.export.output import Source, make_folder, new_file, path_of
from scaleapi.export.pictures import Picture, Pictures
from scaleapi.export.problems import Problems
from scaleapi.export.report import ExportReport
from scaleapi.export.rows import documents_of
from scaleapi.export.shapes import class_of, corners_of, response_of

KINDS = ("detect", "segment", "obb")
DATA = "data.yaml"
_LABELS = "labels"


def write_yolo(
    tasks: Iterable[Any],
    folder: PathLike,
    *,
    kind: str = "detect",
    classes: Optional[Sequence[str]] = None,
    sizes: Optional[Sizes] = None,
    images: Optional[PathLike] = None,
) -> ExportReport:
    """Write boxes and polygons as YOLO reads them: a text file for each image.

    The files are in the folder ``labels``, under the names of the images in ``images``,
    and ``data.yaml`` has the classes, from 0. To train, move or link the images to a
    folder ``images`` beside ``labels``. Tasks without a response, and images whose size
    is not known, are left out; an image without shapes has an empty file.

    Args:
        tasks: As in `write_csv`.
        folder: Where the files are to appear. It is made if it does not exist.
        kind: What a line has: ``"detect"``, a box: that of a polygon or turned box is
            the one around it; ``"segment"``, a polygon; ``"obb"``, the corners of a box
            that may be turned; polygons are left out.
        classes: As in `write_coco`.
        sizes: As in `write_coco`. YOLO needs the sizes.
        images: As in `write_coco`.

    Returns:
        What was written. Its ``problems`` count what YOLO cannot hold, and the shapes
        that were cut at the edge of their image, as YOLO demands.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `kind`, `classes`, `sizes` or `images` is malformed.
        ScaleException: A file cannot be written, or Pillow is not installed.
    """
    if kind not in KINDS:
        raise ScaleValueError(
            f"kind must be one of {', '.join(map(repr, KINDS))}; got {kind!r}"
        )
    problems = Problems()
    place = path_of("folder", folder)
    source = Source(documents_of(tasks))
    pictures = Pictures(sizes, images, problems)
    make_folder(place)
    known = Classes(classes, place)
    yolo = _Yolo(place, kind, known, pictures, problems)
    for document in source:
        yolo.write_task(document)
    known.save()
    with new_file(place / DATA) as stream:
        stream.write(_data(known.names).encode())
    files = tuple(str(place / name) for name in (_LABELS, DATA, CLASSES))
    return ExportReport(files, yolo.tasks, problems=problems.all())


def _data(names: List[str]) -> str:
    # Text of JSON is text of YAML.
    lines = [f"  {number}: {json.dumps(name)}" for number, name in enumerate(names)]
    listed = "names:\n" + "\n".join(lines) if lines else "names: {}"
    return f"path: .\ntrain: images\nval: images\n{listed}\n"


class _Yolo:
    def __init__(
        self,
        folder: Path,
        kind: str,
        classes: Classes,
        pictures: Pictures,
        problems: Problems,
    ) -> None:
        self._folder = folder / _LABELS
        self._kind = kind
        self._classes = classes
        self._pictures = pictures
        self._problems = problems
        self._written: Set[str] = set()
        self.tasks = 0

    def write_task(self, document: Any) -> None:
        self._classes.see(document)
        found = response_of(document, self._problems)
        if found is None:
            return
        task_id = document.get("task_id")
        written = 0
        for picture in self._pictures.of(document, found):
            stem = str(Path(picture.name).with_suffix(""))
            if stem.casefold() in self._written:
                kind = "another picture has this name, and only the first is written"
                self._problems.add(kind, task_id, example=picture.name)
            elif picture.size is not None:
                self._written.add(stem.casefold())
                self._write_picture(picture, picture.size, task_id)
                written += 1
        self.tasks += bool(written)

    def _write_picture(
        self, picture: Picture, size: Tuple[int, int], task_id: Any
    ) -> None:
        lines = []
        for shape in picture.shapes:
            numbers = self._numbers(shape, size, task_id)
            if numbers is None:
                continue
            number = class_of(shape, task_id, self._classes, self._problems)
            if number:
                lines.append(
                    " ".join([str(number - 1), *map(_decimal, numbers)]) + "\n"
                )
        path = self._folder / f"{Path(picture.name).with_suffix('')}.txt"
        make_folder(path.parent)
        with new_file(path) as stream:
            stream.write("".join(lines).encode("ascii"))

    def _numbers(
        self, shape: Shape, size: Tuple[int, int], task_id: Any
    ) -> Optional[List[float]]:
        whole = corners_of(shape, task_id, self._problems)
        if whole is None:
            return None
        if self._kind == "obb" and not isinstance(shape, Box):
            kind = "a polygon is no turned box, and is left out"
            self._problems.add(kind, task_id)
            return None
        corners = self._within(whole, size, task_id)
        across, down = zip(*(corners or [(0, 0)]))
        left, top, right, bottom = min(across), min(down), max(across), max(down)
        if not (left < right and top < bottom):
            kind = "a shape covers nothing of the picture, and is left out"
            self._problems.add(kind, task_id, example=shape.raw)
            return None
        if self._kind == "detect":
            middle = [(left + right) / 2, (top + bottom) / 2]
            return [*middle, right - left, bottom - top]
        return [each for corner in corners for each in corner]

    def _within(
        self, vertices: Sequence[Position], size: Tuple[int, int], task_id: Any
    ) -> List[Position]:
        """Return corners as parts of the size, from 0 to 1."""
        width, height = size
        parts = [(x / width, y / height) for x, y in vertices]
        if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in parts):
            return parts
        kind = "a shape extends beyond the picture, and is cut at its edge"
        self._problems.add(kind, task_id)
        if self._kind == "obb":  # has four corners, also when it is cut
            return [(min(max(x, 0), 1), min(max(y, 0), 1)) for x, y in parts]
        return cut(parts)


def cut(corners: List[Position]) -> List[Position]:
    """Return the part of a polygon that is in the unit square; empty if none is.

    It is the algorithm of Sutherland and Hodgman: each edge of the square cuts off what
    is beyond it.
    """
    for axis, edge, sign in ((0, 0, 1), (0, 1, -1), (1, 0, 1), (1, 1, -1)):
        kept: List[Position] = []
        for one, two in zip([*corners[-1:], *corners[:-1]], corners):
            is_in = (two[axis] - edge) * sign >= 0
            if is_in != ((one[axis] - edge) * sign >= 0):
                part = (edge - one[axis]) / (two[axis] - one[axis])
                other = one[1 - axis] + part * (two[1 - axis] - one[1 - axis])
                kept.append((edge, other) if axis == 0 else (other, edge))
            if is_in:
                kept.append(two)
        corners = kept
    return corners


def _decimal(number: float) -> str:
    # Without an exponent, which not every reader knows.
    return f"{number:.10f}".rstrip("0").rstrip(".")
