"""Where to look whether a lost request was carried out after all."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Callable, Mapping, Optional

from scaleapi.exceptions import ScaleDuplicateResource, ScaleException

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: A moment in ISO 8601, as the parts that `datetime.fromisoformat` wants.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?"
    r" ?(?:[Zz]|([+-]\d\d):?(\d\d)?)?",
    re.ASCII,
)
#: Seconds by which something must be older than a call, so that the call cannot
#: have made it: the time of an answer is told in whole seconds.
_TOLERANCE_S = 2.0


class Recovery:
    """How to find out what became of a request whose answer was lost.

    Args:
        endpoint: What to GET.
        find: Takes the decoded answer; returns the document that the lost
            request would have been answered with, or None.
        params: Query of the GET.
        creates: Whether the request creates what is looked for, so that it
            cannot be older than the call. A task that was to be canceled was
            there before.
    """

    __slots__ = ("creates", "endpoint", "find", "params")

    def __init__(
        self,
        endpoint: str,
        find: Callable[[Any], Optional[Any]],
        params: Optional[Mapping[str, Any]] = None,
        *,
        creates: bool,
    ) -> None:
        self.endpoint = endpoint
        self.find = find
        self.params = params
        self.creates = creates


def matching(**expected: Any) -> Callable[[Any], Optional[Any]]:
    """Return a function that returns a document if its values are these.

    A value that is None may be anything; of a tuple it may be any element.
    """
    wanted = {
        key: value if isinstance(value, tuple) else (value,)
        for key, value in expected.items()
        if value is not None
    }

    def find(document: Any) -> Optional[Any]:
        agrees = isinstance(document, dict) and all(
            document.get(key) in values for key, values in wanted.items()
        )
        return document if agrees else None

    return find


def among(
    find: Callable[[Any], Optional[Any]], key: Optional[str] = None
) -> Callable[[Any], Optional[Any]]:
    """Return a function that returns the first document of a list that fits.

    Args:
        find: Says whether a document fits.
        key: Where in the answer the list is; None if the answer is the list.
    """

    def find_among(answer: Any) -> Optional[Any]:
        if key is not None:
            answer = answer.get(key) if isinstance(answer, dict) else None
        documents = answer if isinstance(answer, list) else []
        return next(filter(None, map(find, documents)), None)

    return find_among


def explained(duplicate: ScaleDuplicateResource, message: str) -> ScaleException:
    """Return a 409 that says more, with all that is known of its call.

    Args:
        duplicate: The error as it came.
        message: What it is to say.
    """
    error = ScaleDuplicateResource(message)
    error.headers, error.body = duplicate.headers, duplicate.body
    error.attempts, error.unique_id = duplicate.attempts, duplicate.unique_id
    return error


def created_before(document: Any, moment: float) -> bool:
    """Return whether a document says that it was created clearly before a moment.

    Args:
        document: A decoded document; if it does not say when, the answer is no.
        moment: Seconds since 1970, by the clock of the same server.
    """
    created = _seconds_of(document.get("created_at"))
    return created is not None and created < moment - _TOLERANCE_S


def _seconds_of(text: Any) -> Optional[float]:
    """Return a moment in ISO 8601 as seconds since 1970; None if it is none.

    Without an offset it is UTC, as the API writes it. A date alone is none: it
    may be any moment of a day.
    """
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, minute, second, fraction, hours, minutes = match.groups()
    offset = f"{hours or '+00'}:{minutes or '00'}"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{offset}")
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds() + float(f"0.{fraction or 0}")
