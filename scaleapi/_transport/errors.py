"""The error that a call ends with, from its request and its attempts."""

from __future__ import annotations

from typing import Any, Optional
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from scaleapi._transport.attempts import Attempt, headers_of, shortened
from scaleapi._transport.decoding import decode
from scaleapi._transport.history import History
from scaleapi._transport.options import hint_for_address, problem_of_address
from scaleapi._transport.redact import Redactor
from scaleapi._transport.request import Request
from scaleapi._transport.retry import Outcome
from scaleapi.exceptions import (
    ExceptionMap,
    ScaleConnectionError,
    ScaleDuplicateResource,
    ScaleException,
    ScaleValueError,
)

_MAX_TEXT_CHARS = 1000


def error_of(
    request: Request, history: History, address: str, mask: Redactor
) -> ScaleException:
    """Return the error that a call ends with.

    Args:
        request: The request.
        history: Its attempts.
        address: The base address of the API.
        mask: Masks secrets in a text.
    """
    last = history.last
    error = _error_of_attempt(request, last, address, mask)
    message, kind, code = error.message, type(error), error.code
    is_v1 = request.settings is None
    if is_v1 and (code == 404 or (last and last.outcome is Outcome.SUCCEEDED)):
        message += hint_for_address(address, request.endpoint, message)
    if last and history.predecessor:
        message += (
            f" (there is one already, created at {history.predecessor}, before this "
            f"call began)"
        )
        # api-notes: unique-id-conflict
        # If the answer names another problem, its own error says more.
        if last.status == 409 or last.outcome is not Outcome.FATAL:
            kind, code = ScaleDuplicateResource, None
    elif last and history.ambiguous:
        message += request.hint_if_ambiguous(
            last.status, was_repeatable=last.outcome is Outcome.NOT_PROCESSED
        )
    finished = kind(mask(message), code)
    finished.headers, finished.body = error.headers, error.body
    finished.reason = error.reason
    finished.attempts = history.attempts
    finished.unique_id = request.unique_id
    return finished


def _error_of_attempt(
    request: Request, attempt: Optional[Attempt], address: str, mask: Redactor
) -> ScaleException:
    label = str(request)
    if attempt is None:
        return ScaleException(f"{label} was not sent: its run was stopped before")
    response = attempt.response
    if response is None:
        problem = problem_of_address(address)
        # A user's own adapter may accept other addresses, and fail for other reasons.
        if problem is not None and isinstance(attempt.error, ValueError):
            return ScaleValueError(f"{label} was not sent: the base address {problem}")
        return _no_answer(label, _host(address), attempt)
    if attempt.outcome is not Outcome.SUCCEEDED:
        return _status_error(label, response, mask)
    value = decode(response)
    return _unexpected_type(
        label, response, value, str(request.problem_of(value)), mask
    )


def _host(address: str) -> str:
    """Return host and port of an address, without user name and password."""
    return urlsplit(address).netloc.rpartition("@")[2]


def _no_answer(label: str, host: str, attempt: Attempt) -> ScaleException:
    """Return the error for a request without an answer."""
    if isinstance(attempt.error, requests.exceptions.ProxyError):
        host = f"the proxy in front of {host}"
    if attempt.in_hook:
        return ScaleConnectionError(
            f"a response hook failed on the answer to {label}: {attempt.reason}"
        )
    return ScaleConnectionError(f"no answer from {host} to {label}: {attempt.reason}")


def _status_error(
    label: str, response: requests.Response, mask: Redactor
) -> ScaleException:
    """Return the error for an answer with an error status."""
    status = response.status_code
    message = _error_text(response, mask) or f"{label} was answered with {status}"
    location = headers_of(response).get("Location")
    if 300 <= status < 400 and location:
        message = (
            f"{label} was redirected to {shortened(mask(str(location)), 200)}, which "
            f"is not followed: pass the right address as api_instance_url"
        )
    error = ExceptionMap.get(status, ScaleException)(message, status)
    return _with_answer(error, response, mask)


def _unexpected_type(
    label: str, response: requests.Response, value: Any, problem: str, mask: Redactor
) -> ScaleException:
    """Return the error for a 2xx answer that does not have the expected form.

    Args:
        label: Method and path of the request.
        response: The answer.
        value: The decoded answer.
        problem: What is wrong with the answer, to follow "the answer is".
        mask: Masks secrets in a text.
    """
    text = " ".join(_body_text(response, mask).split())
    actual = (
        f"begins {shortened(text, 100)!r}: is a proxy or a login page in between?"
        if text
        else "is empty"
        if value is None
        else f"is {shortened(mask.beginning(repr(value)), 100)}"
    )
    error = ScaleException(
        f"{response.status_code} from {label}, but the answer is {problem}; it {actual}"
    )
    return _with_answer(error, response, mask)


def _with_answer(
    error: ScaleException, response: requests.Response, mask: Redactor
) -> ScaleException:
    error.headers = CaseInsensitiveDict(
        {mask(name): mask(str(value)) for name, value in headers_of(response).items()}
    )
    error.body = shortened(_body_text(response, mask), _MAX_TEXT_CHARS)
    error.reason = mask(str(getattr(response, "reason", None) or ""))
    return error


def _error_text(response: requests.Response, mask: Redactor) -> str:
    """Return the error message in an answer, shortened, always as text."""
    body = decode(response)
    # api-notes: error-body
    if isinstance(body, dict):
        for key in ("error", "message"):
            value = body.get(key)
            if isinstance(value, dict):
                value = value.get("message") or value
            if value:
                return shortened(mask.beginning(str(value)), _MAX_TEXT_CHARS)
    return shortened(_body_text(response, mask).strip(), _MAX_TEXT_CHARS)


def _body_text(response: requests.Response, mask: Redactor) -> str:
    """Return the beginning of a body as text, with secrets masked."""
    # A user's stand-in for a response may have only a status and json().
    content = getattr(response, "content", None)
    if type(content) is bytes:
        # Enough bytes for one character more than is scanned.
        text = content[: 4 * mask.max_scanned_chars + 4].decode(errors="replace")
    else:
        text = getattr(response, "text", "")
    return mask.beginning(text) if isinstance(text, str) else ""
