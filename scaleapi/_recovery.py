"""Where to look whether a lost request was carried out after all."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional


class Recovery:
    """How to find out what became of a request whose answer was lost.

    Args:
        endpoint: What to GET.
        find: Takes the decoded answer; returns the document that the lost
            request would have been answered with, or None.
        params: Query of the GET.
    """

    __slots__ = ("endpoint", "find", "params")

    def __init__(
        self,
        endpoint: str,
        find: Callable[[Any], Optional[Any]],
        params: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self.endpoint = endpoint
        self.find = find
        self.params = params


def matching(**expected: Any) -> Callable[[Any], Optional[Any]]:
    """Return a function that returns a document if its values are these.

    A value that is None may be anything; of a tuple it may be any element.
    """
    wanted = {
        key: value if isinstance(value, tuple) else (value,)
        for key, value in expected.items()
        if value is not None
    }

    def find(document: Any) -> Optional[Any]:
        agrees = isinstance(document, dict) and all(
            document.get(key) in values for key, values in wanted.items()
        )
        return document if agrees else None

    return find


def among(
    find: Callable[[Any], Optional[Any]], key: Optional[str] = None
) -> Callable[[Any], Optional[Any]]:
    """Return a function that returns the first document of a list that fits.

    Args:
        find: Says whether a document fits.
        key: Where in the answer the list is; None if the answer is the list.
    """

    def find_among(answer: Any) -> Optional[Any]:
        if key is not None:
            answer = answer.get(key) if isinstance(answer, dict) else None
        documents = answer if isinstance(answer, list) else []
        return next(filter(None, map(find, documents)), None)

    return find_among
