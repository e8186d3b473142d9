"""Bodies of requests: limits, JSON and multipart forms."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import (
    Any,
    AsyncGenerator,
    AsyncIterator,
    BinaryIO,
    Mapping,
    Optional,
    Tuple,
)

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.sandbox.web.images import identify
from scaleapi.sandbox.web.mime_types import PDF, UNKNOWN, type_by_name, valid_type
from scaleapi.sandbox.web.pdf import page_count
from scaleapi.sandbox.web.ranges_and_conditions import etag_of
from scaleapi.tasks.parameters import MAX_FILE_BYTES

#: api-notes: limits
JSON_LIMIT = 10 * 1000 * 1000
FILE_LIMIT = MAX_FILE_BYTES
#: Bytes that a multipart body may have besides its file: fields, names, boundaries.
_FORM_ALLOWANCE = 1_000_000
#: Maximum nesting of arrays and objects: the answer to a request nests them in
#: further ones.
_MAX_DEPTH = 200
#: Maximum number of arrays and objects in one body: decoding more of them would
#: block all other clients for seconds. 10 MB of annotations have fewer.
_MAX_CONTAINERS = 1_000_000
#: Maximum number of digits of an integer: the default limit of Python.
_MAX_DIGITS = 4300
#: Finds what may be a lone surrogate, or a number that is too large for a float. The
#: lookbehind keeps the time linear in the length of a run of digits.
_SUSPICIOUS = re.compile(r"\\u[dD]|[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{200}")
_LONG_NUMBER = re.compile(rf"(?<![0-9])[0-9]{{{_MAX_DIGITS + 1}}}")
#: Maximum size of the header Content-Type of a form, and of the headers of one part.
_MAX_TYPE_BYTES = 1000
_MAX_PART_HEADER_BYTES = 8192


@dataclass(frozen=True)
class Upload:
    """A multipart body: its text fields and its file.

    Attributes:
        fields: Name -> value of the text fields.
        content: The file, at its beginning.
        size: Number of bytes of the file.
        etag: The entity tag under which the file is served.
        mime_type: Type of the file, from the part's headers, the name or the bytes.
        image_size: Width and height in pixels, if the file is an image.
        pages: Number of pages, if the file is a PDF; 1 otherwise.
    """

    fields: Mapping[str, str]
    content: BinaryIO
    size: int
    etag: str
    mime_type: str
    image_size: Optional[Tuple[int, int]]
    pages: int


async def _chunks(
    request: Request, limit: int, refusal: ApiError
) -> AsyncGenerator[bytes, None]:
    """Yield the chunks of a body; discard those beyond the limit, then refuse it."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            yield chunk
    if size > limit:
        raise refusal


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ApiError: The body is too large; the status is 413.
    """
    refusal = ApiError(413, f"The body is larger than {JSON_LIMIT} bytes")
    return b"".join([c async for c in _chunks(request, JSON_LIMIT, refusal)])


async def json_body(request: Request) -> Any:
    """Return the body, decoded in a thread; None without one.

    Raises:
        ApiError: The body is too large, or not valid JSON.
    """
    return await run_in_threadpool(parse_body, await read_body(request))


def parse_body(body: bytes) -> Any:
    """Return the decoded JSON of a body; None for an empty body.

    Raises:
        ApiError: `body` is not valid JSON; the status is 400.
    """
    if not body:
        return None
    try:
        return parse_json(body.decode(json.detect_encoding(body)))
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None


def parse_json(text: str) -> Any:
    """Decode JSON that can also be encoded again.

    Raises:
        ValueError: `text` is not JSON, is nested too deeply, has too many arrays and
            objects, or has a number or string that JSON or Unicode cannot express.
    """
    containers = _containers(text)
    if containers > _MAX_CONTAINERS:
        raise ValueError(f"it has more than {_MAX_CONTAINERS} arrays and objects")
    parse_int = _whole_number if _LONG_NUMBER.search(text) else None
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=parse_int)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if containers > _MAX_DEPTH and _is_deep(value):
        raise ValueError("it is nested too deeply")
    if _SUSPICIOUS.search(text):
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it has text that is not valid Unicode") from None
        except ValueError:
            raise ValueError("it has a number that is too large") from None
    return value


def _containers(text: str) -> int:
    """Return the number of brackets that open arrays and objects.

    Brackets in strings are left out only if there are too many brackets.
    """
    number = text.count("[") + text.count("{")
    if number > _MAX_CONTAINERS:
        outside = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
        number = sum(part.count("[") + part.count("{") for part in outside)
    return number


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("it has a number that is too large")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


async def read_to_end(receive: Receive) -> None:
    """Read what is left of a body: a client that still sends reads no answer."""
    while (await receive()).get("more_body", False):
        pass


async def drain(request: Request) -> None:
    """Read what is left of a body that may have been read in part."""
    try:
        async for _ in request.stream():
            pass
    except (ClientDisconnect, RuntimeError):
        pass


@asynccontextmanager
async def form_body(request: Request) -> AsyncIterator[Optional[Upload]]:
    """Read a multipart body; a large file is kept on disk.

    Yields:
        The upload; None if the body is not a multipart form.

    Raises:
        ApiError: The form is malformed or too large, or has no file.
    """
    kind = request.headers.get("content-type", "")
    if len(kind) > _MAX_TYPE_BYTES:
        raise ApiError(400, "The header Content-Type is too long")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        yield None
        return
    try:
        form = await _FormParser(request.headers, _form_chunks(request)).parse()
    except MultiPartException as error:
        if isinstance(error.__cause__, (ApiError, ClientDisconnect)):
            raise error.__cause__ from None
        raise ApiError(400, f"The body is no valid form: {error.message}") from None
    except (KeyError, ValueError):
        raise ApiError(400, "The body is no valid form") from None
    try:
        # In a thread, and before the transaction, which blocks other writers.
        yield await run_in_threadpool(_upload, form)
    finally:
        await form.close()


class _FormParser(MultiPartParser):
    """A parser that refuses long headers of a part, which take long to parse."""

    def on_part_begin(self) -> None:
        self._header_bytes = 0
        super().on_part_begin()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        super().on_header_field(data, start, end)

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        super().on_header_value(data, start, end)

    def _count(self, number: int) -> None:
        self._header_bytes += number
        if self._header_bytes > _MAX_PART_HEADER_BYTES:
            raise MultiPartException("the headers of a part are too long")


async def _form_chunks(request: Request) -> AsyncGenerator[bytes, None]:
    refusal = invalid(f'"file" must not be larger than {FILE_LIMIT} bytes')
    try:
        async for chunk in _chunks(request, FILE_LIMIT + _FORM_ALLOWANCE, refusal):
            yield chunk
    except (ApiError, ClientDisconnect) as error:
        # Only for this class of error the parser closes its temporary files.
        raise MultiPartException("it is too large or breaks off") from error


def _upload(form: FormData) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid('"file" is required')
    size = file.size or 0
    if size > FILE_LIMIT:
        raise invalid(f'"file" must not be larger than {FILE_LIMIT} bytes')
    fields = {name: v for name, v in form.multi_items() if isinstance(v, str)}
    content = file.file
    image_size, found_type = identify(content)
    named_type = type_by_name(file.filename or "")
    mime_type = valid_type(file.content_type) or named_type or found_type or UNKNOWN
    return Upload(
        fields,
        content,
        size,
        etag=etag_of(content),
        mime_type=mime_type,
        image_size=image_size,
        pages=page_count(content) if mime_type == PDF else 1,
    )
