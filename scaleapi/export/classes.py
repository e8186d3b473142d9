"""`Classes`: labels and their numbers, which stay the same with every export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Sequence

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError
from scaleapi.export.output import new_file
from scaleapi.prelabels.labels import leaves

#: Has the labels in their order, as a JSON list.
CLASSES = "classes.json"
#: The parameters that have labels.
_KEYS = ("geometries", "objects_to_annotate", "labels")


class Classes:
    """The labels in the order of their numbers.

    Args:
        given: The labels, which are all there are; or None for those of the file in the
            folder, to which those of the tasks are appended.
        folder: The folder of the export.

    Raises:
        ScaleTypeError: `given` is not a list of str.
        ScaleValueError: A label occurs twice.
        ScaleException: The file in the folder is malformed.
    """

    def __init__(self, given: Any, folder: Path) -> None:
        self._path = folder / CLASSES
        self._is_fixed = given is not None
        names = _from_file(self._path) if given is None else given
        if not _are_labels(names):
            raise ScaleTypeError(
                f"classes must be a list of labels, each a str; got {names!r:.100}"
            )
        self._asked: List[Any] = []
        self._numbers: Dict[str, int] = {}
        for name in names:
            if name in self._numbers:
                raise ScaleValueError(f"classes: {name!r} occurs twice")
            self._add(name)

    @property
    def names(self) -> List[str]:
        """The labels; the first one has number 1."""
        return list(self._numbers)

    def see(self, document: Mapping[str, Any]) -> None:
        """Append the labels that a task asks for, in their order."""
        params = document.get("params")
        if self._is_fixed or not isinstance(params, Mapping):
            return
        asked = [params.get(key) for key in _KEYS]
        # The tasks of a project ask for the same.
        if asked != self._asked:
            self._asked = asked
            for name in labels_of(params):
                self._add(name)

    def number_of(self, label: Any) -> int:
        """Return the number of a label; 0 if it is none of the classes."""
        if not isinstance(label, str):
            return 0
        number = self._numbers.get(label, 0)
        if not number and not self._is_fixed:
            self._add(label)
            number = self._numbers[label]
        return number

    def save(self) -> None:
        """Write the file that later exports to this folder begin with."""
        with new_file(self._path) as stream:
            stream.write(json.dumps(self.names, indent=1).encode() + b"\n")

    def _add(self, name: str) -> None:
        self._numbers.setdefault(name, len(self._numbers) + 1)


def _from_file(path: Path) -> Sequence[Any]:
    try:
        names = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise ScaleException(f"{path}: not JSON: {error}") from error
    if not _are_labels(names) or len(set(names)) < len(names):
        raise ScaleException(f"{path}: not a JSON list of labels, each once")
    return names  # type: ignore[no-any-return]


def _are_labels(names: Any) -> bool:
    return isinstance(names, (list, tuple)) and all(
        isinstance(name, str) for name in names
    )


def labels_of(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield the labels that the parameters of a task ask for, in their order."""
    sources = [params.get("objects_to_annotate"), params.get("labels")]
    geometries = params.get("geometries")
    if isinstance(geometries, Mapping):
        wanted = [each for each in geometries.values() if isinstance(each, Mapping)]
        sources = [*(each.get("objects_to_annotate") for each in wanted), *sources]
    for source in sources:
        try:
            yield from leaves(source or [], "labels")
        except ScaleTypeError:  # of a form that is not documented
            continue
