"""`ScaleObject`: a document of the API with the client that fetched it."""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Dict, List, Optional, Tuple

from scaleapi._core import notebook
from scaleapi.exceptions import ScaleException


class ScaleObject:
    """Base class of the objects that the calls return.

    Two objects of one class are equal if their identities (id, name or email address)
    are equal, even if their documents differ.

    Args:
        json: The decoded document. The object keeps it and does not copy it.
        client: The client that the methods of the object use. It may be None if no such
            method is called.

    Raises:
        ScaleException: `json` is not a document with an identity.
    """

    #: Key of the identity in the document.
    _identity_key: ClassVar[str] = "id"
    #: Keys of the document that notebooks show. None may have the address of a file
    #: or what people say in confidence, since notebooks are shared.
    _notebook_keys: ClassVar[Tuple[str, ...]] = ("name", "type", "status", "project")

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        problem = self._problem_of(json)
        if problem:
            raise ScaleException(f"{problem}: {_shortened(json)}")
        self._json = json
        self._client = client

    @classmethod
    def _problem_of(cls, json: Any) -> Optional[str]:
        """Return why a decoded value cannot be the document of an object of this class.

        The transport calls this where it reads an answer. Its error then has attempts,
        headers and ``unique_id`` like any other, and the result of a creation that is
        answered with another document is looked for.

        Returns:
            What is wrong with `json`; None if nothing is.
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

    def _value(self, key: str) -> Any:
        """Return a value of the document; None if the document has no such key.

        Attributes are annotated with the types that the API documents. A key that is
        missing nevertheless is not an error.
        """
        return self._json.get(key)

    def _caller(self, method: str) -> Any:
        """Return the client.

        Args:
            method: Name of the method that needs it, for the error.

        Raises:
            ScaleException: The object has no client.
        """
        if self._client is None:
            raise ScaleException(
                f"this {type(self).__name__} was made without a client, so it "
                f"cannot {method}(): get it through a ScaleClient"
            )
        return self._client

    def as_dict(self) -> Dict[str, Any]:
        """Return the document: the dict that the object holds, not a copy of it."""
        return self._json

    def __deepcopy__(self, memo: Dict[int, Any]) -> Any:
        # A copy of the object uses the same client, not a copy of the client.
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
        # repr() may run before __init__ has finished, e.g. in a traceback.
        return f"{type(self).__name__}({vars(self).get('_json')})"

    def _facts(self) -> List[notebook.Fact]:
        """Return what notebooks show of the object."""
        document = vars(self).get("_json")
        if not isinstance(document, dict):
            return []
        keys = (key for key in self._notebook_keys if key != self._identity_key)
        return [(key, document[key]) for key in keys if key in document]

    def _repr_html_(self) -> str:
        """Return HTML for notebooks. Nothing is fetched for it."""
        return notebook.card(type(self).__name__, self._identity, self._facts())


def _shortened(value: Any, length: int = 200) -> str:
    text = repr(value)
    return text if len(text) <= length else text[:length] + "..."


def documents(answer: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the documents of a page.

    Args:
        answer: The decoded page.

    Raises:
        ScaleException: `answer` has no list ``docs``.
    """
    docs = answer.get("docs")
    if not isinstance(docs, list):
        raise ScaleException(
            f'not a page, since it has no "docs": {_shortened(answer)}'
        )
    return docs
