"""Columns of tables: their types, and the paths in a task at which values are. Pure.

The type of a column is fixed before the first row. A value that does not fit the type
becomes null and is a problem; no value is changed otherwise.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.export.encoding import SURROGATE, as_json
from scaleapi.export.problems import Problems

#: Type of a column -> what it holds, for errors.
TYPES = {
    "text": "text",
    "int": "an integer of 64 bits",
    "float": "a number",
    "bool": "true or false",
    "time": "a time",
    "json": "JSON",
}

_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^."]*))\s*(\.|$)')
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1

Path = Sequence[str]


class Column(NamedTuple):
    """A column.

    Attributes:
        name: Its name.
        type: One of `TYPES`.
    """

    name: str
    type: str


class PathColumn(NamedTuple):
    """A column whose values are at a path in the task.

    Attributes:
        column: Name and type.
        path: The keys; a number is also the position in a list.
    """

    column: Column
    path: Path


def path_columns(columns: Any, taken: Sequence[Column]) -> List[PathColumn]:
    """Return the columns that a caller wishes for.

    Args:
        columns: Name -> path and type, such as ``"metadata.row:int"``; or None.
        taken: The columns that are there already.

    Raises:
        ScaleTypeError: `columns` is not such a dict.
        ScaleValueError: A name is taken, or a path or type is malformed.
    """
    if columns is None:
        return []
    if not isinstance(columns, Mapping):
        raise ScaleTypeError(
            "columns must be a dict name -> path, such as "
            f"{{'row': 'metadata.row:int'}}; got {type(columns).__name__}"
        )
    names = {column.name for column in taken}
    found = []
    for name, spec in columns.items():
        if not isinstance(name, str) or not isinstance(spec, str):
            raise ScaleTypeError(f"columns must have str only; got {name!r}: {spec!r}")
        if not name or SURROGATE.search(name):
            raise ScaleValueError(f"columns: {name!r} is no name of a column")
        if name in names:
            raise ScaleValueError(
                f"columns: {name!r} is already the name of a column; choose another"
            )
        found.append(_path_column(name, spec))
    return found


def _path_column(name: str, spec: str) -> PathColumn:
    path_text, kind = _split_type(spec)
    if kind not in TYPES:
        raise ScaleValueError(
            f"columns: {spec!r} of {name!r} must end in one of "
            f"{', '.join(f':{each}' for each in TYPES)}, or have no type for text. A "
            f"key with a colon stands in double quotes"
        )
    path = []
    position = 0
    while True:
        match = _PART.match(path_text, position)
        if match is None or not (match[1] is not None or match[2].strip()):
            raise ScaleValueError(
                f"columns: {spec!r} of {name!r} is no path, such as metadata.row or "
                f'response.annotations."Quality Score"; a key with a dot stands in '
                f"double quotes"
            )
        quoted, plain, separator = match.groups()
        path.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if not separator:
            return PathColumn(Column(name, kind), tuple(path))


def _split_type(spec: str) -> Sequence[str]:
    path, colon, kind = spec.rpartition(":")
    if colon and path.count('"') % 2 == 0:
        return path, kind.strip()
    return spec, "text"


def value_at(document: Any, path: Path) -> Any:
    """Return the value at a path; None if there is none."""
    value = document
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list):
            try:
                value = value[int(key)]
            except (ValueError, IndexError):
                return None
        else:
            return None
    return value


def fitted(
    column: Column, values: List[Any], task_ids: Sequence[Any], problems: Problems
) -> List[Any]:
    """Return values as the type of a column has them; null stays None.

    Args:
        column: The column.
        values: What the tasks have.
        task_ids: The task of each value, for problems.
        problems: Gets those that do not fit.
    """
    kinds = set(map(type, values))
    kinds.discard(type(None))
    if not kinds:
        return values
    if kinds <= _AS_THEY_ARE[column.type] and _are_whole(column.type, values):
        return values
    fit = _FITTERS[column.type]
    found = []
    for number, value in enumerate(values):
        if value is not None:
            try:
                value = fit(value)
            except (TypeError, ValueError, OverflowError, RecursionError):
                _misfit(column, value, task_ids[number], problems)
                value = None
            if type(value) is str and not value.isascii():
                value = _encodable(column, value, task_ids[number], problems)
        found.append(value)
    return found


#: Type of a column -> types of Python whose values may need no conversion.
_AS_THEY_ARE: Dict[str, Any] = {
    "text": {str},
    "int": {int},
    "float": {float},
    "bool": {bool},
    "time": {str},
    "json": set(),
}


def _are_whole(kind: str, values: List[Any]) -> bool:
    """Return whether values of the right type of Python fit as they are."""
    if kind == "int":
        given = [value for value in values if value is not None]
        return bool(min(given) >= _INT_MIN and max(given) <= _INT_MAX)
    if kind in ("text", "time"):
        return "".join(filter(None, values)).isascii()
    return True


def _misfit(column: Column, value: Any, task_id: Any, problems: Problems) -> None:
    kind = f"is not {TYPES[column.type]}, and is left empty"
    problems.add(kind, task_id, column.name, value)


def _encodable(column: Column, text: str, task_id: Any, problems: Problems) -> str:
    """Return a text without lone surrogates, which UTF-8 does not have."""
    if not SURROGATE.search(text):
        return text
    kind = "has half a character (a lone surrogate), for which there is U+FFFD now"
    problems.add(kind, task_id, column.name, text)
    return SURROGATE.sub("\ufffd", text)


def _text(value: Any) -> str:
    # Of a member of an Enum, the value.
    return str.__str__(value) if isinstance(value, str) else as_json(value)


def _int(value: Any) -> int:
    if isinstance(value, str):
        number = int(value) if _NUMBER.fullmatch(value) else None
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        number = None
    else:
        number = int(value)
        number = number if number == value else None
    if number is None or not _INT_MIN <= number <= _INT_MAX:
        raise ValueError
    return number


def _float(value: Any) -> float:
    if isinstance(value, str):
        number = float(value) if _NUMBER.fullmatch(value) else math.inf
        if math.isinf(number):
            raise ValueError
        return number
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError
    number = float(value)
    if number != value and number == number:  # an integer with too many digits
        raise ValueError
    return number


_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    raise ValueError


def _time(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return str.__str__(value)


_FITTERS: Dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "time": _time,
    "json": as_json,
}


def times(
    column: Column, values: List[Any], task_ids: Sequence[Any], problems: Problems
) -> List[Optional[datetime]]:
    """Return times as `datetime`, in UTC; what is no time is a problem.

    Args:
        column: The column.
        values: The texts.
        task_ids: The task of each value, for problems.
        problems: Gets those that are no times.
    """
    found: List[Optional[datetime]] = []
    for number, value in enumerate(values):
        moment = None
        if value is not None:
            moment = _moment(value)
            if moment is None:
                _misfit(column, value, task_ids[number], problems)
        found.append(moment)
    return found


#: What Arrow reads as a time, too.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,6})0*)?)?)?)?"
    r"(?:Z|([+-]\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)


def _moment(text: str) -> Optional[datetime]:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, ahead, and_minutes = match.groups("00")
    offset = f"{'+00' if ahead == '00' else ahead}:{and_minutes}"
    # Python 3.8 reads three or six digits only.
    whole = f"{day}T{hour}:{minute}:{second}.{fraction:0<6}{offset}"
    try:
        return datetime.fromisoformat(whole).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
