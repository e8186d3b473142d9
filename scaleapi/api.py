"""The transport: one session, one loop over attempts, one way errors are raised.

Nothing else in the client knows HTTP. Whether and when a request is repeated is
decided in `scaleapi.retry`.
"""

from __future__ import annotations

import logging
import platform
import random
import ssl
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple, Type, Union

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    NewConnectionError,
)
from urllib3.util.retry import Retry

from scaleapi._multipart import file_part
from scaleapi._paths import quote_segment
from scaleapi._version import __version__
from scaleapi.exceptions import ExceptionMap, ScaleException
from scaleapi.retry import (
    BACKOFF_FACTOR,
    MAX_RETRIES,
    RETRIED_METHODS,
    RETRIED_STATUSES,
    Outcome,
    RetryPolicy,
    outcome_of_status,
)

logger = logging.getLogger("scaleapi")

SCALE_API_BASE_URL_V1 = "https://api.scale.com/v1"

# Under these names scripts import them.
HTTP_TOTAL_RETRIES = MAX_RETRIES
HTTP_RETRY_BACKOFF_FACTOR = BACKOFF_FACTOR
HTTP_STATUS_FORCE_LIST = RETRIED_STATUSES
HTTP_RETRY_ALLOWED_METHODS = RETRIED_METHODS

#: Seconds to connect, and seconds from one sign of life to the next.
_TIMEOUT = (10.0, 120.0)
_CONNECTIONS_KEPT = 64
_LONGEST_MESSAGE = 1000

Verify = Union[bool, str, None]
Cert = Union[str, Tuple[str, str], None]


@dataclass(frozen=True)
class _Attempt:
    """How one attempt ended: with an answer, or with an error instead of one."""

    outcome: Outcome
    response: Optional[requests.Response] = None
    error: Optional[Exception] = None

    @property
    def retry_after(self) -> Optional[float]:
        value = getattr(self.response, "headers", {}).get("Retry-After")
        if not isinstance(value, str):
            return None
        try:
            return Retry().parse_retry_after(value)
        except (InvalidHeader, OverflowError):
            return None

    def __str__(self) -> str:
        if self.response is not None:
            return str(self.response.status_code)
        return _reason(self.error)


