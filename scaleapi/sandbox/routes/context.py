"""One authenticated call on the sandbox, as the routes see it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Dict, List, Mapping, Optional, Tuple
from urllib.parse import parse_qsl

from scaleapi.sandbox.clock import to_moment
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Books
from scaleapi.sandbox.web.errors import ApiError

#: Contract 6.15: metadata of tasks and batches, as JSON.
METADATA_LIMIT = 10_240

#: The official client puts every id it looks for into the query.
_MAX_FIELDS = 20_000

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Query:
    """The query of a call.

    Where a number, a time, a flag or a token is due, a parameter without a value
    counts as not given. Of a text it is the empty one, which nothing equals.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            pairs = parse_qsl(
                raw.decode("latin-1"),
                keep_blank_values=True,
                max_num_fields=_MAX_FIELDS,
            )
        except ValueError:
            raise ApiError(400, "The query has too many parameters") from None
        self._values: Dict[str, List[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def text(self, name: str) -> Optional[str]:
        """Return the last value given, if it is not empty."""
        return self._values.get(name, [""])[-1] or None

    def texts(self, name: str) -> Optional[List[str]]:
        """Return all values given, of repeated keys; None if there are none."""
        values = self._values.get(name)
        return None if values is None else list(dict.fromkeys(values))

    def comma_list(self, name: str) -> Optional[List[str]]:
        """Return all values given, of repeated keys and between commas."""
        values = self._values.get(name)
        if values is None:
            return None
        found = list(dict.fromkeys(",".join(values).split(",")))
        if len(found) > _MAX_FIELDS:
            raise invalid(f'"{name}" must not have more than {_MAX_FIELDS} values')
        return found

    def flag(self, name: str) -> bool:
        """Return a yes or no in any letter case; no if not given."""
        value = self.text(name)
        if value is None:
            return False
        if value.lower() not in _FLAGS:
            raise invalid(f'"{name}" must be true or false')
        return _FLAGS[value.lower()]

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number."""
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise invalid(f'"{name}" must be a whole number')
        if not low <= int(value) <= high:
            raise invalid(f'"{name}" must be between {low} and {high}')
        return int(value)

    def earliest(self, name: str) -> Optional[int]:
        """Return the lower bound of a range of time."""
        return self._moment(name, earliest=True)

    def latest(self, name: str) -> Optional[int]:
        """Return the upper bound of a range of time."""
        return self._moment(name, earliest=False)

    def _moment(self, name: str, *, earliest: bool) -> Optional[int]:
        value = self.text(name)
        if value is None:
            return None
        try:
            return to_moment(value, earliest=earliest)
        except ValueError:
            raise invalid(f'"{name}" must be a time in ISO 8601') from None


@dataclass(frozen=True)
class Upload:
    """A multipart body: its text fields and its file.

    Attributes:
        fields: Name -> value of the text fields.
        content: The bytes, from their beginning.
        size: How many there are.
        etag: The entity tag under which they are served.
        mime_type: Their type, as the part, the name or the bytes tell.
        image_size: Width and height in pixels, if it is an image.
        pages: How many pages it has, if it is a PDF.
    """

    fields: Mapping[str, str]
    content: BinaryIO
    size: int
    etag: str
    mime_type: str
    image_size: Optional[Tuple[int, int]]
    pages: int


@dataclass(frozen=True)
class Call:
    """What a route needs to answer.

    Attributes:
        books: The books of the caller's world, in one transaction: a call is
            carried out whole or not at all.
        hosting: Gives contents an address.
        options: What is answered where accounts differ.
        path: The variable parts of the path, decoded.
        query: The query.
        now: The moment of the call, the same for all it writes.
        body: The decoded JSON body; None without one.
        upload: The multipart body of an upload.
    """

    books: Books
    hosting: Hosting
    options: Options
    path: Mapping[str, str]
    query: Query
    now: int
    body: Any = None
    upload: Optional[Upload] = field(default=None, repr=False)

    @property
    def texts(self) -> List[str]:
        """The body, which has to be an array of strings, without repeats.

        No body is read as an empty array, which is what the official client
        sends for one (contract 6.7, guess).
        """
        body = [] if self.body is None else self.body
        if not isinstance(body, list) or not all(isinstance(t, str) for t in body):
            raise ApiError(400, "The body must be a JSON array of strings")
        return list(dict.fromkeys(body))

    @property
    def object(self) -> Dict[str, Any]:
        """The body, which has to be an object; keys that are null are left out.

        No body is read as an empty object (contract 6.3, guess).
        """
        return {k: v for k, v in self.raw_object.items() if v is not None}

    @property
    def raw_object(self) -> Dict[str, Any]:
        """The body, which has to be an object, with its nulls."""
        body = {} if self.body is None else self.body
        if not isinstance(body, dict):
            raise ApiError(400, "The body must be a JSON object")
        return body


def invalid(reason: str) -> ApiError:
    """Return the refusal of a parameter, in the API's words."""
    return ApiError(400, f"Parameter is invalid, reason: {reason}")


def required_text(values: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there and not empty."""
    value = values.get(name)
    if value is None or value == "":
        raise invalid(f'"{name}" is required')
    if not isinstance(value, str):
        raise invalid(f'"{name}" must be a string')
    return value


def required_texts(values: Mapping[str, Any], name: str) -> List[str]:
    """Return a list of texts that must be there; it may be empty."""
    found = values.get(name)
    if found is None:
        raise invalid(f'"{name}" is required')
    if not isinstance(found, list) or not all(isinstance(v, str) for v in found):
        raise invalid(f'"{name}" must be an array of strings')
    return list(dict.fromkeys(found))


def metadata_of(
    values: Mapping[str, Any], limit: int = METADATA_LIMIT
) -> Dict[str, Any]:
    """Return the metadata among the parameters, ``{}`` if there is none."""
    metadata = values.get("metadata", {})
    if not isinstance(metadata, dict):
        raise invalid('"metadata" must be an object')
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > limit:
        raise invalid(f'"metadata" must not be larger than {limit} bytes')
    return metadata


def page_bounds(query: Query) -> Tuple[int, int]:
    """Return limit and offset."""
    return query.whole("limit", 100, 1, 100), query.whole("offset", 0, 0, 10**15)
