"""Pre-labels by image, and what could not be carried over."""

from __future__ import annotations

import json
import uuid
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Tuple

from scaleapi.exceptions import ScaleValueError
from scaleapi.prelabels.shapes import Annotation

#: The namespace of the ``uuid`` that is derived from the content of an annotation.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://scale.com/docs#hypothesis")


class Problem(NamedTuple):
    """Something that could not be carried over.

    Attributes:
        image: The name of the image or video.
        where: The place in the source, such as ``line 3`` or ``annotation 17``; empty
            if the whole image is meant.
        reason: What is missing from the pre-label, and why.
    """

    image: str
    where: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in self if part)


class Prelabels(Mapping[str, Dict[str, Any]]):
    """Pre-labels by the name of the image: a mapping to values of ``hypothesis``.

    Attributes:
        problems: What could not be carried over, in the order of the source.
    """

    def __init__(
        self, by_image: Dict[str, Dict[str, Any]], problems: Iterable[Problem] = ()
    ) -> None:
        self._by_image = by_image
        self.problems: Tuple[Problem, ...] = tuple(problems)

    def __getitem__(self, image: str) -> Dict[str, Any]:
        return self._by_image[image]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_image)

    def __len__(self) -> int:
        return len(self._by_image)

    def __repr__(self) -> str:
        return f"Prelabels({len(self)} images, {len(self.problems)} problems)"


def hypothesis(annotations: Iterable[Annotation], image: str = "") -> Dict[str, Any]:
    """Return a value of ``hypothesis``; each annotation has a ``uuid`` afterwards.

    Args:
        annotations: The annotations, which are changed.
        image: The name of the image, which is part of what the ``uuid`` of an
            annotation is derived from.

    Raises:
        ScaleValueError: Two annotations have the same ``uuid``.
    """
    listed = list(annotations)
    taken = set()
    for annotation in listed:
        given = annotation.get("uuid")
        if given is not None:
            if given in taken:
                raise ScaleValueError(f"{image or 'shapes'}: two have uuid {given!r}")
            taken.add(given)
    seen: Dict[str, int] = {}
    for annotation in listed:
        if "uuid" not in annotation:
            annotation["uuid"] = content_uuid([image, annotation], seen)
    return {"annotations": listed}


def content_uuid(content: List[Any], seen: Dict[str, int]) -> str:
    """Return a ``uuid`` that is always the same for the same content.

    Args:
        content: What it is derived from.
        seen: How often each content has occurred. The copies of one get different
            ``uuid``; this is changed.
    """
    text = json.dumps(content, sort_keys=True)
    copies = seen.get(text, 0)
    seen[text] = copies + 1
    name = f"{text} {copies}" if copies else text
    return str(uuid.uuid5(NAMESPACE, name))