class Api:
    """HTTP requests on the API, as JSON in and JSON out.

    Made by `ScaleClient` and reachable as ``client.api``; of use to scripts for
    endpoints that the client does not wrap.

    Attributes:
        base_api_url: Base of all addresses, without a slash at its end.
        session: The `requests.Session` that all requests go through.

    Args:
        api_key: The key; sent as user name of HTTP Basic authentication.
        user_agent_extension: Put at the end of the User-Agent header.
        api_instance_url: Replaces the whole base address, ``/v1`` included.
        verify: Path of a file of trusted certificates; False trusts anything.
        proxies: As in requests: scheme -> address of the proxy. They win over
            those that the environment names.
        cert: Client certificate: one file, or (certificate, key).

    Raises:
        ScaleException: There is no key.
        ValueError: `user_agent_extension` cannot be a header's value.
    """

    def __init__(
        self,
        api_key: Optional[str],
        user_agent_extension: Optional[str] = None,
        api_instance_url: Optional[str] = None,
        verify: Verify = None,
        proxies: Optional[Dict[str, str]] = None,
        cert: Cert = None,
    ) -> None:
        if not api_key or not isinstance(api_key, str) or not _fits_header(api_key):
            raise ScaleException("Please provide a valid API Key.")
        self.base_api_url = (api_instance_url or SCALE_API_BASE_URL_V1).rstrip("/")
        self.session = self._make_session(api_key)
        user_agent = self._generate_useragent(user_agent_extension)
        if not _fits_header(user_agent):
            raise ValueError(
                f"source becomes part of a header, so it must be one line of "
                f"Latin letters; got {user_agent_extension!r}"
            )
        self._headers = {"User-Agent": user_agent}
        # Given with each request and not set on the session, where requests
        # lets the environment's certificates and proxies win over them.
        self._connection: Dict[str, Any] = {
            "verify": verify,
            "proxies": proxies,
            "cert": cert,
        }
        self._policy = RetryPolicy()

    @staticmethod
    def _make_session(api_key: str) -> requests.Session:
        session = requests.Session()
        session.auth = HTTPBasicAuth(api_key, "")
        for scheme in ("http://", "https://"):
            session.mount(
                scheme,
                HTTPAdapter(max_retries=0, pool_maxsize=_CONNECTIONS_KEPT),
            )
        return session

    @staticmethod
    def _generate_useragent(extension: Optional[str] = None) -> str:
        parts = [
            f"scaleapi/{__version__}",
            f"Python/{platform.python_version()}",
            f"OS/{platform.platform()}",
            extension,
        ]
        return " ".join(part for part in parts if part)

    @staticmethod
    def quote_string(text: str) -> str:
        """Return `text` as one segment of a path: ``a b/c`` -> ``a%20b%2Fc``."""
        return quote_segment(text)

    def get_request(
        self,
        endpoint: str,
        params: Optional[Mapping[str, Any]] = None,
        *,
        expect: Optional[Type[Any]] = None,
    ) -> Any:
        """Send a GET request; see `request`."""
        return self.request("GET", endpoint, params=params, expect=expect)

    def post_request(
        self,
        endpoint: str,
        body: Any = None,
        files: Optional[Mapping[str, Any]] = None,
        data: Optional[Mapping[str, Any]] = None,
        *,
        expect: Optional[Type[Any]] = None,
        harmless: Optional[bool] = None,
    ) -> Any:
        """Send a POST request; see `request`."""
        return self.request(
            "POST",
            endpoint,
            body=body,
            files=files,
            data=data,
            expect=expect,
            harmless=harmless,
        )

    def put_request(
        self,
        endpoint: str,
        body: Any = None,
        params: Optional[Mapping[str, Any]] = None,
        *,
        expect: Optional[Type[Any]] = None,
    ) -> Any:
        """Send a PUT request; see `request`."""
        return self.request("PUT", endpoint, params=params, body=body, expect=expect)

    def delete_request(
        self,
        endpoint: str,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        *,
        expect: Optional[Type[Any]] = None,
    ) -> Any:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", endpoint, params=params, body=body, expect=expect)

    def request(
        self,
        method: str,
        endpoint: str,
        *,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        files: Optional[Mapping[str, Any]] = None,
        data: Optional[Mapping[str, Any]] = None,
        expect: Optional[Type[Any]] = None,
        harmless: Optional[bool] = None,
    ) -> Any:
        """Send a request, again where that is safe and may help.

        Args:
            method: ``"GET"``, ``"POST"``, ...
            endpoint: What follows the base address and a slash, already quoted.
            params: Query. None is left out, a list repeats its key.
            body: Sent as JSON, empty lists and objects too; None sends no body.
            files: Name of a part -> file, for a multipart body.
            data: Text fields of a multipart body.
            expect: Type that the answer must have once it is decoded.
            harmless: Whether it does no harm if the server carries the request
                out twice. By default only a POST whose body has no
                ``unique_id`` may do harm.

        Returns:
            The decoded answer; None if it is empty or no JSON.

        Raises:
            ScaleException: The API answered with an error (see `ExceptionMap`),
                there was no answer, or it was none of the type expected.
            TypeError: The body cannot be JSON.
            ValueError: The body has NaN or infinity in it.
        """
        if harmless is None:
            harmless = method != "POST" or _has_unique_id(body)
        label = f"{method} /{endpoint.partition('?')[0]}"
        arguments = self._arguments(params, body, files, data)
        number = 0
        while True:
            attempt = self._attempt(method, endpoint, label, number, arguments)
            wait = self._policy.wait(
                number,
                attempt.outcome,
                harmless=harmless,
                jitter=random.random(),
                retry_after=attempt.retry_after,
            )
            if wait is None:
                break
            logger.warning("%s: %s; again in %.1f s", label, attempt, wait)
            time.sleep(wait)
            number += 1
        if attempt.response is None:
            raise _unanswered(label, attempt, harmless) from attempt.error
        if attempt.outcome is not Outcome.DONE:
            raise _status_error(label, attempt, attempt.response, harmless)
        return _decoded(label, attempt.response, expect)

    def _arguments(
        self,
        params: Optional[Mapping[str, Any]],
        body: Any,
        files: Optional[Mapping[str, Any]],
        data: Optional[Mapping[str, Any]],
    ) -> Dict[str, Any]:
        """Build what every attempt passes to `requests.Session.request`."""
        arguments: Dict[str, Any] = {
            "params": params,
            "timeout": _TIMEOUT,
            **self._connection,
        }
        if files is None:
            headers = {"Content-Type": "application/json", **self._headers}
            return {**arguments, "headers": headers, "json": body, "data": data}
        parts = {name: file_part(file) for name, file in files.items()}
        return {**arguments, "headers": self._headers, "files": parts, "data": data}

    def _attempt(
        self,
        method: str,
        endpoint: str,
        label: str,
        number: int,
        arguments: Mapping[str, Any],
    ) -> _Attempt:
        started = time.monotonic()
        try:
            response = self.session.request(
                method=method, url=f"{self.base_api_url}/{endpoint}", **arguments
            )
            attempt = _answered(response)
        except requests.exceptions.InvalidJSONError as error:
            raise ValueError(f"the body of {label} cannot be JSON: {error}") from None
        except (OSError, HTTPError) as error:
            attempt = _Attempt(_outcome_of_error(error), error=error)
        waited_ms = (time.monotonic() - started) * 1000
        logger.debug("%s: %s (attempt %d, %.0f ms)", label, attempt, number, waited_ms)
        return attempt


