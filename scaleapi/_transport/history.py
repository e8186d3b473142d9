"""What is known about the attempts of one call, and the error that it ends with."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Optional
from urllib.parse import urlsplit

from scaleapi._monotonic import monotonic
from scaleapi._transport import attempts
from scaleapi._transport.attempts import Attempt
from scaleapi._transport.options import hint_for_address, problem_of_address
from scaleapi._transport.redact import Redactor
from scaleapi._transport.request import Request
from scaleapi._transport.retry import Outcome
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
    ScaleValueError,
)


class Sent:
    """Counts the attempts of all calls that the work on one input makes."""

    def __init__(self) -> None:
        self.attempts = 0


#: What counts the attempts of this thread; None outside of bulk calls.
SENT: ContextVar[Optional[Sent]] = ContextVar("SENT", default=None)


class History:
    """What is known about the attempts of one call.

    Attributes:
        attempts: Number of attempts made.
        last: The latest attempt; None before the first.
        ambiguous: Whether one of them may have been carried out although it failed.
        predecessor: Creation time, as the API writes it, of a document that existed
            before the call and has the name or the ``unique_id`` that the call was
            to use; None if there is none.
        not_before: Earliest time of the next attempt.
    """

    def __init__(self) -> None:
        self.attempts = 0
        self.last: Optional[Attempt] = None
        self.ambiguous = False
        self.predecessor: Optional[str] = None
        self.not_before = 0.0
        self._started = 0.0
        self._ended = 0.0

    @property
    def cause(self) -> Optional[BaseException]:
        """The error that the latest attempt failed with, if it got no answer."""
        return self.last.error if self.last else None

    def start_attempt(self) -> None:
        """Record that an attempt begins."""
        sent = SENT.get()
        if sent is not None:
            sent.attempts += 1
        if self.attempts == 0:
            self._started = monotonic()

    def add(self, attempt: Attempt) -> None:
        """Record how an attempt ended."""
        self._ended = monotonic()
        self.attempts += 1
        self.last = attempt

    def began(self, look: History) -> Optional[float]:
        """Return when the call began, by the clock of the server.

        That is the ``Date`` header of its last answer, less the time that has passed
        between the first attempt and that answer. The wall clock of this machine may
        be wrong, and is not used.

        Args:
            look: History of the recovery request that followed. Its answer is used if
                the last attempt of the call got none.

        Returns:
            Seconds since 1970; None if the answer has no ``Date``.
        """
        for history in (self, look):
            if history.last is not None and history.last.response is not None:
                date = history.last.date
                return None if date is None else date - (history._ended - self._started)
        return None


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
    if code == 404 or (last and last.outcome is Outcome.SUCCEEDED):
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
        message += request.hint_if_ambiguous(last.status)
    finished = kind(mask(message), code)
    finished.headers, finished.body = error.headers, error.body
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
        return attempts.no_answer(label, _host(address), attempt)
    if attempt.outcome is not Outcome.SUCCEEDED:
        return attempts.status_error(label, response, mask)
    value = attempts.decode(response)
    return attempts.unexpected_type(
        label, response, value, str(request.problem_of(value)), mask
    )


def _host(address: str) -> str:
    """Return host and port of an address, without user name and password."""
    return urlsplit(address).netloc.rpartition("@")[2]
