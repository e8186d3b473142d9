"""What a decoded answer must be, so that it is the one that is due."""

from __future__ import annotations

from typing import Any, Callable, Optional

#: Takes a decoded answer; returns what speaks against it, to stand behind "the
#: answer is", or None.
Check = Callable[[Any], Optional[str]]


def json_object(answer: Any) -> Optional[str]:
    """Check for an object, whatever is in it."""
    return None if isinstance(answer, dict) else "not the JSON object that is due"


def json_list(answer: Any) -> Optional[str]:
    """Check for a list, whatever is in it."""
    return None if isinstance(answer, list) else "not the JSON list that is due"


def document_of(kind: Any) -> Check:
    """Return the check for the document of one object.

    Args:
        kind: Its class, a `ScaleObject`.
    """

    def check(answer: Any) -> Optional[str]:
        problem: Optional[str] = json_object(answer) or kind._problem_of(answer)
        return problem

    return check


def documents_of(kind: Any, key: Optional[str] = None) -> Check:
    """Return the check for a list of documents.

    Args:
        kind: The class of the objects, a `ScaleObject`.
        key: Where in the answer the list is; None if the answer is the list.
    """

    def check(answer: Any) -> Optional[str]:
        found = answer
        if key is not None:
            if json_object(answer):
                return json_object(answer)
            found = answer.get(key)
            if not isinstance(found, list):
                return f"not a page, since it has no list {key!r}"
        return json_list(found) or next(
            filter(None, map(kind._problem_of, found)), None
        )

    return check


def lists_of_texts(answer: Any) -> Optional[str]:
    """Check for an object whose values are lists of texts."""
    if json_object(answer):
        return json_object(answer)
    if all(
        isinstance(value, list) and all(isinstance(text, str) for text in value)
        for value in answer.values()
    ):
        return None
    return "not the JSON object of lists that is due"
