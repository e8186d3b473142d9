"""What an attempt came to: its outcome, and the value or the error it gives."""

from __future__ import annotations

import json
import ssl
from typing import Any, Dict, Iterator, Optional

import requests
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    DecodeError,
    InvalidHeader,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.retry import Retry

from scaleapi.exceptions import ExceptionMap, ScaleConnectionError, ScaleException
from scaleapi.retry import Outcome, outcome_of_status

try:
    import orjson
except ModuleNotFoundError:  # the extra scaleapi[speed]
    orjson = None  # type: ignore[assignment]

_LONGEST_TEXT = 1000

_UNOPENED = (NewConnectionError, ConnectTimeoutError, ClosedPoolError)
_REJECTED = (requests.exceptions.SSLError, requests.exceptions.ProxyError)
_AMBIGUOUS = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    # while the body is read
    ProtocolError,
    ReadTimeoutError,
    DecodeError,
    SSLError,
)


class Attempt:
    """How one attempt ended: with an answer, or with an error instead of one."""

    __slots__ = ("error", "outcome", "response")

    def __init__(
        self,
        outcome: Outcome,
        response: Optional[requests.Response] = None,
        error: Optional[BaseException] = None,
    ) -> None:
        self.outcome = outcome
        self.response = response
        self.error = error

    @property
    def status(self) -> Optional[int]:
        """The status of the answer; None without one."""
        return None if self.response is None else self.response.status_code

    @property
    def unclear(self) -> bool:
        """Whether the request may have been carried out although it failed.

        Proxies in front of servers say 503 for requests that went through.
        """
        return self.outcome is Outcome.AMBIGUOUS or self.status == 503

    @property
    def retry_after(self) -> Optional[float]:
        """Seconds that the server asks to wait; None if it does not."""
        if self.response is None or self.outcome is Outcome.DONE:
            return None
        value = _headers(self.response).get("Retry-After")
        if not isinstance(value, str):
            return None
        try:
            return Retry().parse_retry_after(value)
        except (InvalidHeader, OverflowError, ValueError):
            return None

    def __str__(self) -> str:
        return _reason(self.error) if self.status is None else str(self.status)


def answered(response: requests.Response) -> Attempt:
    """Return the attempt that ended with an answer."""
    # The 1.26 line of urllib3 takes an answer that breaks off for a whole one.
    missing = getattr(getattr(response, "raw", None), "length_remaining", None)
    if isinstance(missing, int) and missing > 0:
        error = ConnectionError(f"the answer broke off, {missing} bytes are missing")
        return Attempt(Outcome.AMBIGUOUS, error=error)
    return Attempt(outcome_of_status(response.status_code), response)


def unanswered(error: BaseException) -> Attempt:
    """Return the attempt that ended with an error instead of an answer."""
    causes = list(_chain(error))
    for cause in causes:
        # Their frames hold the headers, and with them the key.
        cause.__traceback__ = None
    if any(isinstance(cause, ssl.SSLEOFError) for cause in causes):
        outcome = Outcome.AMBIGUOUS
    elif isinstance(error, _REJECTED):
        outcome = Outcome.REJECTED
    elif any(isinstance(cause, _UNOPENED) for cause in causes):
        outcome = Outcome.REFUSED
    else:
        ambiguous = isinstance(error, _AMBIGUOUS)
        outcome = Outcome.AMBIGUOUS if ambiguous else Outcome.REJECTED
    return Attempt(outcome, error=error)


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    """Yield an error and all that led to it, those kept as arguments too."""
    seen = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        waiting += [getattr(current, "reason", None), *current.args]


def _reason(error: Optional[BaseException]) -> str:
    """Return the innermost text that says what happened, shortened."""
    text = str(error) or type(error).__name__
    for cause in _chain(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted ({cause.verify_message})"
        # For urllib3 a connection that was refused has timed out, too.
        if isinstance(
            cause, (ReadTimeoutError, ConnectTimeoutError)
        ) and not isinstance(cause, NewConnectionError):
            return "timed out"
        if isinstance(cause, OSError) and cause.strerror:
            text = cause.strerror
    return shortened(text, 200)


def shortened(text: str, length: int = _LONGEST_TEXT) -> str:
    """Return a text, cut where it is long."""
    return text if len(text) <= length else f"{text[:length]}..."


def no_answer(label: str, host: str, attempt: Attempt) -> ScaleException:
    """Return the error of a request that got no answer."""
    if isinstance(attempt.error, requests.exceptions.ProxyError):
        host = f"the proxy in front of {host}"
    return ScaleConnectionError(f"no answer from {host} to {label}: {attempt}")


def status_error(label: str, response: requests.Response) -> ScaleException:
    """Return the error that an answer with an error status stands for."""
    status = response.status_code
    message = _error_text(response) or f"{label} was answered with {status}"
    location = _headers(response).get("Location")
    if 300 <= status < 400 and location:
        message = (
            f"{label} was redirected to {shortened(str(location), 200)}, which is "
            f"not followed: pass the right address as api_instance_url"
        )
    error = ExceptionMap.get(status, ScaleException)(message, status)
    error.headers = _headers(response)
    error.body = shortened(_text(response))
    return error


def decode(response: requests.Response) -> Any:
    """Return the decoded body; None if it is empty or no JSON."""
    content = getattr(response, "content", None)
    try:
        # A stand-in that users patch in may have no content but its json().
        return _loads(content) if type(content) is bytes else response.json()
    except (ValueError, RecursionError):
        return None


def _loads(content: bytes) -> Any:
    if orjson is not None:
        try:
            return orjson.loads(content)
        except ValueError:
            pass  # it refuses NaN and lone surrogates, which the API may send
    return json.loads(content)


def not_due(
    label: str, response: requests.Response, value: Any, expect: type
) -> ScaleException:
    """Return the error of an answer that is none of the type expected."""
    due = "list" if expect is list else "object"
    text = " ".join(_text(response).split())
    found = (
        f"begins {shortened(text, 100)!r}: is a proxy or a login page in between?"
        if text
        else "is empty"
        if value is None
        else f"is {shortened(repr(value), 100)}"
    )
    error = ScaleException(
        f"{response.status_code} from {label}, but the answer is not the JSON "
        f"{due} that is due; it {found}"
    )
    error.headers = _headers(response)
    error.body = shortened(_text(response))
    return error


def _error_text(response: requests.Response) -> str:
    """Return what an answer says went wrong: short, and never an object."""
    body = decode(response)
    if isinstance(body, dict):
        for key in ("error", "message"):
            value = body.get(key)
            if isinstance(value, dict):
                value = value.get("message") or value
            if value:
                return shortened(str(value))
    return shortened(_text(response).strip())


# Stand-ins that users patch in may have a status and json() only.


def _text(response: requests.Response) -> str:
    text = getattr(response, "text", "")
    return text if isinstance(text, str) else ""


def _headers(response: requests.Response) -> Dict[str, str]:
    headers = getattr(response, "headers", None)
    try:
        return requests.structures.CaseInsensitiveDict(headers or {})  # type: ignore[return-value]
    except (TypeError, ValueError):
        return {}
