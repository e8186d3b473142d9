"""Exception classes: one for each HTTP status that the API documents, and our own.

Every failure of a call is a `ScaleException`. If an argument is invalid and nothing was
sent, the error is also a ``TypeError`` or ``ValueError``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, Type


class ScaleException(Exception):
    """A failed call. Base class of all exceptions of the package.

    Attributes:
        message: What went wrong.
        code: HTTP status of the answer; None if there was no answer.
        headers: Headers of the answer; empty if there was no answer.
        body: The first 1,000 characters of the answer's body.
        reason: Text of the answer's status line, such as ``Not Found``; empty if there
            was no answer.
        attempts: Number of times the client sent the request or tried to; 0 if nothing
            was sent.
        unique_id: The ``unique_id`` of the task that the request creates, passed by you
            or made by ``auto_unique_id``; None for other requests. Use it to repeat the
            request, or to look for the task.

    Args:
        message: What went wrong. If falsy, the name of the class is used.
        errcode: HTTP status, if it differs from that of the class.
    """

    code: Optional[int] = None
    headers: Mapping[str, str] = MappingProxyType({})
    body: str = ""
    reason: str = ""
    attempts: int = 0
    unique_id: Optional[str] = None

    def __init__(self, message: Any, errcode: Optional[int] = None) -> None:
        self.message: str = message or type(self).__name__
        if errcode:
            self.code = errcode
        # Without a status there was no response.
        status = f"<Response [{self.code}]> " if self.code else ""
        super().__init__(f"{status}{self.message}")

    def __reduce__(
        self,
    ) -> Tuple[Callable[..., ScaleException], Tuple[Any, ...], Dict[str, Any]]:
        # The default would call __init__ with the formatted message, which would then
        # begin with "<Response [400]>" twice.
        state = {
            # The default of `headers` is a mapping proxy, which cannot be pickled.
            name: dict(value) if isinstance(value, MappingProxyType) else value
            for name, value in self.__dict__.items()
        }
        return _rebuild, (type(self), self.args), state


def _rebuild(cls: Type[ScaleException], args: Tuple[Any, ...]) -> ScaleException:
    error = cls.__new__(cls, *args)
    error.args = args
    return error


class ScaleInvalidRequest(ScaleException):
    """400: the request is invalid, often because a parameter is missing."""

    code = 400


class ScaleUnauthorized(ScaleException):
    """401: the API key is missing or invalid."""

    code = 401


class ScaleNotEnabled(ScaleException):
    """402: the task type is not enabled for the account."""

    code = 402


class ScaleResourceNotFound(ScaleException):
    """404: the requested resource does not exist."""

    code = 404


class ScaleDuplicateResource(ScaleException):
    """409: the name, idempotency key or ``unique_id`` is already in use."""

    code = 409


class ScaleTooManyRequests(ScaleException):
    """429: too many requests were sent in a short time."""

    code = 429


class ScaleInternalError(ScaleException):
    """500: the server had an internal error."""

    code = 500


class ScaleServiceUnavailable(ScaleException):
    """503: the request waited too long in the server's queue."""

    code = 503


class ScaleTimeoutError(ScaleException):
    """504: the server timed out."""

    code = 504


class ScaleConnectionError(ScaleException):
    """There was no answer: the connection failed or broke, or the read timed out."""


class ScaleWaitTimeoutError(ScaleException, TimeoutError):
    """The `timeout` of `Task.wait` or `Batch.wait` has passed."""


class ScaleTypeError(ScaleException, TypeError):
    """An argument has the wrong type. Nothing was sent."""


class ScaleValueError(ScaleException, ValueError):
    """An argument has an invalid value. Nothing was sent."""


class ScaleProfileError(ScaleException):
    """A profile, or the credentials file, cannot be used. Nothing was sent."""


#: HTTP status -> exception class. Any other status raises `ScaleException` itself.
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
