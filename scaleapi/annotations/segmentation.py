"""Segmentations: which region of a picture, or which points, belong to which label."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Tuple

from scaleapi.annotations.views import View, an_array, an_object, one_or_many


class Segment(View):
    """A region of a picture, or a group of lidar points, with an index of its own."""

    __slots__ = ("_image", "_label")

    def __init__(
        self, raw: Dict[str, Any], label: Any, image: Optional[str] = None
    ) -> None:
        self._raw = raw
        self._label = label
        self._image = image

    @property
    def label(self) -> Optional[str]:
        """The label."""
        return self._label  # type: ignore[no-any-return]

    @property
    def index(self) -> Optional[int]:
        """The index in the indexed picture. It is unique in this task only."""
        return self._raw.get("index")

    @property
    def color(self) -> Optional[str]:
        """The color, such as ``#1f77b4``; several segments may have the same one."""
        return self._raw.get("color")

    @property
    def pixel_count(self) -> Optional[int]:
        """The number of pixels (``numPixels``); None if it is not given."""
        return self._raw.get("numPixels")

    @property
    def image(self) -> Optional[str]:
        """The address of the picture of this segment alone; None if there is none."""
        return self._image

    @property
    def is_instance(self) -> bool:
        """Whether it is one instance of a label in a segmentation of lidar points."""
        return self._raw.get("instance") is True

    def _summary(self) -> str:
        return f"label={self._label!r}, index={self.index!r}"


class Segments:
    """The segments of a picture or of lidar points, in the order of the document.

    It can be iterated over, indexed by position and measured with ``len``.
    """

    __slots__ = ("_items", "_pictures", "_points", "unknown")

    def __init__(self) -> None:
        self._items: Tuple[Segment, ...] = ()
        self._pictures: Dict[str, Any] = {}
        self._points: List[Any] = []
        #: What is not understood, as it came.
        self.unknown: Tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, position: int) -> Segment:
        return self._items[position]

    def __repr__(self) -> str:
        return f"Segments({list(self._items)})"

    @property
    def indices(self) -> Dict[str, Tuple[int, ...]]:
        """Label -> the indices of its segments."""
        found: Dict[str, Tuple[int, ...]] = {}
        for segment in self._items:
            if isinstance(segment.label, str) and type(segment.index) is int:
                found[segment.label] = (*found.get(segment.label, ()), segment.index)
        return found

    @property
    def labels(self) -> Dict[int, str]:
        """Index -> its label."""
        return {
            index: label for label, found in self.indices.items() for index in found
        }

    @property
    def image(self) -> Optional[str]:
        """The address of the picture in colors."""
        return self._combined("image")

    @property
    def indexed_image(self) -> Optional[str]:
        """The address of the picture whose single channel has the indices."""
        return self._combined("indexedImage")

    @property
    def extended_indexed_image(self) -> Optional[str]:
        """The address of the picture for many indices: R + 256 G + 65536 B."""
        return self._combined("extendedIndexedImage")

    @property
    def unlabeled_image(self) -> Optional[str]:
        """The address of the picture of what has no label."""
        return _address(self._pictures.get("unlabeled"))

    @property
    def point_indices(self) -> Tuple[List[int], ...]:
        """For each frame of lidar points, the index of each point; 0 is unlabeled."""
        return tuple(each for each in self._points if isinstance(each, list))

    def _combined(self, name: str) -> Optional[str]:
        return _address(an_object(self._pictures.get("combined")).get(name))


def segments_of_picture(mapping: Any, pictures: Dict[str, Any]) -> Segments:
    """Return the segments of a picture.

    Args:
        mapping: The ``labelMapping`` of the response.
        pictures: The ``annotations`` of the response.
    """
    # api-notes: segmentation
    segments = Segments()
    segments._pictures = pictures
    labeled = an_object(pictures.get("labeled"))
    items: List[Segment] = []
    unknown: List[Any] = []
    by_label = dict(an_object(mapping))
    for label, images in labeled.items():
        # Without its entry in the mapping a label still has its pictures.
        by_label.setdefault(label, [{} for _ in one_or_many(images)])
    for label, given in by_label.items():
        # A list of one address occurs for a label that has no instances, too.
        images = one_or_many(labeled.get(label))
        for number, raw in enumerate(given if isinstance(given, list) else [given]):
            if not isinstance(raw, dict):
                unknown.append(raw)
                continue
            image = images[number] if number < len(images) else None
            items.append(Segment(raw, label, _address(image)))
    # Pictures that are not that of a segment, and what is no picture at all.
    for label, given in labeled.items():
        images, count = one_or_many(given), len(one_or_many(by_label[label]))
        unknown += images[count:]
        unknown += [each for each in images[:count] if not _is_address(each)]
    for given in (mapping, pictures.get("labeled"), pictures.get("combined")):
        unknown += [] if given is None or isinstance(given, dict) else [given]
    combined = an_object(pictures.get("combined")).values()
    unknown += [v for v in (*combined, pictures.get("unlabeled")) if not _is_address(v)]
    segments._items = tuple(items)
    segments.unknown = tuple(unknown)
    return segments


def segments_of_points(content: Dict[str, Any]) -> Segments:
    """Return the segments of lidar points.

    Args:
        content: The file of a lidar segmentation.
    """
    # The documentation has both names of the lists. api-notes: lidar
    segments = Segments()
    objects = an_array(content.get("objects"))
    segments._items = tuple(
        Segment(raw, raw.get("label")) for raw in objects if isinstance(raw, dict)
    )
    segments.unknown = tuple(raw for raw in objects if not isinstance(raw, dict))
    segments._points = an_array(
        content.get("point_objects", content.get("point_labels"))
    )
    return segments


def _is_address(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _address(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None
