"""`Attempt`: how one attempt ended, and what that means for the request."""

from __future__ import annotations

import contextlib
import ssl
import traceback
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import List, Mapping, Optional

import requests
from requests.hooks import dispatch_hook
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    InvalidHeader,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.retry import Retry
from urllib3.util.ssl_match_hostname import CertificateError

from scaleapi._transport.redact import chain
from scaleapi._transport.retry import Outcome, outcome_of_status

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

#: Errors of the certificate. urllib3 raises its own if it compares the host itself.
_UNTRUSTED = (ssl.SSLCertVerificationError, CertificateError)
_UNOPENED = (NewConnectionError, ConnectTimeoutError, ClosedPoolError)
_AMBIGUOUS = (
    requests.exceptions.ConnectionError,  # also of TLS, and of proxies
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    # while the body is read
    ProtocolError,
    ReadTimeoutError,
    DecodeError,
    SSLError,
)
#: Packages whose frames are in the traceback of a failed request.
_LIBRARIES = {"scaleapi", "requests", "urllib3", "urllib", "http", "ssl", "socket"}


class Attempt:
    """How one attempt ended: with an answer, or with an error instead of one.

    Attributes:
        outcome: What the end of the attempt means for the request.
        response: The answer; None if there was none.
        error: The error; None if there was an answer.
        reason: What the error says, for people.
        retry_after: Seconds that the server asks to wait; None if it does not.
        in_hook: Whether the error is that of a hook, which was given an answer.
    """

    __slots__ = ("error", "in_hook", "outcome", "reason", "response", "retry_after")

    def __init__(
        self,
        outcome: Outcome,
        response: Optional[requests.Response] = None,
        error: Optional[BaseException] = None,
        reason: str = "",
        retry_after: Optional[float] = None,
        *,
        in_hook: bool = False,
    ) -> None:
        self.outcome = outcome
        self.response = response
        self.error = error
        self.reason = reason
        self.retry_after = retry_after
        self.in_hook = in_hook

    @property
    def status(self) -> Optional[int]:
        """The status of the answer; None if there was no answer."""
        return None if self.response is None else self.response.status_code

    @property
    def maybe_processed(self) -> bool:
        """Whether the request may have been carried out although it failed.

        Proxies answer with 503 for requests that have reached the server, and some
        add a ``Retry-After``.
        """
        # api-notes: service-unavailable
        ambiguous = self.outcome is Outcome.AMBIGUOUS or self.status == 503
        return ambiguous or self.in_hook

    @property
    def date(self) -> Optional[float]:
        """Time of the answer by the server's clock, in seconds since 1970.

        None if there is no answer, or if its ``Date`` is missing or has no time zone.
        """
        value = None if self.response is None else headers_of(self.response).get("Date")
        if not isinstance(value, str):
            return None
        try:
            date = parsedate_to_datetime(value)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        # Without a time zone the date does not name one moment.
        return (date - _EPOCH).total_seconds() if date.tzinfo else None

    def __str__(self) -> str:
        # The text of the error names its classes, and not only what has happened.
        cause = self.reason or str(self.error)
        return cause if self.status is None else str(self.status)


def attempt_from_response(response: requests.Response) -> Attempt:
    """Return the attempt that ended with an answer.

    Args:
        response: The answer. If the user has set ``session.stream``, its body is
            read here, which may fail in the same ways as the request.
    """
    _ = getattr(response, "content", None)
    return _attempt_of(response)


def _attempt_of(response: requests.Response) -> Attempt:
    raw = getattr(response, "raw", None)
    missing = getattr(raw, "length_remaining", None)
    # urllib3 1.26 does not notice that a body is too short. If the stream is still
    # open, the body was not read from it: a hook has set another one.
    closed = getattr(raw, "closed", None) is True
    if isinstance(missing, int) and missing > 0 and closed:
        reason = f"the answer broke off, {missing} bytes are missing"
        return Attempt(Outcome.AMBIGUOUS, error=ConnectionError(reason), reason=reason)
    retry_after = retry_after_of(response)
    outcome = outcome_of_status(response.status_code, retry_after)
    return Attempt(outcome, response, retry_after=retry_after)


def retry_after_of(response: requests.Response) -> Optional[float]:
    """Return the seconds that an answer asks to wait; None if it does not."""
    if 200 <= response.status_code < 300:
        return None
    value = headers_of(response).get("Retry-After")
    if not isinstance(value, str):
        return None
    try:
        return Retry().parse_retry_after(value)
    except (InvalidHeader, OverflowError, ValueError):
        return None


