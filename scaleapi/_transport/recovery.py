"""`Recovery`: where to look for the result of a request whose answer was lost."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional

from scaleapi.exceptions import ScaleDuplicateResource, ScaleException

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: A timestamp in ISO 8601, in the parts that `datetime.fromisoformat` takes.
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?"
    r" ?(?:[Zz]|([+-]\d\d):?(\d\d)?)?",
    re.ASCII,
)
#: A document that is older than the call by more than this was not created by it.
#: The ``Date`` of an answer has whole seconds.
_TOLERANCE_S = 2.0


#: Expected value of a key that the document must not have.
ABSENT = object()


class Recovery:
    """Where to look for the result of a request whose answer was lost.

    Made by `at` or `in_list`. Each takes the values that tell the result of the
    request from other documents: None allows any value, a tuple allows each of its
    elements, and `ABSENT` stands for a key that the document must not have.

    Attributes:
        endpoint: What to GET.
        params: Query of the GET.
        creates: Whether the request creates the document. Such a document cannot
            be older than the request; a task that is to be canceled can.
        then: Returns the endpoint that has the result, from the document that was
            found; None if that document is the result.
    """

    __slots__ = ("_documents", "_expected", "creates", "endpoint", "params", "then")

    def __init__(
        self,
        endpoint: str,
        documents: Callable[[Any], List[Any]],
        expected: Mapping[str, Any],
        *,
        creates: bool,
        params: Optional[Mapping[str, Any]] = None,
        then: Optional[Callable[[Dict[str, Any]], str]] = None,
    ) -> None:
        self.endpoint = endpoint
        self._documents = documents
        self._expected = expected
        self.creates = creates
        self.params = params
        self.then = then

    @classmethod
    def at(cls, path: str, *, creates: bool, **expected: Any) -> Recovery:
        """Look at the one document at `path`.

        Args:
            path: Endpoint that answers with the document.
            creates: Whether the lost request creates the document.
            expected: Keys and values that the document has if the request was
                carried out.
        """
        return cls(path, lambda answer: [answer], expected, creates=creates)

    @classmethod
    def in_list(
        cls,
        path: str,
        key: Optional[str] = None,
        *,
        creates: bool,
        params: Optional[Mapping[str, Any]] = None,
        then: Optional[Callable[[Dict[str, Any]], str]] = None,
        **expected: Any,
    ) -> Recovery:
        """Look for the document in the list at `path`.

        Args:
            path: Endpoint that answers with the list.
            key: Key of the list in the answer; None if the answer is the list.
            creates: Whether the lost request creates the document.
            params: Query of the request for the list.
            then: As the attribute of this name.
            expected: Keys and values that the document has.
        """

        def documents(answer: Any) -> List[Any]:
            found = answer
            if key is not None:
                found = answer.get(key) if isinstance(answer, dict) else None
            return found if isinstance(found, list) else []

        return cls(path, documents, expected, creates=creates, params=params, then=then)

    def find(self, answer: Any) -> Optional[Dict[str, Any]]:
        """Return the document that the lost request left behind, or None.

        Args:
            answer: The decoded answer of the GET request to `endpoint`.
        """
        for document in self._documents(answer):
            if isinstance(document, dict) and self._agrees(document):
                return document
        return None

    def _agrees(self, document: Dict[str, Any]) -> bool:
        for key, expected in self._expected.items():
            if expected is ABSENT:
                if key in document:
                    return False
            elif expected is not None:
                allowed = expected if isinstance(expected, tuple) else (expected,)
                if document.get(key) not in allowed:
                    return False
        return True


def explained(duplicate: ScaleDuplicateResource, message: str) -> ScaleException:
    """Return a copy of a 409 error with another message.

    Args:
        duplicate: The original error.
        message: The new message.
    """
    error = ScaleDuplicateResource(message)
    error.headers, error.body = duplicate.headers, duplicate.body
    error.reason = duplicate.reason
    error.attempts, error.unique_id = duplicate.attempts, duplicate.unique_id
    return error


def created_before(document: Any, moment: float) -> bool:
    """Return whether a document was created clearly before a point in time.

    Args:
        document: A decoded document. If it has no valid ``created_at``, the result is
            False.
        moment: The point in time by the server's clock, in seconds since 1970.
    """
    created = _seconds_of(document.get("created_at"))
    return created is not None and created < moment - _TOLERANCE_S


def _seconds_of(text: Any) -> Optional[float]:
    """Return an ISO 8601 timestamp as seconds since 1970; None if it is not one.

    A timestamp without an offset is in UTC, as the API writes it. A date without a
    time is not a timestamp, because it may be any moment of that day.
    """
    match = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, minute, second, fraction, hours, minutes = match.groups()
    offset = f"{hours or '+00'}:{minutes or '00'}"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{offset}")
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds() + float(f"0.{fraction or 0}")
