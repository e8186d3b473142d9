"""Who has sent a request: the callback key in its headers, and its length."""

from __future__ import annotations

import hmac
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

#: Mode, ``live`` or ``test``, -> the callback key or keys.
Keys = Mapping[str, Union[str, Sequence[str]]]
#: Headers in the form of any framework, some of which have no common base class.
Headers = Any

_MODES = ("live", "test")
#: Names of the header: on the wire, and in WSGI.
#: api-notes: callbacks
_KEY_NAMES = (b"scale-callback-auth", b"http_scale_callback_auth")
_LENGTH_NAMES = (b"content-length", b"content_length")
#: More digits than any length has.
_MAX_LENGTH_DIGITS = 18

#: Reason -> the HTTP status of the answer.
STATUSES = {
    "no_key": 401,
    "repeated_key": 401,
    "wrong_key": 401,
    "wrong_mode": 401,
    "not_json": 400,
    "not_a_callback": 400,
    "wrong_length": 400,
    "wrong_method": 405,
    "too_large": 413,
}


class CallbackRejected(ScaleException):
    """A request is not a callback of yours.

    Attributes:
        reason: ``no_key``, ``repeated_key``, ``wrong_key``, ``wrong_mode``,
            ``not_json``, ``not_a_callback``, ``wrong_length``, ``wrong_method`` or
            ``too_large``.
        status: The HTTP status to answer with: 401, 400, 405 or 413.

    Args:
        message: What is wrong with the request. It has no part of the key.
        reason: The reason.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = STATUSES[reason]


class CallbackKeys:
    """The callback keys of both modes. Nothing prints them.

    Args:
        keys: As in `parse_callback`.

    Raises:
        ScaleTypeError: `keys` has the wrong type.
        ScaleValueError: `keys` has no key, an empty one, or one for both modes.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Keys) -> None:
        if not isinstance(keys, Mapping):
            raise ScaleTypeError(
                f'keys must be {{"live": key, "test": key}}; got {_kind(keys)}'
            )
        self._keys: List[Tuple[str, bytes]] = []
        for mode, given in keys.items():
            if mode not in _MODES:  # it is not shown, since it may be a key
                raise ScaleValueError("keys may only have the modes 'live' and 'test'")
            several = given if isinstance(given, (list, tuple)) else [given]
            if not several:
                raise _missing(mode)
            self._keys += [(mode, _encoded(mode, key)) for key in several]
        if not self._keys:
            raise ScaleValueError("keys is empty: pass the callback key of a mode")
        if len({key for _, key in self._keys}) < len(set(self._keys)):
            raise ScaleValueError("keys has the same key for both modes")

    def __repr__(self) -> str:
        return f"CallbackKeys({', '.join(mode for mode, _ in self._keys)})"

    def mode_of(self, presented: bytes) -> Optional[str]:
        """Return the mode of a key, in a time that does not tell how much of it fits.

        Returns:
            ``live`` or ``test``; None if it is none of the keys.
        """
        found = None
        for mode, key in self._keys:
            # Without an early exit: the time must not tell which key it is, either.
            if hmac.compare_digest(key, presented):
                found = mode
        return found


def is_live(headers: Headers, keys: CallbackKeys) -> bool:
    """Return whether a request has a live callback key, rather than a test one.

    Raises:
        CallbackRejected: The request has no key, several, or a wrong one.
        ScaleTypeError: `headers` has the wrong type.
    """
    values = _values(headers, _KEY_NAMES)
    if len(values) > 1:
        raise CallbackRejected("scale-callback-auth is there twice", "repeated_key")
    if not values or not values[0]:
        raise CallbackRejected("scale-callback-auth is missing", "no_key")
    mode = keys.mode_of(values[0])
    if mode is None:
        raise CallbackRejected("the callback key is wrong", "wrong_key")
    return mode == "live"


def declared_length(headers: Headers, most: int) -> Optional[int]:
    """Return the Content-Length of a request; None if it has none.

    Args:
        headers: The headers of the request.
        most: The greatest length that is accepted.

    Raises:
        CallbackRejected: The length is too large, is not a number, or is there twice.
    """
    values = [value for value in _values(headers, _LENGTH_NAMES) if value]
    if not values:
        return None
    # isdigit() of bytes accepts only 0 to 9, which int() does not.
    if len(values) > 1 or not values[0].isdigit():
        raise CallbackRejected("the Content-Length is not a number", "wrong_length")
    if len(values[0]) > _MAX_LENGTH_DIGITS or int(values[0]) > most:
        raise too_large(most)
    return int(values[0])


def too_large(most: int) -> CallbackRejected:
    """Return the error for a body that is too large."""
    return CallbackRejected(f"the body has more than {most:,} bytes", "too_large")


def _values(headers: Headers, names: Tuple[bytes, ...]) -> List[bytes]:
    """Return all values of a header."""
    found: List[Any] = []
    try:
        for name, value in headers.items() if hasattr(headers, "items") else headers:
            # The case of names that are not ASCII is not changed: lower() of a str
            # makes a "k" of the sign for Kelvin.
            known = name.encode("ascii", "replace") if isinstance(name, str) else name
            if isinstance(known, bytes) and known.lower() in names:
                found += value if isinstance(value, (list, tuple)) else [value]
    except Exception:  # of an object that is no headers
        raise ScaleTypeError(
            f"headers must be a mapping, or pairs of names and values; got "
            f"{_kind(headers)}"
        ) from None
    return [_bytes(value) for value in found if isinstance(value, (str, bytes))]


def _bytes(value: Union[str, bytes]) -> bytes:
    """Return the value of a header as it was on the wire."""
    if isinstance(value, bytes):
        return value
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def _encoded(mode: str, key: Any) -> bytes:
    if key is None:
        raise _missing(mode)
    if not isinstance(key, str):
        raise ScaleTypeError(
            f"keys[{mode!r}] must be a str or a list of them; got {_kind(key)}"
        )
    # A file with a key ends with a line break. Headers have no space at their ends.
    text = key.strip()
    if not text:
        raise _missing(mode)
    if len(text.split()) > 1 or not text.isprintable():
        raise ScaleValueError(
            f"keys[{mode!r}] has white space or a control character in it; pass "
            f"several keys as a list"
        )
    return text.encode("utf-8")


def _missing(mode: str) -> ScaleValueError:
    return ScaleValueError(
        f"keys[{mode!r}] has no key: is its environment variable set? To refuse {mode} "
        f"callbacks, leave {mode!r} out"
    )


def _kind(value: Any) -> str:
    return f"an object of type {type(value).__name__}"
