"""`View`, the base class of read-only objects over a part of a document."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

#: A position in a picture: x and y in pixels from the left and top edge.
Position = Tuple[float, float]

# The product of three larger integers may be too large for a float.
_LIMIT = 2**300


class View:
    """A read-only object over a dict of a document.

    Args:
        raw: The dict. The object keeps it and does not copy it.

    Attributes:
        raw: The very dict.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: Dict[str, Any]) -> None:
        self._raw = raw

    @property
    def raw(self) -> Dict[str, Any]:
        """The very dict."""
        return self._raw

    @property
    def attributes(self) -> Dict[str, Any]:
        """The attributes: name -> value; empty if there are none."""
        return attributes_of(self._raw.get("attributes"))

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, View)
        return self._raw == other._raw

    # The dict can change, so there is no hash.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._summary()})"

    def _summary(self) -> str:
        return f"label={self._raw.get('label')!r}"


def is_number(value: Any) -> bool:
    """Return whether a value can be a coordinate: not a boolean, and not gigantic."""
    if type(value) is float:
        return True
    if not isinstance(value, (int, float)) or value is True or value is False:
        return False
    return isinstance(value, float) or -_LIMIT < value < _LIMIT


def an_object(value: Any) -> Dict[str, Any]:
    """Return a value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def an_array(value: Any) -> List[Any]:
    """Return a value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def one_or_many(value: Any) -> Tuple[Any, ...]:
    """Return the elements of a list; a single value is the only one."""
    if isinstance(value, list):
        return tuple(value)
    return () if value is None else (value,)


def attributes_of(given: Any) -> Dict[str, Any]:
    """Return attributes as name -> value.

    An object is returned as it is. In recordings, attributes are a list of objects
    with a name and values.
    """
    # api-notes: attributes, recordings
    if isinstance(given, dict):
        return given
    return {
        each["name"]: each.get("values", each.get("value"))
        for each in an_array(given)
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    }


def position_of(given: Any) -> Optional[Position]:
    """Return an object with ``x`` and ``y`` as a pair; None for another value."""
    if isinstance(given, dict):
        x, y = given.get("x"), given.get("y")
        if is_number(x) and is_number(y):
            return x, y  # type: ignore[return-value]
    return None


def positions_of(given: Any) -> Optional[Tuple[Position, ...]]:
    """Return a list of positions; None if an element is not one, or there is none."""
    found = []
    for each in an_array(given):
        position = position_of(each)
        if position is None:
            return None
        found.append(position)
    return tuple(found) or None
