"""`Request`: what every attempt of a call sends, and whether it can be retried."""

from __future__ import annotations

import re
from collections import abc
from typing import Any, Callable, Mapping, Optional

from scaleapi._transport.decoding import decode
from scaleapi._transport.encoding import check_query, encode
from scaleapi._transport.multipart import Multipart
from scaleapi._transport.recovery import Recovery
from scaleapi._transport.response_checks import Check
from scaleapi._transport.retry import IDEMPOTENT_METHODS
from scaleapi._transport.settings import CallSettings
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

_COMMON_METHODS = {"GET", "POST", "PUT", "DELETE"}
#: A method name, as HTTP defines it.
_METHOD = re.compile(r"[A-Z0-9!#$%&'*+.^_`|~-]+")


class Request:
    """A request, which is the same on each attempt.

    Attributes:
        method: The method in capitals, as it is sent.
        unique_id: The ``unique_id`` in the body; None if there is none.
        idempotent: Whether sending the request twice has the effect of sending it
            once, so that it may be sent again after an attempt that the server may
            have carried out.
        recovery: Where to look for the result of an attempt whose answer was lost;
            None if there is no such place.
        settings: How the request is sent; None for requests to v1.
        decode: Decodes a successful response.

    Raises:
        ScaleTypeError: `body` contains a value that JSON does not have, or `method`
            is not a str.
        ScaleValueError: `body` contains NaN, infinity or itself; `params` or `data`
            contains text that cannot be sent; or `method` is not a single word.
    """

    def __init__(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any],
        *,
        body: Any = None,
        form: Optional[Multipart] = None,
        data: Any = None,
    ) -> None:
        self.method = _checked_method(method)
        self.endpoint = endpoint
        self.params = params
        check_query(params)
        check_query(data)
        self.body = body
        self.form = form
        self.data = data
        if body is not None:
            self.body, self.data = encode(body, f"the body of {self}")
        self.unique_id = _unique_id(body)
        idempotent: Optional[bool] = getattr(endpoint, "idempotent", None)
        if idempotent is None:
            idempotent = self.method in IDEMPOTENT_METHODS or self.unique_id is not None
        self.idempotent = idempotent
        self._expect: Optional[Check] = getattr(endpoint, "expect", None)
        self.recovery: Optional[Recovery] = getattr(endpoint, "recovery", None)
        self.settings: Optional[CallSettings] = getattr(endpoint, "settings", None)
        self.decode: Callable[[Any], Any] = getattr(endpoint, "decode", None) or decode

    def __str__(self) -> str:
        return f"{self.method} /{self.endpoint.partition('?')[0]}"

    def problem_of(self, answer: Any) -> Optional[str]:
        """Return why a decoded answer is not as expected; None if it is."""
        return self._expect(answer) if self._expect else None

    def accepts(self, response: Any, answer: Any) -> bool:
        """Return whether an answer with a 2xx status is as expected.

        Args:
            response: The answer.
            answer: The same, decoded.
        """
        if self.problem_of(answer) is None:
            return True
        # api-notes: v2-statuses
        return (
            self.settings is not None
            and not self.settings.returns_location
            and response.status_code != 200
            and not getattr(response, "content", None)
        )

    def hint_if_ambiguous(self, status: Optional[int], *, was_repeatable: bool) -> str:
        """Return what to add to an error if an attempt may have been carried out.

        Args:
            status: Status of the answer that the error stands for; None if there was
                no answer.
            was_repeatable: Whether that answer asked to send the request again.
        """
        if not self.idempotent:
            why = (
                "."
                if was_repeatable
                else "; it was not sent again, because a second send could create, and "
                "bill, it twice."
            )
            return (
                f" (what was to be created may or may not exist{why} Look for it, or "
                f"pass unique_id=..., or ScaleClient(auto_unique_id=True), so that the "
                f"client can repeat safely)"
            )
        if self.unique_id is not None:
            return (
                f" (an earlier attempt of this call may have made it; look for it, or "
                f"repeat the call, with unique_id={self.unique_id!r})"
            )
        if self.recovery or status == 409:
            return " (an earlier attempt of this call may have made it)"
        return ""


def _checked_method(method: Any) -> str:
    """Return a method in capitals, on which it depends whether a request is retried.

    Raises:
        ScaleTypeError: `method` is not a str.
        ScaleValueError: `method` contains a character that no method has.
    """
    if type(method) is str and method in _COMMON_METHODS:
        return method
    if isinstance(method, bytes):
        method = method.decode("latin-1")
    if not isinstance(method, str):
        raise ScaleTypeError(f'method must be a str, such as "GET"; got {method!r}')
    if not _METHOD.fullmatch(method.upper()):
        raise ScaleValueError(
            f'method must be a single word, such as "GET"; got {method!r}'
        )
    return method.upper()


def _unique_id(body: Any) -> Any:
    unique_id = body.get("unique_id") if isinstance(body, abc.Mapping) else None
    # A server may treat 0 and False as no unique_id.
    return unique_id or None
