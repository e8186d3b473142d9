"""COCO: annotations of all images in one JSON document."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.prelabels import shapes
from scaleapi.prelabels.result import Prelabels, Problem, hypothesis
from scaleapi.prelabels.shapes import Annotation

GEOMETRIES = ("box", "polygon", "point")


class Reader:
    """Reads one document.

    Args:
        document: The decoded JSON.
        source: The name of the file, for errors.
        geometry: What is read of each object: one of `GEOMETRIES`.

    Raises:
        ScaleTypeError: The document is not an object.
        ScaleValueError: `document` does not have the lists of COCO, or `geometry` is
            unknown.
    """

    def __init__(self, document: Any, source: str, geometry: str) -> None:
        if geometry not in GEOMETRIES:
            raise ScaleValueError(
                f"geometry must be one of {', '.join(GEOMETRIES)}; got {geometry!r}"
            )
        if not isinstance(document, Mapping):
            raise ScaleTypeError(
                f"{source} must be an object with 'images', 'annotations' and "
                f"'categories'; got {type(document).__name__}. A list of predictions "
                "becomes one as {**dataset, 'annotations': predictions}"
            )
        self._source = source
        self._geometry = geometry
        self._images = self._by_id(document, "images", "file_name")
        self._categories = self._by_id(document, "categories", "name")
        self._annotations = self._list(document, "annotations")
        self._problems: List[Problem] = []

    def _list(self, document: Mapping[str, Any], key: str) -> List[Mapping[str, Any]]:
        found = document.get(key)
        if not isinstance(found, list):
            raise ScaleValueError(f"{self._source}: {key!r} must be a list")
        for number, each in enumerate(found):
            if not isinstance(each, Mapping):
                raise ScaleValueError(
                    f"{self._source}: {key}[{number}] must be an object; "
                    f"got {each!r:.100}"
                )
        return found

    def _by_id(
        self, document: Mapping[str, Any], key: str, name: str
    ) -> Dict[Any, Mapping[str, Any]]:
        found: Dict[Any, Mapping[str, Any]] = {}
        names: Dict[str, Any] = {}
        for number, each in enumerate(self._list(document, key)):
            where = f"{self._source}: {key}[{number}]"
            if not isinstance(each.get("id"), (int, str)):
                raise ScaleValueError(f"{where} needs an 'id'; got {each!r:.100}")
            if not isinstance(each.get(name), str):
                raise ScaleValueError(f"{where} needs {name!r} as text")
            if each["id"] in found:
                raise ScaleValueError(f"{where}: the id {each['id']} occurs twice")
            if key == "images" and each[name] in names:
                raise ScaleValueError(
                    f"{where}: the image {each[name]!r} occurs twice, with the ids "
                    f"{names[each[name]]} and {each['id']}"
                )
            names[each[name]] = each["id"]
            found[each["id"]] = each
        return found

    def read(self) -> Prelabels:
        """Return the pre-labels of all images.

        Raises:
            ScaleValueError: An annotation is malformed.
        """
        by_image: Dict[str, List[Annotation]] = {
            image["file_name"]: [] for image in self._images.values()
        }
        for number, raw in enumerate(self._annotations):
            where = f"annotation {raw.get('id', f'at position {number}')}"
            image = self._images.get(_hashable(raw.get("image_id")))
            if image is None:
                reason = f"there is no image with id {raw.get('image_id')!r:.40}"
                self._problems.append(Problem("", where, reason))
                continue
            name = image["file_name"]
            by_image[name] += self._annotations_of(raw, name, where)
        found = {name: hypothesis(each, name) for name, each in by_image.items()}
        return Prelabels(found, self._problems)

    def _annotations_of(
        self, raw: Mapping[str, Any], image: str, where: str
    ) -> Iterator[Annotation]:
        category = self._categories.get(_hashable(raw.get("category_id")))
        if category is None:
            known = ", ".join(f"{i} ({c['name']})" for i, c in self._categories.items())
            raise ScaleValueError(
                f"{self._source}: {where} of {image} has the category "
                f"{raw.get('category_id')!r:.40}; known: {known or 'none'}"
            )
        if raw.get("iscrowd") not in (None, 0, "0"):
            self._skip(image, where, "iscrowd: a region of many objects is no shape")
            return
        if not isinstance(raw.get("attributes", {}), (Mapping, type(None))):
            self._skip(image, where, "its attributes are no object: name -> value")
        try:
            yield from _READERS[self._geometry](self, raw, category, image, where)
        except (ScaleTypeError, ScaleValueError) as error:
            message = f"{self._source}: {where} of {image}: {error.args[0]}"
            raise type(error)(message) from None

    def _box(
        self, raw: Mapping[str, Any], category: Any, image: str, where: str
    ) -> Iterator[Annotation]:
        if not raw.get("bbox"):
            self._skip(image, where, "it has no bbox")
            return
        edges = _numbers(raw["bbox"], "bbox")
        if len(edges) != 4:
            raise ScaleValueError(f"bbox must be 4 numbers; got {len(edges)}")
        left, top, width, height = edges
        label = category["name"]
        yield shapes.box(label, left, top, width, height, attributes=_attributes(raw))

    def _polygons(
        self, raw: Mapping[str, Any], category: Any, image: str, where: str
    ) -> Iterator[Annotation]:
        given = raw.get("segmentation")
        if isinstance(given, Mapping):
            self._skip(image, where, "its segmentation is a mask (RLE), not a polygon")
            return
        if not given:
            self._skip(image, where, "it has no segmentation")
            return
        if not isinstance(given, list):
            raise ScaleValueError("segmentation must be a list of polygons, or RLE")
        parts = given if isinstance(given[0], list) else [given]
        if len(parts) > 1:
            reason = (
                f"its {len(parts)} parts became polygons of their own, since a polygon "
                "has one outline"
            )
            self._skip(image, where, reason)
        for part in parts:
            corners = _pairs(_numbers(part, "segmentation"))
            yield shapes.polygon(category["name"], corners, attributes=_attributes(raw))

    def _points(
        self, raw: Mapping[str, Any], category: Any, image: str, where: str
    ) -> Iterator[Annotation]:
        if not raw.get("keypoints"):
            self._skip(image, where, "it has no keypoints")
            return
        names = category.get("keypoints")
        numbers = _numbers(raw["keypoints"], "keypoints")
        if not isinstance(names, list) or len(numbers) != 3 * len(names):
            raise ScaleValueError(
                f"keypoints must be 3 numbers for each of the names in 'keypoints' of "
                f"the category {category['name']!r}; got {len(numbers)} numbers"
            )
        hidden = []
        for name, x, y, seen in zip(names, *(numbers[n::3] for n in range(3))):
            if seen == 0:  # It is not labeled, and stands at 0, 0.
                if x or y:
                    reason = f"{name!s:.60}, at {x}, {y}, is marked as not labeled"
                    self._skip(image, where, reason)
                continue
            if seen == 1:
                hidden.append(str(name))
            yield shapes.point(name, x, y, attributes=_attributes(raw))
        reason = "its points are not kept together as one object"
        if hidden:
            reason += f", and nothing says that these are hidden: {', '.join(hidden)}"
        self._skip(image, where, reason)

    def _skip(self, image: str, where: str, reason: str) -> None:
        self._problems.append(Problem(image, where, reason))


_READERS = {
    "box": Reader._box,
    "polygon": Reader._polygons,
    "point": Reader._points,
}


def _numbers(values: Any, name: str) -> List[float]:
    if not isinstance(values, (list, tuple)):
        raise ScaleValueError(f"{name} must be a list of numbers; got {values!r:.100}")
    return [shapes.number(value, name) for value in values]


def _pairs(numbers: List[float]) -> List[Tuple[float, float]]:
    if len(numbers) % 2:
        raise ScaleValueError(
            f"segmentation must be pairs of x and y; got {len(numbers)} numbers"
        )
    return list(zip(numbers[::2], numbers[1::2]))


def _attributes(raw: Mapping[str, Any]) -> Optional[Mapping[str, Any]]:
    # Not a part of COCO, but written by labeling tools.
    given = raw.get("attributes")
    return given if isinstance(given, Mapping) else None


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else None
