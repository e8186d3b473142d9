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

    An encoder leaves what it has returned as it is when it gets it again: the calls
    that walk over all pages encode their filters once, and pass them to the call for
    one page, which users call, too.

    Args:
        filters: Key of the query -> what the caller passed.
        encoders: Key of the query -> its encoder.
        arguments: Key of the query -> the caller's name for it, where it differs.

    Returns:
        Key of the query -> its value; None where the filter is left out.
    """
    names = arguments or {}
    return {
        key: None if value is None else encoders[key](names.get(key, key), value)
        for key, value in filters.items()
    }


def check_empty_filters(
    kind: str,
    given: Mapping[str, Any],
    query: Mapping[str, Any],
    arguments: Optional[Mapping[str, str]] = None,
) -> None:
    """Refuse or report filters that are empty, so that everything may match.

    Args:
        kind: What is listed: ``"task"`` or ``"batch"``.
        given: Key of the query -> what the caller passed as this filter.
        query: Key of the query -> what goes on the wire: an empty list where
            there is nothing to look for, None where the filter is left out.
        arguments: Key of the query -> the caller's name for it, where it differs.
            None: the caller used the names of the API, and what is empty and sent
            all the same is left to the API.

    Raises:
        ScaleValueError: A filter that picks objects by id or name is empty, or a
            filter has only None and empty texts in it.
    """
    for key, value in given.items():
        sent = query.get(key)
        if value is None or sent not in (None, [], "", b"", [""]):
            continue
        name = (arguments or {}).get(key, key)
        others = {k: query[k] for k in given if k != key and query.get(k)}
        everything = _everything(kind, others)
        if sent == []:
            raise ScaleValueError(
                f"{name} has nothing in it to look for: {reprlib.repr(value)}. Without "
                f"this filter everything would match, which is {everything}. Where "
                f"there is nothing to look for, do not make this call; to have "
                f"everything, pass {name}=None"
            )
        if sent is None or arguments is not None:
            logger.warning(
                "%s is empty (%s), which %s: %s may match; pass %s=None to say so",
                name,
                reprlib.repr(value),
                "is no filter" if sent is None else "the API may take for no filter",
                everything,
                name,
            )


def _everything(kind: str, filters: Mapping[str, Any]) -> str:
    """Return in words what matches the filters that are left."""
    places = {name: filters[name] for name in ("batch", "project") if name in filters}
    where = " of ".join(f"{name} {value!r}" for name, value in places.items())
    rest = " that the other filters match" if len(filters) > len(places) else ""
    return f"every {kind} of {where or 'the account'}{rest}"
