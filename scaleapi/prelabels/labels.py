"""Comparison of the labels of annotations with those of a project."""

from __future__ import annotations

from typing import (
    Any,
    Dict,
    Iterable,
    Iterator,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
)

from scaleapi.exceptions import ScaleTypeError, ScaleValueError

#: What is compared: name of the image, geometry, label.
Use = Tuple[str, str, Optional[str]]

_MAX_DEPTH = 20
_MAX_NAMED = 10


class KnownLabels:
    """The labels that annotations may have.

    Args:
        labels: Labels for all geometries, as in ``objects_to_annotate``.
        project_params: The parameters of a project or task.

    Raises:
        ScaleTypeError: An argument is not a list of labels, or not a dict.
        ScaleValueError: There are no labels in `project_params`.
    """

    def __init__(
        self,
        labels: Optional[Sequence[Any]] = None,
        project_params: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self._for_all: Optional[Set[str]] = None
        self._by_geometry: Optional[Dict[str, Set[str]]] = None
        if labels is not None:
            self._for_all = set(leaves(labels, "labels"))
        if project_params is not None:
            self._read(project_params)

    def _read(self, params: Mapping[str, Any]) -> None:
        if not isinstance(params, Mapping):
            raise ScaleTypeError(
                "project_params must be a dict, such as Project.params; "
                f"got {type(params).__name__}"
            )
        geometries = params.get("geometries")
        if isinstance(geometries, Mapping):
            self._by_geometry = {}
            for geometry, wanted in geometries.items():
                name = f"project_params: geometries.{geometry}.objects_to_annotate"
                given = (
                    wanted.get("objects_to_annotate")
                    if isinstance(wanted, Mapping)
                    else None
                )
                self._by_geometry[geometry] = set(leaves(given or [], name))
            return
        for key in ("objects_to_annotate", "labels"):
            if params.get(key) is not None:
                found = set(leaves(params[key], f"project_params: {key}"))
                self._for_all = (
                    found if self._for_all is None else found & self._for_all
                )
                return
        raise ScaleValueError(
            "project_params has none of 'geometries', 'objects_to_annotate' and "
            "'labels', so labels cannot be compared with it"
        )

    def check(self, uses: Iterable[Use], source: str) -> None:
        """Compare the labels of all annotations.

        Args:
            uses: The geometry and label of each annotation.
            source: The file or folder, for errors.

        Raises:
            ScaleValueError: A label or geometry is not among the known ones.
        """
        wrong: Dict[Tuple[str, Optional[str]], str] = {}
        for image, geometry, label in uses:
            if not self._allows(geometry, label):
                wrong.setdefault((geometry, label), image)
        if not wrong:
            return
        lines = [
            f"{label!r} ({geometry}, first in {image or 'the shapes'}); "
            f"known for {geometry}: {self._known(geometry)}"
            for (geometry, label), image in list(wrong.items())[:_MAX_NAMED]
        ]
        more = len(wrong) - _MAX_NAMED
        if more > 0:
            lines.append(f"and {more} more")
        begin = f"{source} has" if source else "There are"
        raise ScaleValueError(
            f"{begin} labels that the project does not know. " + ". ".join(lines)
        )

    def _allows(self, geometry: str, label: Optional[str]) -> bool:
        if self._for_all is not None and label not in self._for_all:
            return False
        if self._by_geometry is None:
            return True
        known = self._by_geometry.get(geometry)
        # A geometry without labels has none in its annotations either.
        return known is not None and (label in known or (not known and label is None))

    def _known(self, geometry: str) -> str:
        known = self._for_all
        if self._by_geometry is not None:
            if geometry not in self._by_geometry:
                wanted = ", ".join(sorted(self._by_geometry)) or "none"
                return f"none, since the geometries of the project are: {wanted}"
            by_geometry = self._by_geometry[geometry]
            known = by_geometry if known is None else by_geometry & known
        return ", ".join(repr(each) for each in sorted(known or ())) or "none"


def leaves(labels: Any, name: str, depth: int = 0) -> Iterator[str]:
    """Yield the labels that can be chosen. api-notes: labels"""
    if not isinstance(labels, (list, tuple)):
        raise ScaleTypeError(
            f"{name} must be a list of labels; got {type(labels).__name__}"
        )
    for label in labels:
        choice = label.get("choice") if isinstance(label, Mapping) else label
        if not isinstance(choice, str):
            raise ScaleTypeError(
                f"{name}: a label is text, or a dict with 'choice'; got {label!r:.100}"
            )
        inner = label.get("subchoices") if isinstance(label, Mapping) else None
        if inner and depth < _MAX_DEPTH:
            yield from leaves(inner, name, depth + 1)
        else:
            yield choice
