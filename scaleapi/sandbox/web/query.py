"""The query string of a request: typed access to its parameters."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple
from urllib.parse import parse_qsl

from scaleapi.sandbox.clock import to_timestamp_ms
from scaleapi.sandbox.web.errors import ApiError, invalid

#: Maximum number of parameters: the official client puts every id that it looks for
#: into the query.
_MAX_FIELDS = 20_000

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Query:
    """The query of a request.

    A parameter without a value counts as not given if a number, time, boolean or
    token is expected. For string filters it is the empty string, which matches
    nothing.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            pairs = parse_qsl(
                raw.decode("latin-1"),
                keep_blank_values=True,
                max_num_fields=_MAX_FIELDS,
            )
        except ValueError:
            raise ApiError(400, "The query has too many parameters") from None
        self._values: Dict[str, List[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def string(self, name: str) -> Optional[str]:
        """Return the last value of a parameter; None if it is empty or not given."""
        return self._values.get(name, [""])[-1] or None

    def strings(self, name: str) -> Optional[List[str]]:
        """Return the values of a repeated parameter; None if it is not given."""
        values = self._values.get(name)
        return None if values is None else list(dict.fromkeys(values))

    def comma_list(self, name: str) -> Optional[List[str]]:
        """Return the values of a repeated parameter, split at commas."""
        values = self._values.get(name)
        if values is None:
            return None
        values = list(dict.fromkeys(",".join(values).split(",")))
        if len(values) > _MAX_FIELDS:
            raise invalid(f'"{name}" must not have more than {_MAX_FIELDS} values')
        return values

    def boolean(self, name: str) -> bool:
        """Return a boolean, given in any letter case; False if it is not given."""
        value = self.string(name)
        if value is None:
            return False
        if value.lower() not in _FLAGS:
            raise invalid(f'"{name}" must be true or false')
        return _FLAGS[value.lower()]

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """Return an integer.

        Args:
            name: Name of the parameter.
            default: The value if the parameter is not given.
            low: The smallest value.
            high: The largest value.
        """
        value = self.string(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise invalid(f'"{name}" must be a whole number')
        if not low <= int(value) <= high:
            raise invalid(f'"{name}" must be between {low} and {high}')
        return int(value)

    def earliest(self, name: str) -> Optional[int]:
        """Return the lower bound of a time range, in milliseconds since 1970."""
        return self._timestamp_ms(name, earliest=True)

    def latest(self, name: str) -> Optional[int]:
        """Return the upper bound of a time range, in milliseconds since 1970."""
        return self._timestamp_ms(name, earliest=False)

    def _timestamp_ms(self, name: str, *, earliest: bool) -> Optional[int]:
        value = self.string(name)
        if value is None:
            return None
        try:
            return to_timestamp_ms(value, earliest=earliest)
        except ValueError:
            raise invalid(f'"{name}" must be a time in ISO 8601') from None

    def page_bounds(self) -> Tuple[int, int]:
        """Return limit and offset of a page."""
        return self.integer("limit", 100, 1, 100), self.integer("offset", 0, 0, 10**15)
