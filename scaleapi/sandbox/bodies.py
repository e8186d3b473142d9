"""Bodies of requests: bounded, and read to their end."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from typing import Any, AsyncGenerator, AsyncIterator, Optional

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from scaleapi.sandbox.call import Upload, invalid
from scaleapi.sandbox.errors import ApiError
from scaleapi.sandbox.images import identify
from scaleapi.sandbox.mime_types import PDF, UNKNOWN, type_by_name, valid_type
from scaleapi.sandbox.pdf import page_count
from scaleapi.sandbox.store.files import etag_of

#: Contract 6.15.
JSON_LIMIT = 10 * 1000 * 1000
FILE_LIMIT = 120 * 1000 * 1000
#: What a multipart body may have around its file: fields, names, boundaries.
_FORM_ALLOWANCE = 1_000_000
#: How deep arrays and objects may stand in each other: what is taken has to be
#: answered again, inside others.
_MAX_DEPTH = 200
#: What may stand for half a character, or a number beyond all floats.
_SUSPICIOUS = re.compile(r"\\u[dD]|[eE]\+?\d{3}|\d{309}")


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


async def json_body(request: Request) -> Any:
    """Return the body, decoded; None without one.

    Raises:
        ApiError: It is too large, or not valid JSON.
    """
    refusal = ApiError(413, f"The body is larger than {JSON_LIMIT} bytes")
    body = b"".join([c async for c in _chunks(request, JSON_LIMIT, refusal)])
    if not body:
        return None
    try:
        return parse_json(body.decode(json.detect_encoding(body)))
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None


def parse_json(text: str) -> Any:
    """Return what a JSON text says, if every later reader can be told it.

    Raises:
        ValueError: It is no JSON, nested too deeply, or has a number or a text
            that JSON or Unicode cannot express.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if text.count("[") + text.count("{") > _MAX_DEPTH and _is_deep(value):
        raise ValueError("it is nested too deeply")
    if _SUSPICIOUS.search(text):
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it has text that is not valid Unicode") from None
        except ValueError:
            raise ValueError("it has a number that is too large") from None
    return value


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


async def drain(request: Request) -> None:
    """Read what is left of a body: a client that still sends hears no answer."""
    try:
        async for _ in request.stream():
            pass
    except (ClientDisconnect, RuntimeError):
        pass


@asynccontextmanager
async def form_body(request: Request) -> AsyncIterator[Optional[Upload]]:
    """Read a multipart body, its file on disk where it is large."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        yield None
        return
    try:
        form = await MultiPartParser(request.headers, _form_chunks(request)).parse()
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
