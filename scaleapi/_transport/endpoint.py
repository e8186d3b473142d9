"""`Endpoint`: a quoted path, with what is known about calling it."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Callable, Optional
from urllib.parse import quote

from scaleapi._transport.encoding import check_text, from_bytes
from scaleapi._transport.recovery import Recovery
from scaleapi._transport.response_checks import Check, json_object
from scaleapi._transport.settings import CallSettings
from scaleapi.exceptions import ScaleValueError


class Endpoint(str):
    """The path of an endpoint, with what is known about requests to it.

    An endpoint is a str with attributes, because scripts replace `Api.get_request`
    and its siblings by functions that take a str and no further arguments.

    Attributes:
        expect: Checks the form of the decoded answer; None accepts any answer.
        idempotent: Whether sending the request twice has the effect of sending it
            once; None if that depends on its method and body.
        recovery: Where to look for the result of a request whose answer was lost;
            None if there is no such place.
        settings: How the request is sent; None for requests to v1.
        decode: Decodes a successful response; None decodes it as JSON.
    """

    expect: Optional[Check] = None
    idempotent: Optional[bool] = None
    recovery: Optional[Recovery] = None
    settings: Optional[CallSettings] = None
    decode: Optional[Callable[[Any], Any]] = None


#: Characters that are sent as they are in any part of a URL.
_UNRESERVED = re.compile(r"[\w.~-]*", re.ASCII)
#: Segments that URL libraries remove from a path.
_REMOVED_SEGMENTS = ("", ".", "..")


def quote_segment(text: str) -> str:
    """Return `text` as one segment of a path: ``a b/c`` -> ``a%20b%2Fc``.

    Raises:
        ScaleValueError: `text` contains a lone surrogate.
    """
    if _UNRESERVED.fullmatch(text):
        return text
    check_text("an id or a name", text)
    return quote(text, safe="")


def endpoint(
    *segments: Any,
    query: str = "",
    expect: Optional[Check] = json_object,
    idempotent: Optional[bool] = None,
    recovery: Optional[Recovery] = None,
    settings: Optional[CallSettings] = None,
    decode: Optional[Callable[[Any], Any]] = None,
) -> Endpoint:
    """Return the endpoint with these segments, each one quoted.

    Args:
        segments: Fixed words, ids and names. Values of other types are converted to
            text.
        query: Query string, without the question mark.
        expect: Checks the form of the decoded answer; None accepts any answer.
        idempotent: Whether sending the request twice has the effect of sending it
            once. A request with a recovery always counts as idempotent.
        recovery: Where to look for the result of a request whose answer was lost.
        settings: How the request is sent; None for requests to v1.
        decode: Decodes a successful response; None decodes it as JSON.

    Raises:
        ScaleValueError: A segment is None, empty, ``.`` or ``..``. URL libraries
            remove such segments, quoted or not, so that the request would reach
            another endpoint.
    """
    path = Endpoint("/".join(map(_segment, segments)) + (f"?{query}" if query else ""))
    path.expect = expect
    path.idempotent = True if recovery else idempotent
    path.recovery = recovery
    path.settings = settings
    path.decode = decode
    return path


def has_address(name: Any) -> bool:
    """Return whether an object with this name can be addressed by a path."""
    return name is not None and plain_text(name) not in _REMOVED_SEGMENTS


def plain_text(segment: Any) -> str:
    """Return the text of an enum member, bytes, or any other value.

    Raises:
        ScaleValueError: `segment` is bytes that are not UTF-8.
    """
    if isinstance(segment, Enum):
        segment = segment.value
    return from_bytes(segment) if isinstance(segment, bytes) else str(segment)


def _segment(segment: Any) -> str:
    text = None if segment is None else plain_text(segment)
    if text is None or text in _REMOVED_SEGMENTS:
        raise ScaleValueError(
            f"{segment!r} cannot be an id or a name: the request would reach "
            f"another endpoint"
        )
    return quote_segment(text)
