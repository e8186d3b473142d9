"""`write_masks`: segmentations as pictures whose pixels mean the same in all tasks."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path
from typing import Any, Dict, Iterable, Optional, Sequence, Set, Tuple

from scaleapi.annotations import parse
from scaleapi.download.names import Template
from scaleapi.exceptions import ScaleException, ScaleValueError
from scaleapi.export.classes import CLASSES, Classes
from scaleapi.export.coco import PathLike
from scaleapi.export.output import Source, make_folder, new_file, path_of
from scaleapi.export.pictures import downloaded
from scaleapi.export.problems import Problems
from scaleapi.export.report import ExportReport
from scaleapi.export.rows import documents_of

KINDS = ("semantic", "instance")
_MASKS = "masks"
_NAMES = Template("{task_id}.png")
_COMBINED = "/response/annotations/combined/"
_LARGEST = 2**16 - 1
#: The value of an instance is its class times this, and its number. So has Cityscapes.
_INSTANCES = 1000


def write_masks(
    tasks: Iterable[Any],
    folder: PathLike,
    *,
    images: PathLike,
    kind: str = "semantic",
    classes: Optional[Sequence[str]] = None,
) -> ExportReport:
    """Write the masks of segmentations as PNG files. Needs ``scaleapi[images]``.

    In the pictures of the API, a label has another index in each task. Here it has the
    same number in all of them, from 1; 0 is what has no label. The numbers are those of
    ``classes.json``, as in `write_coco`. The masks are in the folder ``masks``, named
    after their tasks.

    Args:
        tasks: As in `write_csv`.
        folder: Where the files are to appear. It is made if it does not exist.
        images: The folder that ``client.download_files`` has filled, with the results
            of the tasks.
        kind: ``"semantic"``: the value of a pixel is the number of its label.
            ``"instance"``: of labels with instances it is 1,000 times that number, plus
            the number of the instance in its task, from 0; 16 bits a pixel.
        classes: As in `write_coco`.

    Returns:
        What was written. Its ``problems`` count the tasks without a mask and the
        segments that are left out.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `kind` or `classes` is malformed, or `images` is no folder.
        ScaleException: A file cannot be written, or Pillow is not installed.
    """
    if kind not in KINDS:
        raise ScaleValueError(
            f"kind must be one of {', '.join(map(repr, KINDS))}; got {kind!r}"
        )
    try:
        import PIL.Image
    except ImportError as error:
        raise ScaleException(
            'masks need Pillow: pip install "scaleapi[images]"'
        ) from error
    place = path_of("folder", folder)
    source = Source(documents_of(tasks))
    masks = _Masks(PIL.Image, kind, path_of("images", images))
    make_folder(place / _MASKS)
    masks.classes = Classes(classes, place)
    for document in source:
        masks.write(document, place / _MASKS)
    masks.classes.save()
    files = (str(place / _MASKS), str(place / CLASSES))
    return ExportReport(files, masks.tasks, problems=masks.problems.all())


class _Masks:
    classes: Classes

    def __init__(self, pillow: Any, kind: str, images: Path) -> None:
        self._pillow = pillow
        self._has_instances = kind == "instance"
        self._images = images
        self._listed = downloaded(images)
        self._written: Set[str] = set()
        self.problems = Problems()
        self.tasks = 0

    def write(self, document: Dict[str, Any], folder: Path) -> None:
        self.classes.see(document)
        task_id = document.get("task_id")
        name = _NAMES.path({"task_id": task_id})
        if name.casefold() in self._written:
            kind = "another mask has this name, and only the first is written"
            self.problems.add(kind, task_id, example=name)
            return
        values = self._values(document, task_id)
        read = self._indices(str(task_id), max(values, default=0)) if values else None
        if read is None:
            kind = "the task has no picture of indices in the folder, and is left out"
            self.problems.add(kind, task_id)
            return
        indices, size = read
        used = set(indices)
        self._count_unknown(used - {0, *values}, task_id)
        table = {index: values.get(index, 0) for index in used}
        mask = self._mask(indices, table, size)
        with new_file(folder / name) as stream:
            mask.save(stream, "PNG")
        self._written.add(name.casefold())
        self.tasks += 1

    def _values(self, document: Dict[str, Any], task_id: Any) -> Dict[int, int]:
        """Return index in the picture of the task -> value in the mask."""
        response = document.get("response")
        # What has segments with labels has such a mapping, or is a file of lidar.
        mapping = response.get("labelMapping") if isinstance(response, dict) else None
        mapping = mapping if isinstance(mapping, dict) else {}
        found: Dict[int, int] = {}
        instances: Dict[int, int] = {}
        for segment in parse(document).segments:
            number = self.classes.number_of(segment.label)
            index = segment.index
            if not number or type(index) is not int or not 0 < index <= _LARGEST:
                kind = "a segment has no index, or a label that is none of the classes"
                self.problems.add(kind, task_id, "label", segment.label)
                continue
            value = number
            if self._has_instances and isinstance(mapping.get(segment.label), list):
                instance = instances.setdefault(number, 0)
                instances[number] += 1
                value = number * _INSTANCES + instance
                if instance >= _INSTANCES or value > _LARGEST:
                    kind = "more instances or classes than 16 bits hold; left out"
                    self.problems.add(kind, task_id, "label", segment.label)
                    continue
            found[index] = value
        return found

    def _indices(
        self, task_id: str, largest: int
    ) -> Optional[Tuple[Sequence[int], Tuple[int, int]]]:
        """Return the indices of all pixels, and width and height."""
        names = ["indexedImage", "extendedIndexedImage"]
        # One channel has at most 255 indices.
        for name in names if largest < 256 else names[::-1]:
            path = self._listed.get((task_id, _COMBINED + name))
            if path is None:
                continue
            try:
                with self._pillow.open(self._images / path) as picture:
                    return _indices_in(picture), picture.size
            except (OSError, ValueError, SyntaxError) as error:
                self.problems.add("a picture cannot be read", task_id, name, str(error))
        return None

    def _count_unknown(self, unknown: Set[int], task_id: Any) -> None:
        if unknown:
            kind = "pixels have an index that no label of the task has, and become 0"
            self.problems.add(kind, task_id, example=sorted(unknown)[:5])

    def _mask(
        self, indices: Sequence[int], table: Dict[int, int], size: Tuple[int, int]
    ) -> Any:
        # No list of all pixels, which takes 8 bytes for each.
        if not self._has_instances and max(table.values(), default=0) < 256:
            if isinstance(indices, bytes):
                all_values = bytes(table.get(index, 0) for index in range(256))
                return self._pillow.frombytes("L", size, indices.translate(all_values))
            values = bytes(map(table.__getitem__, indices))
            return self._pillow.frombytes("L", size, values)
        found = array("H", map(table.__getitem__, indices))
        return self._pillow.frombytes("I;16", size, _little(found))


def _indices_in(picture: Any) -> Sequence[int]:
    """Return the indices of the pixels of a picture. api-notes: segmentation

    Raises:
        ValueError: `picture` is no picture of indices.
    """
    data = picture.tobytes()
    if picture.mode in ("L", "P"):
        return data  # type: ignore[no-any-return]
    if picture.mode == "I;16":
        found = array("H", data)
        return array("H", _little(found))
    if picture.mode not in ("RGB", "RGBA"):
        raise ValueError(f"its mode is {picture.mode}")
    step = len(picture.mode)
    if any(data[2::step]):
        raise ValueError("it has more than 65,535 indices")
    pairs = bytearray(2 * len(data[::step]))
    pairs[::2], pairs[1::2] = data[::step], data[1::step]
    return array("H", _little(array("H", bytes(pairs))))


def _little(numbers: "array[int]") -> bytes:
    """Return numbers as bytes, the low one first; or turn such bytes around."""
    if sys.byteorder == "big":
        numbers = array("H", numbers)
        numbers.byteswap()
    return numbers.tobytes()
