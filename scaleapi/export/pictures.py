"""The pictures of tasks: which there are, their names, and their sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from scaleapi.annotations import Annotations, Shape
from scaleapi.download.names import MANIFEST, Template, is_safe, name_of_url
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.export.columns import Column, fitted, path_columns, value_at
from scaleapi.export.columns import Path as KeyPath
from scaleapi.export.output import path_of
from scaleapi.export.problems import Problems

_NAMES = Template("{task_id}/{name}")


class Picture(NamedTuple):
    """A picture of a task.

    Attributes:
        name: Its path in the folder of pictures, with slashes.
        size: Width and height in pixels; None if they are not known.
        shapes: The shapes on it.
    """

    name: str
    size: Optional[Tuple[int, int]]
    shapes: List[Shape]


class Pictures:
    """Finds the pictures of tasks.

    Args:
        sizes: Where sizes are: name or address of a picture, or id of its task ->
            (width, height); or the paths of width and height in the task; or None.
        images: A folder of downloads, or None.
        problems: Gets what cannot be found.

    Raises:
        ScaleTypeError: An argument is of another type.
        ScaleValueError: `sizes` is malformed, or `images` is no folder.
    """

    def __init__(self, sizes: Any, images: Any, problems: Problems) -> None:
        self._problems = problems
        self._sizes: Mapping[Any, Any] = {}
        self._size_paths: List[KeyPath] = []
        if isinstance(sizes, Mapping):
            self._sizes = sizes
        elif isinstance(sizes, (list, tuple)) and len(sizes) == 2:
            found = path_columns({"width": sizes[0], "height": sizes[1]}, ())
            self._size_paths = [each.path for each in found]
        elif sizes is not None:
            raise ScaleTypeError(
                "sizes must be a dict name -> (width, height), or two paths, such as "
                f"('metadata.width', 'metadata.height'); got {sizes!r:.100}"
            )
        self._folder = None if images is None else path_of("images", images)
        self._listed = {} if self._folder is None else downloaded(self._folder)

    def of(self, document: Dict[str, Any], found: Annotations) -> Iterator[Picture]:
        """Yield the pictures of a task with their shapes.

        Args:
            document: The task.
            found: What its response says.
        """
        for index, shapes in _by_picture(found).items():
            address, key = _address(document, index)
            if address is None:
                self._count_missing(document, len(shapes))
                continue
            name, path = self._place(document, address, key)
            yield Picture(name, self._size(document, address, name, path), shapes)

    def _count_missing(self, document: Dict[str, Any], shapes: int) -> None:
        kind = (
            "there is no picture for shapes on a frame of a video, a page or the image "
            "of a camera, and they are left out"
            if shapes
            else "a task, or a frame or page of it, has no picture, and is left out"
        )
        self._problems.add(kind, document.get("task_id"), count=max(shapes, 1))

    def _place(
        self, document: Dict[str, Any], address: str, key: str
    ) -> Tuple[str, Optional[Path]]:
        """Return the name of a picture, and its path if it was downloaded."""
        task_id = document.get("task_id")
        own = name_of_url(address)
        name = _NAMES.path({"task_id": task_id, "name": own or "image"})
        if self._folder is None:
            return name, None
        for candidate in (name, self._listed.get((str(task_id), key)), own):
            if candidate and is_safe(candidate):
                path = self._folder / candidate
                if path.is_file():
                    return candidate, path
        self._problems.add("the picture is not in the folder", task_id, example=name)
        return name, None

    def _size(
        self, document: Dict[str, Any], address: str, name: str, path: Optional[Path]
    ) -> Optional[Tuple[int, int]]:
        task_id = document.get("task_id")
        given: Any = None
        for key in (name, address, name.rpartition("/")[2], task_id):
            given = self._sizes.get(key) if given is None else given
        if self._size_paths:
            given = [value_at(document, each) for each in self._size_paths]
        if given is None and path is not None:
            given = self._read(path, task_id)
        if isinstance(given, (list, tuple)) and len(given) == 2:
            width, height = fitted(_SIDE, list(given), [task_id] * 2, self._problems)
            if width is not None and height is not None and min(width, height) > 0:
                return width, height
        self._problems.add("the size of the picture is not known", task_id)
        return None

    def _read(self, path: Path, task_id: Any) -> Any:
        # Imported late, because it needs Pillow.
        from scaleapi.prelabels.image_sizes import UNREADABLE, size_of

        try:
            return size_of(path)
        except UNREADABLE as error:
            kind = "the size of the picture cannot be read"
            self._problems.add(kind, task_id, example=str(error))
            return None


_SIDE = Column("sizes", "int")


def _by_picture(found: Annotations) -> Dict[Any, List[Shape]]:
    """Return which shapes are on which picture; None is the only one of the task."""
    if not found.frames:
        pages: Dict[Any, List[Shape]] = {}
        for shape in found.shapes:
            page = shape.page
            pages.setdefault(page if type(page) is int else None, []).append(shape)
        return pages or {None: []}
    # The attachments of lidar are points.
    is_lidar = any(frame.cuboids_3d or frame.camera_images for frame in found.frames)
    frames: Dict[Any, List[Shape]] = (
        {} if is_lidar else {frame.number: [] for frame in found.frames}
    )
    for shape in found.shapes:
        # The image of a camera is no picture of an attachment that is known.
        is_frame = type(shape.frame) is int and shape.camera is None
        index = shape.frame if is_frame else "none"
        frames.setdefault(index, []).append(shape)
    return frames


def _address(document: Dict[str, Any], index: Any) -> Tuple[Optional[str], str]:
    """Return the address of a picture and its place in the document."""
    params = document.get("params")
    params = params if isinstance(params, dict) else {}
    only = params.get("attachment")
    if index is None and isinstance(only, str):
        return only, "/params/attachment"
    attachments = params.get("attachments")
    if not isinstance(attachments, list):
        return None, ""
    if index is None and len(attachments) == 1:
        index = 0
    if type(index) is not int or not 0 <= index < len(attachments):
        return None, ""
    given = attachments[index]
    if isinstance(given, str):
        return given, f"/params/attachments/{index}"
    return None, ""


def downloaded(folder: Path) -> Dict[Tuple[str, str], str]:
    """Return what is in a folder of downloads: task and key -> path in the folder.

    Args:
        folder: The folder. It may have been filled in another way, without a list.

    Raises:
        ScaleValueError: There is no such folder.
    """
    if not folder.is_dir():
        raise ScaleValueError(f"images: there is no folder {folder}")
    path = folder / MANIFEST
    found = {}
    for line in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            raw = json.loads(line)
            if is_safe(raw["path"]):
                found[raw["task"], raw["key"]] = raw["path"]
        except (ValueError, KeyError, TypeError):
            continue  # the last line, if the download was interrupted
    return found
