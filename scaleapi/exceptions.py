"""What can go wrong, as classes: one for each HTTP status the API documents.

Every failure of a call is a `ScaleException`. A caller's mistake that is found
before anything is sent is a ``TypeError`` or ``ValueError`` as well, so that both
habits of catching it work.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Type


class ScaleException(Exception):
    """Any failure of a call on the API, and the parent of all the others.

    Attributes:
        message: What went wrong, as text.
        code: HTTP status of the answer; None where there was no answer.
        headers: Headers of the answer; empty where there was no answer.
        body: The first 1,000 characters of the answer.
        attempts: How many times the request was sent, or tried to be; 0 if
            nothing was.
        unique_id: The ``unique_id`` of the task that was to be created, given
            by you or by ``auto_unique_id``; None for other requests. With it
            the request can be repeated, and the task be looked for.

    Args:
        message: Falsy values are replaced by the name of the class.
        errcode: Replaces the status that the class stands for.
    """

    code: Optional[int] = None
    headers: Mapping[str, str] = MappingProxyType({})
    body: str = ""
    attempts: int = 0
    unique_id: Optional[str] = None

    def __init__(self, message: Any, errcode: Optional[int] = None) -> None:
        self.message: str = message or type(self).__name__
        if errcode:
            self.code = errcode
        # Only what the server has answered is a response.
        status = f"<Response [{self.code}]> " if self.code else ""
        super().__init__(f"{status}{self.message}")

    def __reduce__(
        self,
    ) -> Tuple[Callable[..., ScaleException], Tuple[Any, ...], Dict[str, Any]]:
        # By default unpickling calls __init__ with the finished text, which
        # would put "<Response [400]>" in front a second time.
        state = {
            # A mapping proxy, as the headers are by default, cannot be pickled.
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in self.__dict__.items()
        }
        return _rebuild, (type(self), self.args), state


def _rebuild(kind: Type[ScaleException], args: Tuple[Any, ...]) -> ScaleException:
    error = kind.__new__(kind, *args)
    error.args = args
    return error


class ScaleInvalidRequest(ScaleException):
    """400: the request was unacceptable, often for want of a parameter."""

    code = 400


class ScaleUnauthorized(ScaleException):
    """401: no valid API key was given."""

    code = 401


class ScaleNotEnabled(ScaleException):
    """402: this task type is not enabled for the account."""

    code = 402


class ScaleResourceNotFound(ScaleException):
    """404: what was asked for does not exist."""

    code = 404


class ScaleDuplicateResource(ScaleException):
    """409: the name, idempotency key or unique_id is in use already."""

    code = 409


class ScaleTooManyRequests(ScaleException):
    """429: too many requests in too short a time."""

    code = 429


class ScaleInternalError(ScaleException):
    """500: the server failed."""

    code = 500


class ScaleServiceUnavailable(ScaleException):
    """503: the request waited too long in the server's queue."""

    code = 503


class ScaleTimeoutError(ScaleException):
    """504: the server ran out of time."""

    code = 504


class ScaleConnectionError(ScaleException):
    """No answer came: no connection, a broken one, or silence for too long."""


class ScaleWaitTimeoutError(ScaleException, TimeoutError):
    """What `Task.wait` or `Batch.wait` waited for took longer than allowed."""


class ScaleTypeError(ScaleException, TypeError):
    """A mistake of the caller: a value of the wrong type. Nothing was sent."""


class ScaleValueError(ScaleException, ValueError):
    """A mistake of the caller: a value that cannot be. Nothing was sent."""


#: Status of an answer -> class of the exception; `ScaleException` for the rest.
ExceptionMap: Dict[int, Type[ScaleException]] = {
    400: ScaleInvalidRequest,
    401: ScaleUnauthorized,
    402: ScaleNotEnabled,
    404: ScaleResourceNotFound,
    409: ScaleDuplicateResource,
    429: ScaleTooManyRequests,
    500: ScaleInternalError,
    503: ScaleServiceUnavailable,
    504: ScaleTimeoutError,
}