def _answered(response: requests.Response) -> _Attempt:
    # The 1.26 line of urllib3 takes an answer that breaks off for a whole one.
    missing = getattr(getattr(response, "raw", None), "length_remaining", None)
    if isinstance(missing, int) and missing > 0:
        error = ConnectionError(f"the answer broke off, {missing} bytes are missing")
        return _Attempt(Outcome.AMBIGUOUS, error=error)
    return _Attempt(outcome_of_status(response.status_code), response)


def _fits_header(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return "\r" not in text and "\n" not in text


def _has_unique_id(body: Any) -> bool:
    return isinstance(body, Mapping) and bool(body.get("unique_id"))


def _outcome_of_error(error: Exception) -> Outcome:
    causes = list(_chain(error))
    if any(isinstance(cause, ssl.SSLEOFError) for cause in causes):
        return Outcome.AMBIGUOUS
    if isinstance(
        error, (requests.exceptions.SSLError, requests.exceptions.ProxyError)
    ):
        return Outcome.REJECTED
    unopened = (NewConnectionError, ConnectTimeoutError)
    if any(isinstance(cause, unopened) for cause in causes):
        return Outcome.REFUSED
    if isinstance(
        error,
        (
            requests.exceptions.ConnectionError,
            requests.exceptions.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ),
    ):
        return Outcome.AMBIGUOUS
    return Outcome.REJECTED


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
        if isinstance(cause, OSError) and cause.strerror:
            text = cause.strerror
    return _shortened(text, 200)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}..."


def _unanswered(label: str, attempt: _Attempt, harmless: bool) -> ScaleException:
    return ScaleException(f"no answer to {label}: {attempt}{_doubt(attempt, harmless)}")


def _status_error(
    label: str, attempt: _Attempt, response: requests.Response, harmless: bool
) -> ScaleException:
    status = response.status_code
    kind = ExceptionMap.get(status, ScaleException)
    message = _error_text(response) or f"{label} was answered with {status}"
    return kind(message + _doubt(attempt, harmless), status)


def _doubt(attempt: _Attempt, harmless: bool) -> str:
    """Return what to add to an error after which something may exist."""
    if harmless or attempt.outcome is not Outcome.AMBIGUOUS:
        return ""
    return (
        " (what was to be created may or may not exist; it was not sent again, "
        "because a second send could create, and bill, it twice. Look for it, or "
        "pass unique_id=... so that the client can repeat safely)"
    )


def _json(response: requests.Response) -> Any:
    """Return the decoded body; None if it is empty or no JSON."""
    if response.status_code == 204:
        return None
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _error_text(response: requests.Response) -> str:
    """Return what an answer says went wrong: short, and never an object."""
    body = _json(response)
    if isinstance(body, dict):
        for key in ("error", "message"):
            value = body.get(key)
            if isinstance(value, dict):
                value = value.get("message") or value
            if value:
                return _shortened(str(value), _LONGEST_MESSAGE)
    return _shortened(_text(response).strip(), _LONGEST_MESSAGE)


def _text(response: requests.Response) -> str:
    # Stand-ins that users patch in may have a status and json() only.
    text = getattr(response, "text", "")
    return text if isinstance(text, str) else ""


def _decoded(
    label: str, response: requests.Response, expect: Optional[Type[Any]]
) -> Any:
    value = _json(response)
    if expect is None or isinstance(value, expect):
        return value
    due = "list" if expect is list else "object"
    body = _shortened(" ".join(_text(response).split()), 100) or repr(value)
    raise ScaleException(
        f"{response.status_code} from {label}, but the answer is not the JSON "
        f"{due} that is due: {body!r}: is a proxy or a login page in between?"
    )
