"""Ids and names -> the path of an endpoint, and what is known of calling it."""

from __future__ import annotations

from enum import Enum
from typing import Any, Optional
from urllib.parse import quote

from scaleapi._transport.encoding import check_text, from_bytes
from scaleapi._transport.expectations import Check, json_object
from scaleapi._transport.recovery import Recovery
from scaleapi.exceptions import ScaleValueError


class Endpoint(str):
    """The path of an endpoint, with what is known of the request to be made.

    It is the str that scripts and their stand-ins for `Api.get_request` and
    its like expect, and nothing more has to be passed beside it.

    Attributes:
        expect: Checks whether the decoded answer is the one that is due; None
            takes anything.
        idempotent: Whether sending the request twice has the effect of sending it
            once; None if that depends on its method and body.
        recovery: How to find out whether a request whose answer was lost was
            carried out.
    """

    expect: Optional[Check] = None
    idempotent: Optional[bool] = None
    recovery: Optional[Recovery] = None


_VANISHING = ("", ".", "..")


def quote_segment(text: str) -> str:
    """Return `text` as one segment of a path: ``a b/c`` -> ``a%20b%2Fc``.

    Raises:
        ScaleValueError: `text` holds a lone surrogate.
    """
    check_text("an id or a name", text)
    return quote(text, safe="")


def endpoint(
    *segments: Any,
    query: str = "",
    expect: Optional[Check] = json_object,
    idempotent: Optional[bool] = None,
    recovery: Optional[Recovery] = None,
) -> Endpoint:
    """Join segments to an endpoint, each one quoted.

    Args:
        segments: Fixed words, ids, names; other types are turned to text.
        query: What follows the path and a question mark.
        expect: Checks whether the decoded answer is the one that is due; None
            takes anything.
        idempotent: Whether sending the request twice has the effect of sending it
            once. A request with a recovery always counts as idempotent.
        recovery: How to find out whether a lost request was carried out.

    Raises:
        ScaleValueError: A segment is None or empty, or it is ``.`` or ``..``,
            which every URL library resolves, quoted or not, so that the request
            would reach another endpoint.
    """
    path = Endpoint("/".join(map(_segment, segments)) + (f"?{query}" if query else ""))
    path.expect = expect
    path.idempotent = True if recovery else idempotent
    path.recovery = recovery
    return path


def has_address(name: Any) -> bool:
    """Return whether a thing of this name can be reached by a path."""
    return name is not None and plain_text(name) not in _VANISHING


def plain_text(segment: Any) -> str:
    """Return the text that stands for an enum member, bytes, or anything else.

    Raises:
        ScaleValueError: `segment` is bytes that are not UTF-8.
    """
    if isinstance(segment, Enum):
        segment = segment.value
    return from_bytes(segment) if isinstance(segment, bytes) else str(segment)


def _segment(segment: Any) -> str:
    if not has_address(segment):
        raise ScaleValueError(
            f"{segment!r} cannot be an id or a name: the request would reach "
            f"another endpoint"
        )
    return quote_segment(plain_text(segment))
