"""Serves attachments and results as Amazon S3 serves objects, errors included."""

from __future__ import annotations

import secrets
from email.utils import formatdate
from typing import Dict, Mapping, Optional
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from scaleapi.sandbox.services.example_dataset import FILES, NO_WORLD
from scaleapi.sandbox.services.hosting import Hosting, SignatureRefused, file_id_of
from scaleapi.sandbox.store import Database
from scaleapi.sandbox.store.files import (
    PIECE_BYTES,
    StoredObject,
    piece_of,
    result_of,
    upload_of,
)
from scaleapi.sandbox.web.http_protocol import TRANSPORT, until_disconnected
from scaleapi.sandbox.web.ranges_and_conditions import Selection, select

#: What the paths of objects begin with.
PREFIXES = ("/results/", "/attachments/")

#: Contents are whatever users uploaded, so no script in them may run.
_UNTRUSTED = {
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
}
_MAX_TEXT_CHARS = 1000


class ObjectStorage:
    """Serves attachments and results.

    Args:
        database: Keeps them.
        hosting: Checks signed addresses.
    """

    def __init__(self, database: Database, hosting: Hosting) -> None:
        self._database = database
        self._hosting = hosting

    async def result(self, request: Request) -> Response:
        """Serve a part of a response that the API returns as a URL."""
        if "authorization" in request.headers:
            return _refused_key(request, "Unsupported Authorization Type")
        stored = await run_in_threadpool(
            result_of, self._database, request.path_params["id"]
        )
        return self._answer(request, stored)

    async def attachment(self, request: Request) -> Response:
        """Serve an attachment under its signed address."""
        world, name = request.path_params["world"], request.path_params["name"]
        # Unlike S3, the sandbox is at the address of the API, so that clients which
        # follow the redirect of ``response_url`` send their key here, too.
        if "authorization" in request.headers and world != str(NO_WORLD):
            return _refused_key(
                request,
                "Only one auth mechanism allowed; only the Signature query string "
                "parameter or the Authorization header should be specified",
            )
        query = dict(parse_qsl(request.scope["query_string"][:1000].decode("latin-1")))
        try:
            attachment = self._hosting.attachment(request.method, world, name, query)
        except SignatureRefused as refused:
            return storage_error(
                request, 403, refused.code, refused.text, refused.details
            )
        file_id = file_id_of(attachment)
        if file_id is None:
            return RedirectResponse(attachment, status_code=302)
        if world == str(NO_WORLD):
            return Response(FILES[file_id], media_type="text/plain", headers=_UNTRUSTED)
        stored = await run_in_threadpool(upload_of, self._database, int(world), file_id)
        if isinstance(stored, str):
            return RedirectResponse(stored, status_code=302)
        return self._answer(request, stored)

    def _answer(self, request: Request, stored: Optional[StoredObject]) -> Response:
        if stored is None:
            return storage_error(
                request, 404, "NoSuchKey", "The specified key does not exist."
            )
        modified_s = stored.created_at // 1000
        selection = select(
            request.headers, size=stored.size, etag=stored.etag, modified_s=modified_s
        )
        if selection.status == 412:
            return storage_error(
                request,
                412,
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
                {"Condition": selection.failed},
            )
        if selection.status == 416:
            return storage_error(
                request,
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
                {
                    "RangeRequested": request.headers["range"],
                    "ActualObjectSize": str(stored.size),
                },
                {"Content-Range": f"bytes */{stored.size}"},
            )
        headers = {
            "ETag": stored.etag,
            "Last-Modified": formatdate(modified_s, usegmt=True),
            "Accept-Ranges": "bytes",
            **_UNTRUSTED,
        }
        if selection.status == 304:
            return Response(status_code=304, headers=headers)
        return _ObjectResponse(self._database, stored, selection, headers)


class _ObjectResponse(Response):
    """The bytes of an object, one stored piece after the other.

    Args:
        database: Keeps them.
        stored: The object.
        selection: Which of its bytes are sent.
        headers: Headers of the answer beside those that follow from the selection.
    """

    def __init__(
        self,
        database: Database,
        stored: StoredObject,
        selection: Selection,
        headers: Mapping[str, str],
    ) -> None:
        first, last = selection.first, selection.last
        headers = {**headers, "Content-Length": str(last + 1 - first)}
        if selection.status == 206:
            headers["Content-Range"] = f"bytes {first}-{last}/{stored.size}"
        super().__init__(None, selection.status, headers, stored.mime_type)
        self._database = database
        self._id = stored.id
        self._first, self._last = first, last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        position = self._last + 1 if scope["method"] == "HEAD" else self._first
        while position <= self._last:
            number, skipped = divmod(position, PIECE_BYTES)
            piece = await run_in_threadpool(piece_of, self._database, self._id, number)
            if piece is None:
                # Everything was forgotten meanwhile, so the rest cannot follow.
                scope[TRANSPORT].abort()
            if scope[TRANSPORT].is_closing() or piece is None:
                await until_disconnected(receive)
                return
            part = piece[skipped : skipped + self._last + 1 - position]
            position += len(part)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def storage_error(
    request: Request,
    status: int,
    code: str,
    text: str,
    details: Optional[Mapping[str, str]] = None,
    headers: Optional[Mapping[str, str]] = None,
) -> Response:
    """Return an error in the format of S3.

    Args:
        request: What is refused.
        status: HTTP status.
        code: S3's name of the error.
        text: S3's words for it.
        details: Further elements, in their order.
        headers: Further headers.
    """
    elements: Dict[str, str] = {"Code": code, "Message": text, **(details or {})}
    if status == 404:
        elements["Key"] = request.scope["path"].lstrip("/")
    elements["RequestId"] = secrets.token_hex(8).upper()
    elements["HostId"] = "c2FuZGJveA=="
    inner = "".join(f"<{n}>{_text(value)}</{n}>" for n, value in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Response(
        body, status, {**_UNTRUSTED, **(headers or {})}, media_type="application/xml"
    )


def _refused_key(request: Request, text: str) -> Response:
    # Unlike S3 this does not show the value, which is likely to be a key.
    details = {"ArgumentName": "Authorization"}
    return storage_error(request, 400, "InvalidArgument", text, details)


def _text(value: str) -> str:
    """Return a text that is valid in XML."""
    text = value[:_MAX_TEXT_CHARS]
    return escape("".join(c if c.isprintable() else "?" for c in text))
