"""Bodies of requests: bounded, and read to their end."""

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

from scaleapi.sandbox.web.conditional import etag_of
from scaleapi.sandbox.web.errors import ApiError, invalid
from scaleapi.sandbox.web.images import identify
from scaleapi.sandbox.web.mime_types import PDF, UNKNOWN, type_by_name, valid_type
from scaleapi.sandbox.web.pdf import page_count

#: api-notes: limits
JSON_LIMIT = 10 * 1000 * 1000
FILE_LIMIT = 120 * 1000 * 1000
#: What a multipart body may have around its file: fields, names, boundaries.
_FORM_ALLOWANCE = 1_000_000
#: How deep arrays and objects may stand in each other: what is taken has to be
#: answered again, inside others.
_MAX_DEPTH = 200
#: Arrays and objects in one body: reading more of them would keep all other
#: clients waiting for seconds. No 10 MB of annotations have as many.
_MAX_CONTAINERS = 1_000_000
#: Digits of a whole number; what Python reads at most, where it has a limit.
_MAX_DIGITS = 4300
#: What may stand for half a character, or a number beyond all floats. It looks at
#: a run of digits once, and not again from each of them.
_SUSPICIOUS = re.compile(r"\\u[dD]|[eE]\+?[0-9]{3}|(?<![0-9])[0-9]{200}")
_LONG_NUMBER = re.compile(rf"(?<![0-9])[0-9]{{{_MAX_DIGITS + 1}}}")
#: Bytes of the header that says how a form is divided, and of those of each part.
_MAX_TYPE_BYTES = 1000
_MAX_PART_HEADER_BYTES = 8192


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


async def _chunks(
    request: Request, limit: int, refusal: ApiError
) -> AsyncGenerator[bytes, None]:
    """Yield a body; past the limit its bytes are thrown away, then refused."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            yield chunk
    if size > limit:
        raise refusal


async def read_body(request: Request) -> bytes:
    """Return the body of a call.

    Raises:
        ApiError: It is too large.
    """
    refusal = ApiError(413, f"The body is larger than {JSON_LIMIT} bytes")
    return b"".join([c async for c in _chunks(request, JSON_LIMIT, refusal)])


async def json_body(request: Request) -> Any:
    """Return the body, decoded in a thread; None without one.

    Raises:
        ApiError: It is too large, or not valid JSON.
    """
    return await run_in_threadpool(parse_body, await read_body(request))


def parse_body(body: bytes) -> Any:
    """Return what a body says as JSON; None if it is empty.

    Raises:
        ApiError: It is not valid JSON.
    """
    if not body:
        return None
    try:
        return parse_json(body.decode(json.detect_encoding(body)))
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None


def parse_json(text: str) -> Any:
    """Return what a JSON text says, if every later reader can be told it.

    Raises:
        ValueError: It is not JSON, nested too deeply, has too many arrays and
            objects, or a number or a text that JSON or Unicode cannot express.
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
    """Return how many arrays and objects a text has; those in strings count only
    where there are not many."""
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
    """Read a multipart body, its file on disk where it is large."""
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
        # In a thread, and before a transaction in which others would have to wait.
        yield await run_in_threadpool(_upload, form)
    finally:
        await form.close()


class _FormParser(MultiPartParser):
    """Takes no part with headers so long that it takes long to understand them."""

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
        # Of this kind of error only the parser closes the files it has begun.
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
