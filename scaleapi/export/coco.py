"""`write_coco`: shapes on pictures as one file of COCO."""

from __future__ import annotations

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
from scaleapi.export.encoding import as_ascii_json
from scaleapi.export.output import Source, make_folder, new_file, path_of
from scaleapi.export.pictures import Pictures
from scaleapi.export.problems import Problems
from scaleapi.export.report import ExportReport
from scaleapi.export.rows import documents_of
from scaleapi.export.shapes import (
    MALFORMED,
    class_of,
    corners_of,
    is_finite,
    response_of,
)

Sizes = Union[Mapping[str, Tuple[int, int]], Sequence[str]]
PathLike = Union[str, "os.PathLike[str]"]

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
                before = self._image_id
                self._add_task(document, found)
                self.tasks += self._image_id > before
            if len(self._waiting) + len(self._waiting_images) >= _AT_ONCE:
                self._flush()
        self._flush()
        write(b'\n],"images":[')
        self._images.seek(0)
        shutil.copyfileobj(self._images, self._stream)
        names = enumerate(self._classes.names, 1)
        categories = [{"id": number, "name": name} for number, name in names]
        write(b'\n],"categories":' + as_ascii_json(categories) + b"}\n")

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
                text = as_ascii_json(elements)
            except (TypeError, ValueError, RecursionError):
                text = as_ascii_json([self._encodable(each) for each in elements])
            stream.write(separator + text[1:-1])
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

    def _encodable(self, element: Dict[str, Any]) -> Dict[str, Any]:
        """Return an element without the values that JSON does not have, such as NaN."""
        found = {}
        for key, value in element.items():
            try:
                as_ascii_json(value)
            except (TypeError, ValueError, RecursionError):
                kind = "is not JSON (NaN or infinity, for example), and is left out"
                self._problems.add(kind, element.get("task_id"), key, value)
                value = {} if key == "attributes" else None
            found[key] = value
        return found


def _geometry(
    shape: Shape, task_id: Any, problems: Problems
) -> Optional[Dict[str, Any]]:
    corners = corners_of(shape, task_id, problems)
    if corners is None:
        return None
    assert isinstance(shape, (Box, Polygon))
    numbers = [each for corner in corners for each in corner]
    if isinstance(shape, Box) and not shape.rotation:
        width, height = shape.width, shape.height
        bounds = [shape.left, shape.top, width, height]
        area = width * height
    else:
        across, down = numbers[::2], numbers[1::2]
        left, top = min(across), min(down)
        bounds = [left, top, max(across) - left, max(down) - top]
        area = shape.area
    if not is_finite(sum(bounds) + area):
        problems.add(MALFORMED.format(shape.geometry), task_id, example=shape.raw)
        return None
    return {"bbox": bounds, "area": area, "segmentation": [numbers]}
