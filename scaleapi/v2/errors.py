"""The exceptions of v2: each is also the `ScaleException` of its status."""

from __future__ import annotations

from typing import Any, Dict, Optional, Type

from scaleapi._transport.decoding import loads
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleException,
    ScaleInternalError,
    ScaleInvalidRequest,
    ScaleNotEnabled,
    ScaleResourceNotFound,
    ScaleServiceUnavailable,
    ScaleTimeoutError,
    ScaleTooManyRequests,
    ScaleUnauthorized,
)
from scaleapi.v2.records import Record


class OpenApiException(Exception):
    """Base class of the exceptions under which the official client reports errors."""


class ApiTypeError(OpenApiException, TypeError):
    """Never raised: the official client has this name."""


class ApiValueError(OpenApiException, ValueError):
    """Never raised: the official client has this name."""


class ApiAttributeError(OpenApiException, AttributeError):
    """Never raised: the official client has this name."""


class ApiKeyError(OpenApiException, KeyError):
    """Never raised: the official client has this name."""


class ErrorAnswer(Record):
    """What the API says of an error.

    Attributes:
        status_code: The status.
        error: What went wrong.
    """

    status_code: Optional[float]
    error: Optional[str]


class ApiException(OpenApiException, ScaleException):
    """A call of v2 was answered with an error.

    Attributes:
        data: The answer as an object; None if it is not a JSON object.

    Args:
        status: HTTP status.
        reason: Text of the status line.
        http_resp: Not used. It is there for calls by position.
        body: Body of the answer.
        data: The answer as an object.
    """

    data: Any = None

    def __init__(
        self,
        status: Optional[int] = None,
        reason: Optional[str] = None,
        http_resp: Any = None,
        *,
        body: Optional[str] = None,
        data: Any = None,
    ) -> None:
        super().__init__(body or reason, status)
        self.reason, self.body, self.data = reason or "", body or "", data

    @property
    def status(self) -> Optional[int]:
        """HTTP status of the answer: the same as ``code``."""
        return self.code


class BadRequestException(ApiException, ScaleInvalidRequest):
    """400: the request is invalid, often because a parameter is missing."""


class UnauthorizedException(ApiException, ScaleUnauthorized):
    """401: the API key is missing or invalid."""


class ForbiddenException(ApiException):
    """403: the API key may not do this."""

    code = 403


class NotFoundException(ApiException, ScaleResourceNotFound):
    """404: the requested resource does not exist."""


class ConflictException(ApiException, ScaleDuplicateResource):
    """409: the name or ``unique_id`` is already in use."""


class UnprocessableEntityException(ApiException):
    """422: the request is invalid."""

    code = 422


class ServiceException(ApiException):
    """500 to 599: the server had an error."""


class NotEnabledException(ApiException, ScaleNotEnabled):
    """402: v2 is not enabled for the account."""


class TooManyRequestsException(ApiException, ScaleTooManyRequests):
    """429: too many requests were sent in a short time."""


class InternalErrorException(ServiceException, ScaleInternalError):
    """500: the server had an internal error."""


class ServiceUnavailableException(ServiceException, ScaleServiceUnavailable):
    """503: the request waited too long in the server's queue."""


class GatewayTimeoutException(ServiceException, ScaleTimeoutError):
    """504: the server timed out."""


_BY_STATUS: Dict[int, Type[ApiException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    402: NotEnabledException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    422: UnprocessableEntityException,
    429: TooManyRequestsException,
    500: InternalErrorException,
    503: ServiceUnavailableException,
    504: GatewayTimeoutException,
}


def of_v2(error: ScaleException) -> ScaleException:
    """Return an error of the transport as the exception of v2 with its status.

    Args:
        error: The error. It is returned if the API did not answer, or answered with
            something else than an error.
    """
    status = error.code
    if status is None:
        return error
    other = ServiceException if 500 <= status < 600 else ApiException
    cls = _BY_STATUS.get(status, other)
    made = cls.__new__(cls)
    made.__dict__.update(error.__dict__)
    made.code, made.args, made.data = status, error.args, _data(error.body)
    return made


def _data(body: str) -> Optional[ErrorAnswer]:
    try:
        document = loads(body.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return ErrorAnswer._of(document) if isinstance(document, dict) else None
