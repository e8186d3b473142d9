"""Pre-labels: shapes that you have, as ``hypothesis=`` or ``expected_response=``.

`from_shapes` returns the value for one image. `from_coco`, `from_yolo` and `from_cvat`
return those of all images in a file or folder, by the name of the image. Coordinates
are not rounded. What has no counterpart is in ``problems`` of the result.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import (
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

from scaleapi.annotations import Shape, parse
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.prelabels.labels import KnownLabels, Use
from scaleapi.prelabels.result import Prelabels, Problem, hypothesis
from scaleapi.prelabels.shapes import (
    annotation_of,
    box,
    cuboid,
    ellipse,
    line,
    point,
    polygon,
)

__all__ = [
    "Prelabels",
    "Problem",
    "box",
    "cuboid",
    "ellipse",
    "from_coco",
    "from_cvat",
    "from_shapes",
    "from_yolo",
    "line",
    "point",
    "polygon",
]

PathLike = Union[str, "os.PathLike[str]"]
Size = Tuple[int, int]


def from_shapes(
    shapes: Iterable[Union[Shape, Mapping[str, Any]]],
    *,
    image: str = "",
    labels: Optional[Sequence[Any]] = None,
    project_params: Optional[Mapping[str, Any]] = None,
) -> Dict[str, Any]:
    """Return the pre-label of one image.

    Args:
        shapes: Shapes, each as `box`, `polygon`, `line`, `point`, `ellipse` or `cuboid`
            returns it, or from the annotations of another task. They are copied.
        image: The name of the image. It appears in errors, and with it the same shape
            has another ``uuid`` in each image.
        labels: The labels that are allowed, as in ``objects_to_annotate``. Default:
            labels are not checked.
        project_params: The parameters of the project or task, such as
            ``project.params``; labels and geometries are compared with them.

    Raises:
        ScaleTypeError: An element of `shapes` is no shape, or has a value that cannot
            be sent.
        ScaleValueError: An element of `shapes` is incomplete or has a number that is
            NaN or infinite, two have the same ``uuid``, or a label is not allowed by
            `labels` or `project_params`.
    """
    known = KnownLabels(labels, project_params)
    prefix = f"{image}: " if image else ""
    found = [
        annotation_of(shape, f"{prefix}shapes[{number}]")
        for number, shape in enumerate(shapes)
    ]
    made = hypothesis(found, image)
    known.check(_uses({image: made}), "")
    return made


def from_coco(
    source: Union[PathLike, Mapping[str, Any]],
    *,
    geometry: str = "box",
    labels: Optional[Sequence[Any]] = None,
    project_params: Optional[Mapping[str, Any]] = None,
) -> Prelabels:
    """Return the pre-labels in a COCO file, by ``file_name``.

    The label is the name of the category. Images without annotations have an empty
    list. Scores, areas and ids are not carried over.

    Args:
        source: Path of the JSON file, or its decoded content.
        geometry: What is read of each object: ``"box"`` (``bbox``), ``"polygon"``
            (``segmentation``), or ``"point"`` (``keypoints``, whose names are the
            labels).
        labels: As in `from_shapes`.
        project_params: As in `from_shapes`.

    Raises:
        ScaleTypeError: `source` is not an object.
        ScaleValueError: `source` is malformed, `geometry` is unknown, or a label is not
            allowed by `labels` or `project_params`.
        OSError: The file cannot be read.
    """
    from scaleapi.prelabels.coco import Reader

    known = KnownLabels(labels, project_params)
    name = "source"
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        source = _json(Path(name))
    found = Reader(source, name, geometry).read()
    known.check(_uses(found), name)
    return found


def from_yolo(
    folder: PathLike,
    images: Union[PathLike, Mapping[str, Size]],
    names: Union[Sequence[str], Mapping[Any, Any]],
    *,
    kind: str = "detect",
    labels: Optional[Sequence[Any]] = None,
    project_params: Optional[Mapping[str, Any]] = None,
) -> Prelabels:
    """Return the pre-labels in a folder of YOLO files, by the name of the image.

    The file of ``train/1.jpg`` is ``train/1.txt``. An image without a file has an empty
    list. Coordinates are multiplied by the size of the image. Confidences are not
    carried over.

    Args:
        folder: The folder of the label files; its subfolders are read, too.
        images: The folder of the images, whose sizes are read with Pillow. Or name of
            the image, relative to such a folder and with ``/`` -> (width, height).
        names: The names of the classes in their order; number -> name; or the content
            of ``data.yaml``.
        kind: ``"detect"`` for boxes, ``"segment"`` for polygons, ``"obb"`` for turned
            boxes.
        labels: As in `from_shapes`.
        project_params: As in `from_shapes`.

    Raises:
        ScaleTypeError: `names`, or a name or size in `images`, has the wrong type.
        ScaleValueError: `kind` is unknown, `folder` is not a folder, a line in it is
            malformed, two files in it are of one image, `images` is not a folder,
            `names` has a number twice, or a label is not allowed by `labels` or
            `project_params`.
        ScaleException: `images` is a folder, and Pillow is not installed.
        OSError: A file cannot be read.
    """
    from scaleapi.prelabels import yolo

    known = KnownLabels(labels, project_params)
    if kind not in yolo.KINDS:
        wanted = ", ".join(yolo.KINDS)
        raise ScaleValueError(f"kind must be one of {wanted}; got {kind!r}")
    root = _folder(folder, "folder")
    problems: List[Problem] = []
    sizes = _sizes(images, problems)
    classes = yolo.class_names(names)
    files = _label_files(root)
    used = set()
    by_image: Dict[str, Dict[str, Any]] = {}
    for image, size in sizes.items():
        stem = _stem(image)
        found: List[Dict[str, Any]] = []
        if stem in files:
            used.add(stem)
            path = files[stem]
            found, listed = yolo.annotations_of(
                _text(path), size, classes, kind, image, str(path)
            )
            problems += listed
        by_image[image] = hypothesis(found, image)
    unread = {_stem(each.image) for each in problems}
    for stem in sorted(files.keys() - used - unread):
        reason = "there is no image of this name, and so no size to multiply with"
        problems.append(Problem(f"{stem}.txt", "", reason))
    result = Prelabels(by_image, problems)
    known.check(_uses(result), str(root))
    return result


def from_cvat(
    path: PathLike,
    *,
    labels: Optional[Sequence[Any]] = None,
    project_params: Optional[Mapping[str, Any]] = None,
) -> Prelabels:
    """Return the pre-labels in an XML file of CVAT, by the name of the image or video.

    It reads "CVAT for images 1.1" and "CVAT for video 1.1". Attributes are carried over
    under their names. The order of shapes above one another is not.

    Args:
        path: The file.
        labels: As in `from_shapes`.
        project_params: As in `from_shapes`.

    Raises:
        ScaleValueError: The file in `path` is malformed or has a DOCTYPE, or a label is
            not allowed by `labels` or `project_params`.
        OSError: The file cannot be read.
    """
    from scaleapi.prelabels.cvat import Reader
    from scaleapi.prelabels.cvat_xml import parse_xml

    known = KnownLabels(labels, project_params)
    name = os.fspath(path)
    found = Reader(parse_xml(Path(path).read_bytes(), name), name).read()
    known.check(_uses(found), name)
    return found


def _uses(by_image: Mapping[str, Dict[str, Any]]) -> Iterator[Use]:
    for image, made in by_image.items():
        annotations = made["annotations"]
        if isinstance(annotations, dict):
            for track in annotations.values():
                yield image, track["geometry"], track["label"]
        else:
            for shape in parse(made).shapes:
                yield image, shape.geometry, shape.label


def _json(path: Path) -> Any:
    content = path.read_bytes()
    try:
        return json.loads(content)
    # ValueError: also of the encoding, and of an integer with thousands of digits.
    except (ValueError, RecursionError) as error:
        raise ScaleValueError(f"{path} is not JSON: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScaleValueError(f"{path} is not UTF-8 text: {error}") from error


def _folder(path: Any, name: str) -> Path:
    root = Path(path)
    if not root.is_dir():
        raise ScaleValueError(f"{name} must be a folder; got {str(path)!r}")
    return root


def _label_files(root: Path) -> Dict[str, Path]:
    """Return name of the image without its extension -> its file."""
    found: Dict[str, Path] = {}
    for path in sorted(root.rglob("*")):
        # Programs for Windows have written some in capital letters.
        if path.suffix.lower() == ".txt" and path.is_file():
            other = found.setdefault(_relative(path, root), path)
            if other is not path:
                raise ScaleValueError(f"{other} and {path} are of the same image")
    return found


def _relative(path: Path, root: Path) -> str:
    return _stem(path.relative_to(root).as_posix())


def _stem(name: str) -> str:
    """Return the name of an image or label file without its extension."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + (file.rpartition(".")[0] or file)


def _sizes(
    images: Union[PathLike, Mapping[str, Size]], problems: List[Problem]
) -> Dict[str, Size]:
    if not isinstance(images, Mapping):
        from scaleapi.prelabels.image_sizes import sizes_of

        return sizes_of(_folder(images, "images"), problems)
    for name, size in images.items():
        if not isinstance(name, str):
            raise ScaleTypeError(f"images: the name {name!r:.60} must be text")
        if (
            not isinstance(size, (tuple, list))
            or len(size) != 2
            or not all(type(side) is int and side > 0 for side in size)
        ):
            raise ScaleTypeError(
                f"images: the size of {name!r} must be (width, height) in pixels; "
                f"got {size!r:.60}"
            )
    return dict(images)
