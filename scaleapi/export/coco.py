"""`write_coco`: shapes on pictures as one file of COCO."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from typing import (
    IO,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Union,
)

from scaleapi.annotations import Annotations, Box, Polygon, Shape
from scaleapi.export.classes import CLASSES, Classes
from scaleapi.export.output import Source, make_folder, new_file, path_of
from scaleapi.export.pictures import Pictures
from scaleapi.export.problems import Problems
from scaleapi.export.report import ExportReport
from scaleapi.export.rows import documents_of
from scaleapi.export.shapes import MALFORMED, class_of, response_of, usable

Sizes = Union[Mapping[str, Tuple[int, int]], Sequence[str]]
PathLike = Union[str, "os.PathLike[str]"]

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
ANNOTATIONS = "annotations.json"
#: Elements that are encoded at once.
_AT_ONCE = 500


def write_coco(
    tasks: Iterable[Any],
    folder: PathLike,
    *,
    classes: Optional[Sequence[str]] = None,
    sizes: Optional[Sizes] = None,
    images: Optional[PathLike] = None,
) -> ExportReport:
    """Write boxes and polygons as a file of COCO, ``annotations.json``.

    The vertices are as they came. A box is also a polygon; a box that is turned has the
    area of the box, and its ``bbox`` holds its corners. ``attributes`` and ``uuid`` of
    the shapes, and the ``task_id`` of the images, are keys of ours beside those of
    COCO. Tasks without a response are left out; a task without shapes is an image
    without annotations.

    Ids of categories begin with 1, in the order of the ``objects_to_annotate`` of the
    tasks. The labels are in ``classes.json`` beside the file. A later export to the
    folder begins with them, so that a label has the same id in all exports.

    Args:
        tasks: As in `write_csv`.
        folder: Where the files are to appear. It is made if it does not exist.
        classes: The labels in their order. Others are left out. Default: those of
            ``classes.json``, then those that the tasks ask for.
        sizes: The sizes of the images: name, address or id of the task -> (width,
            height); or two paths in the task, such as ``("metadata.width",
            "metadata.height")``. Default: they are read from the files in `images`.
        images: A folder that ``client.download_files`` has filled. Names in the file
            are paths in this folder. Sizes are read from the headers of the files, and
            a photo that is shown turned has the size with which it is shown. Needs
            ``scaleapi[images]``. Default: none.

    Returns:
        What was written. Its ``problems`` count what COCO cannot hold, and the images
        whose size is not known, which have none in the file.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `classes`, `sizes` or `images` is malformed.
        ScaleException: A file cannot be written, or Pillow is not installed.
    """
    problems = Problems()
    place = path_of("folder", folder)
    source = Source(documents_of(tasks))
    pictures = Pictures(sizes, images, problems)
    make_folder(place)
    known = Classes(classes, place)
    target = place / ANNOTATIONS
    with new_file(target, source) as stream, tempfile.TemporaryFile() as later:
        # The images are kept aside, because a file has one list after the other.
        coco = _Coco(known, pictures, problems, stream, later)
        coco.write(source)
        known.save()
    files = (str(target), str(place / CLASSES))
    return ExportReport(files, coco.tasks, problems=problems.all())


class _Coco:
    def __init__(
        self,
        classes: Classes,
        pictures: Pictures,
        problems: Problems,
        stream: IO[bytes],
        images: IO[bytes],
    ) -> None:
        self._classes = classes
        self._pictures = pictures
        self._problems = problems
        self._stream = stream
        self._images = images
        self._image_id = 0
        self._id = 0
        self._waiting: List[Dict[str, Any]] = []
        self._waiting_images: List[Dict[str, Any]] = []
        self.tasks = 0

    def write(self, source: Iterable[Dict[str, Any]]) -> None:
        write = self._stream.write
        write(b'{"info":{"description":"Written by scaleapi"},"licenses":[],')
        write(b'"annotations":[')
        for document in source:
            self._classes.see(document)
            found = response_of(document, self._problems)
            if found is not None:
                self.tasks += 1
                self._add_task(document, found)
            if len(self._waiting) + len(self._waiting_images) >= _AT_ONCE:
                self._flush()
        self._flush()
        write(b'\n],"images":[')
        self._images.seek(0)
        shutil.copyfileobj(self._images, self._stream)
        names = enumerate(self._classes.names, 1)
        categories = [{"id": number, "name": name} for number, name in names]
        write(b'\n],"categories":' + _encode(categories).encode() + b"}\n")

    def _add_task(self, document: Dict[str, Any], found: Annotations) -> None:
        task_id = document.get("task_id")
        for picture in self._pictures.of(document, found):
            self._image_id += 1
            image: Dict[str, Any] = {
                "id": self._image_id,
                "file_name": picture.name,
                "task_id": task_id,
            }
            if picture.size is not None:
                image["width"], image["height"] = picture.size
            self._waiting_images.append(image)
            self._waiting += self._annotations(picture.shapes, task_id)

    def _flush(self) -> None:
        # Encoding many at a time takes half the time.
        for stream, elements in (
            (self._images, self._waiting_images),
            (self._stream, self._waiting),
        ):
            if not elements:
                continue
            separator = b"\n" if elements[0]["id"] == 1 else b",\n"
            try:
                text = _encode(elements)
            except ValueError:
                text = _encode([self._without_nan(each) for each in elements])
            stream.write(separator + text[1:-1].encode())
            elements.clear()

    def _annotations(
        self, shapes: List[Shape], task_id: Any
    ) -> Iterator[Dict[str, Any]]:
        for shape in shapes:
            geometry = _geometry(shape, task_id, self._problems)
            if geometry is None:
                continue
            number = class_of(shape, task_id, self._classes, self._problems)
            if not number:
                continue
            self._id += 1
            yield {
                "id": self._id,
                "image_id": self._image_id,
                "category_id": number,
                **geometry,
                "iscrowd": 0,
                "attributes": shape.attributes,
                "uuid": shape.uuid,
            }

    def _without_nan(self, annotation: Dict[str, Any]) -> Dict[str, Any]:
        attributes = annotation["attributes"]
        try:
            _encode(attributes)
        except ValueError:
            kind = "is not a number of JSON (NaN or infinity), and is left out"
            self._problems.add(kind, None, "attributes", attributes)
            return {**annotation, "attributes": {}}
        return annotation


def _geometry(
    shape: Shape, task_id: Any, problems: Problems
) -> Optional[Dict[str, Any]]:
    if not usable(shape, task_id, problems):
        return None
    assert isinstance(shape, (Box, Polygon))
    vertices = shape.vertices
    if isinstance(shape, Box) and not shape.rotation:
        bounds = [shape.left, shape.top, shape.width, shape.height]
    else:
        left, top, right, bottom = shape.bounds
        bounds = [left, top, right - left, bottom - top]
    area = shape.area
    # A sum has no end if a part of it has none.
    if not math.isfinite(sum(bounds) + area):
        problems.add(MALFORMED.format(shape.geometry), task_id, example=shape.raw)
        return None
    return {
        "bbox": bounds,
        "area": area,
        "segmentation": [[each for point in vertices for each in point]],
    }
