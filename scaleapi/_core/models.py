"""What all objects have in common: a document and the client it came through."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Dict, List, Optional

from scaleapi.exceptions import ScaleException


class ScaleObject:
    """A document of the API, with the client that fetched it.

    Objects of one class with the same identity (id, name or e-mail address)
    are equal, whatever else their documents say.

    Args:
        json: The decoded document. It is kept, not copied.
        client: Carries the methods that ask the API; None is fine for objects
            that only hold what they hold.

    Raises:
        ScaleException: The document has no identity.
    """

    #: Key of the document that tells one object from another.
    _identity_key: ClassVar[str] = "id"

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        problem = self._problem_of(json)
        if problem:
            raise ScaleException(f"{problem}: {_shortened(json)}")
        self._json = json
        self._client = client

    @classmethod
    def _problem_of(cls, json: Any) -> Optional[str]:
        """Return why a decoded value cannot be the document of such an object.

        Returns:
            None if it can. What is due is checked where the answer is read, so
            that an answer of another kind is an error like all others: it has
            its attempts, its headers and its ``unique_id``, and a creation that
            ends so is looked for.
        """
        identity = json.get(cls._identity_key) if isinstance(json, dict) else None
        if isinstance(identity, (str, int)):
            return None
        return (
            f"not the document of a {cls.__name__}, since it has no "
            f"{cls._identity_key!r}"
        )

    @property
    def _identity(self) -> Any:
        return self._json[self._identity_key]

    def _found(self, key: str) -> Any:
        """Return a value of the document, None without it.

        Attributes are annotated as the API has them in every document; what is
        missing all the same is None, not an error.
        """
        return self._json.get(key)

    def _caller(self, method: str) -> Any:
        """Return the client, for a method that needs one."""
        if self._client is None:
            raise ScaleException(
                f"this {type(self).__name__} was made without a client, so it "
                f"cannot {method}(): get it through a ScaleClient"
            )
        return self._client

    def as_dict(self) -> Dict[str, Any]:
        """Return the document: the very dict that the object holds, not a copy."""
        return self._json

    def __deepcopy__(self, memo: Dict[int, Any]) -> Any:
        # A copy asks through the same client, not through a copy of it.
        memo[id(self._client)] = self._client
        duplicate = copy.copy(self)
        memo[id(self)] = duplicate
        for name, value in vars(self).items():
            setattr(duplicate, name, copy.deepcopy(value, memo))
        return duplicate

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, ScaleObject)
        return bool(self._identity == other._identity)

    def __hash__(self) -> int:
        return hash(self._identity)

    def __str__(self) -> str:
        return f"{type(self).__name__}({self._identity_key}={self._identity})"

    def __repr__(self) -> str:
        # Also of an object that is not made yet, as tracebacks may want it.
        return f"{type(self).__name__}({vars(self).get('_json')})"


def _shortened(value: Any, length: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= length else text[:length] + "..."


def documents(answer: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the documents of a page.

    Raises:
        ScaleException: The answer is no page.
    """
    found = answer.get("docs")
    if not isinstance(found, list):
        raise ScaleException(
            f'not a page, since it has no "docs": {_shortened(answer)}'
        )
    return found
