"""Checks whether a decoded answer has the form that its endpoint must return."""

from __future__ import annotations

from typing import Any, Callable, Optional

#: Takes a decoded answer. Returns None if the answer has the expected form, and
#: otherwise the problem, in words that can follow "the answer is".
Check = Callable[[Any], Optional[str]]


def json_object(answer: Any) -> Optional[str]:
    """Check that the answer is a JSON object, with any contents."""
    return None if isinstance(answer, dict) else "not the expected JSON object"


def json_list(answer: Any) -> Optional[str]:
    """Check that the answer is a JSON list, with any contents."""
    return None if isinstance(answer, list) else "not the expected JSON list"


def document_of(cls: Any) -> Check:
    """Return a check that the answer is the document of one object.

    Args:
        cls: Class of the object, a subclass of `ScaleObject`.
    """

    def check(answer: Any) -> Optional[str]:
        problem: Optional[str] = json_object(answer) or cls._problem_of(answer)
        return problem

    return check


def documents_of(cls: Any, key: Optional[str] = None) -> Check:
    """Return a check that the answer is a list of documents.

    Args:
        cls: Class of the objects, a subclass of `ScaleObject`.
        key: Key of the list in the answer; None if the answer is the list.
    """

    def check(answer: Any) -> Optional[str]:
        found = answer
        if key is not None:
            if json_object(answer):
                return json_object(answer)
            found = answer.get(key)
            if not isinstance(found, list):
                return f"not a page, since it has no list {key!r}"
        return json_list(found) or next(filter(None, map(cls._problem_of, found)), None)

    return check


def lists_of_texts(answer: Any) -> Optional[str]:
    """Check that the answer is a JSON object whose values are lists of strings."""
    if json_object(answer):
        return json_object(answer)
    if all(
        isinstance(value, list) and all(isinstance(text, str) for text in value)
        for value in answer.values()
    ):
        return None
    return "not the expected JSON object of lists"