def response_in_hook(error: BaseException) -> Optional[requests.Response]:
    """Return the answer that a response hook was given, if an error comes from it.

    Args:
        error: The error, with its whole traceback.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is dispatch_hook.__code__:
            answer: requests.Response = frame.f_locals["hook_data"]
            return answer
    return None


def attempt_from_error(
    error: BaseException,
    outer: Optional[BaseException],
    hook_response: Optional[requests.Response] = None,
) -> Attempt:
    """Return the attempt that ended with an error instead of an answer.

    Args:
        error: The error.
        outer: The exception that the caller was handling when it made the request.
            It is not a cause of the error, although Python links it as the context.
        hook_response: Result of `response_in_hook`. A hook may have sent a request of
            its own, whose failure says nothing about ours.
    """
    response = getattr(error, "response", None)
    if (
        isinstance(error, requests.exceptions.HTTPError)
        and response is not None
        and (hook_response is None or response is hook_response)
    ):
        # A user's hook has called raise_for_status() before the body was read.
        with contextlib.suppress(requests.RequestException, HTTPError):
            _ = response.content
        return _attempt_of(response)
    causes = list(chain(error, outer))
    return Attempt(
        _outcome_of(error, causes)
        if hook_response is None
        else _outcome_once_sent(error),
        error=error,
        reason=_reason(error, outer),
        in_hook=hook_response is not None,
    )


def failed_in_libraries(error: BaseException) -> Optional[Attempt]:
    """Return the attempt that ended with a built-in error inside a library.

    requests and urllib3 do not check some settings, such as a proxy from the
    environment without a host, and fail on them with a TypeError or ValueError.

    Returns:
        The attempt; None if the error has another type, or if code of the user took
        part: what users' hooks and stand-ins raise reaches the caller unchanged.
    """
    if not isinstance(error, (TypeError, ValueError, AttributeError, LookupError)):
        return None
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    roots = [str(f.f_globals.get("__name__")).partition(".")[0] for f in frames]
    if not set(roots) <= _LIBRARIES or roots[-1] == "scaleapi":
        return None
    sent = any(frame.f_code.co_name == "urlopen" for frame in frames)
    return Attempt(Outcome.AMBIGUOUS if sent else Outcome.FATAL, error=error)


def _outcome_of(error: BaseException, causes: List[BaseException]) -> Outcome:
    if _find(causes, *_UNTRUSTED):
        return Outcome.FATAL
    unopened = _find(causes, *_UNOPENED) is not None
    if isinstance(error, requests.exceptions.ProxyError):
        tunnel = any("Tunnel connection failed" in str(cause) for cause in causes)
        return Outcome.FATAL if unopened or tunnel else Outcome.AMBIGUOUS
    if unopened:
        return Outcome.NOT_PROCESSED
    if any(getattr(cause, "unsent", False) for cause in causes):
        # A server that closes the connection may accept the next one. A TLS
        # handshake with the wrong protocol or host will not succeed on retry.
        broken_off = _find(causes, ConnectionError, ssl.SSLEOFError)
        return Outcome.NOT_PROCESSED if broken_off else Outcome.FATAL
    return _outcome_once_sent(error)


def _outcome_once_sent(error: BaseException) -> Outcome:
    return Outcome.AMBIGUOUS if isinstance(error, _AMBIGUOUS) else Outcome.FATAL


def _find(causes: List[BaseException], *kinds: type) -> Optional[BaseException]:
    return next((cause for cause in causes if isinstance(cause, kinds)), None)


def _reason(error: BaseException, outer: Optional[BaseException]) -> str:
    """Return the text of the innermost cause, shortened."""
    text = str(error) or type(error).__name__
    for cause in chain(error, outer):
        if isinstance(cause, _UNTRUSTED):
            problem = getattr(cause, "verify_message", None) or str(cause)
            return f"the certificate is not trusted ({shortened(problem, 200)})"
        # In urllib3, NewConnectionError is a subclass of ConnectTimeoutError.
        if isinstance(
            cause, (ReadTimeoutError, ConnectTimeoutError)
        ) and not isinstance(cause, NewConnectionError):
            return "timed out"
        if isinstance(cause, OSError) and cause.strerror:
            text = cause.strerror
    return shortened(text, 200)


def shortened(text: str, max_chars: int) -> str:
    """Return a text, or its beginning and three dots."""
    return text if len(text) <= max_chars else f"{text[:max_chars]}..."


def headers_of(response: requests.Response) -> Mapping[str, str]:
    """Return the headers; none of a user's stand-in for a response without them."""
    headers = getattr(response, "headers", None)
    try:
        return CaseInsensitiveDict(headers or {})
    except (TypeError, ValueError):
        return {}
