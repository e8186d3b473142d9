"""Filters of lists: their encoding for the query, and what an empty filter means."""

from __future__ import annotations

import logging
import reprlib
from typing import Any, Callable, Dict, Mapping, Optional

from scaleapi.exceptions import ScaleInvalidRequest, ScaleValueError

logger = logging.getLogger("scaleapi")

#: Takes the name of an argument and its value; returns the value for the query.
Encoder = Callable[[str, Any], Any]


def check_names(
    filters: Mapping[str, Any], encoders: Mapping[str, Encoder], call: str
) -> None:
    """Check that a list has these filters.

    Args:
        filters: What the caller passed, by key of the query.
        encoders: Key of the query -> its encoder.
        call: Name of the call, for the error.

    Raises:
        ScaleInvalidRequest: A key of `filters` has no encoder.
    """
    for name in filters:
        if name not in encoders:
            # The text of the official client.
            raise ScaleInvalidRequest(
                f"Illegal parameter {name} for ScaleClient.{call}()", 400
            )


def encode_filters(
    filters: Mapping[str, Any],
    encoders: Mapping[str, Encoder],
    arguments: Optional[Mapping[str, str]] = None,
) -> Dict[str, Any]:
    """Return the query for filters.

    Encoded values are not changed if they are encoded again. `get_tasks` and
    `get_batches` rely on that: they encode their filters, and pass them to `tasks` and
    `batches`, which encode what users pass.

    Args:
        filters: Key of the query -> what the caller passed.
        encoders: Key of the query -> its encoder.
        arguments: Key of the query -> the caller's name for it, where it differs.

    Returns:
        Key of the query -> its value; None if the filter is left out.
    """
    names = arguments or {}
    return {
        key: None if value is None else encoders[key](names.get(key, key), value)
        for key, value in filters.items()
    }


def check_empty_filters(
    noun: str,
    filters: Mapping[str, Any],
    query: Mapping[str, Any],
    arguments: Optional[Mapping[str, str]] = None,
) -> None:
    """Refuse an empty filter, or warn of it, since without it everything may match.

    Args:
        noun: What is listed: ``"task"`` or ``"batch"``.
        filters: Key of the query -> what the caller passed.
        query: Key of the query -> its value. An empty list means that there is nothing
            to look for, None that the filter is left out.
        arguments: Key of the query -> the caller's name for it, where it differs. None:
            the caller used the names of the API; an empty string is then sent without a
            warning.

    Raises:
        ScaleValueError: In `filters`, a filter by id or name is an empty iterable, or a
            filter contains only None and empty strings.
    """
    for key, value in filters.items():
        sent = query.get(key)
        if value is None or sent not in (None, [], "", b"", [""]):
            continue
        name = (arguments or {}).get(key, key)
        others = {k: query[k] for k in filters if k != key and query.get(k)}
        everything = _everything(noun, others)
        if sent == []:
            raise ScaleValueError(
                f"{name} is empty: {reprlib.repr(value)}. Without this filter, "
                f"{everything} would match. If there is nothing to look for, do not "
                f"make this call; to match everything, pass {name}=None"
            )
        if sent is None or arguments is not None:
            logger.warning(
                "%s is empty (%s) and %s: %s may match. If that is what you want, "
                "pass %s=None",
                name,
                reprlib.repr(value),
                "left out" if sent is None else "may be ignored by the API",
                everything,
                name,
            )


def _everything(noun: str, filters: Mapping[str, Any]) -> str:
    """Return a description of what matches the other filters."""
    scopes = {name: filters[name] for name in ("batch", "project") if name in filters}
    scope = " of ".join(f"{name} {value!r}" for name, value in scopes.items())
    rest = " that the other filters match" if len(filters) > len(scopes) else ""
    return f"every {noun} of {scope or 'the account'}{rest}"
