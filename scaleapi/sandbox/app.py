"""The web application: routes, authentication, bodies in, answers out."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from contextlib import asynccontextmanager
from typing import (
    Any,
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Dict,
    List,
    Optional,
    Tuple,
)
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from scaleapi.sandbox import clock
from scaleapi.sandbox.call import Call, Query, Upload, invalid
from scaleapi.sandbox.errors import ApiError
from scaleapi.sandbox.hosting import Hosting, file_id_of
from scaleapi.sandbox.routes import (
    batches,
    files,
    projects,
    quality,
    studio,
    tasks,
    teams,
)
from scaleapi.sandbox.store import Books, Database
from scaleapi.sandbox.store.files import mime_type_of, pieces_of

logger = logging.getLogger("scaleapi.sandbox")

#: Contract 6.15.
JSON_LIMIT = 10 * 1000 * 1000
FILE_LIMIT = 120 * 1000 * 1000
#: What a multipart body may have around its file: fields, names, boundaries.
_FORM_ALLOWANCE = 1_000_000

Handler = Callable[[Call], Any]

#: Method, path and what answers; the variable parts of a path are one segment.
ROUTES: List[Tuple[str, str, Handler]] = [
    ("POST", "/task/{type}", tasks.create_task),
    ("GET", "/task/{task_id}", tasks.get_task),
    ("POST", "/task/{task_id}/cancel", tasks.cancel_task),
    ("POST", "/task/{task_id}/audit", tasks.audit_task),
    ("POST", "/task/{task_id}/unique_id", tasks.set_unique_id),
    ("DELETE", "/task/{task_id}/unique_id", tasks.clear_unique_id),
    ("POST", "/task/{task_id}/setMetadata", tasks.set_metadata),
    ("POST", "/task/{task_id}/tags", tasks.set_tags),
    ("PUT", "/task/{task_id}/tags", tasks.add_tags),
    ("DELETE", "/task/{task_id}/tags", tasks.delete_tags),
    ("GET", "/tasks", tasks.list_tasks),
    ("POST", "/batches", batches.create_batch),
    ("GET", "/batches", batches.list_batches),
    ("GET", "/batches/{name}", batches.get_batch),
    ("POST", "/batches/{name}/finalize", batches.finalize_batch),
    ("GET", "/batches/{name}/status", batches.batch_status),
    ("POST", "/batches/{name}/setMetadata", batches.set_metadata),
    ("POST", "/projects", projects.create_project),
    ("GET", "/projects", projects.list_projects),
    ("GET", "/projects/{name}", projects.get_project),
    ("POST", "/projects/{name}/setParams", projects.set_params),
    ("GET", "/projects/{name}/taskTemplates", projects.get_template),
    ("POST", "/files/upload", files.upload_file),
    ("POST", "/files/import", files.import_file),
    ("POST", "/evaluation_tasks/{type}", quality.create_quality_task),
    ("POST", "/training_tasks/{type}", quality.create_quality_task),
    ("GET", "/teams", teams.list_teammates),
    ("POST", "/teams/invite", teams.invite),
    ("POST", "/teams/set_role", teams.set_role),
    ("GET", "/studio/assignments", studio.list_assignments),
    ("POST", "/studio/assignments/add", studio.add_assignments),
    ("POST", "/studio/assignments/remove", studio.remove_assignments),
    ("GET", "/studio/projects/{project}/groups", studio.list_groups),
    ("POST", "/studio/projects/{project}/groups", studio.create_group),
    ("PUT", "/studio/projects/{project}/groups/{group}", studio.update_group),
    ("GET", "/studio/batches", studio.list_batches),
    ("PUT", "/studio/batches/{name}", studio.assign_batch),
    ("POST", "/studio/batches/set_priorities", studio.set_priorities),
    ("POST", "/studio/batches/reset_priorities", studio.reset_priorities),
]


def make_app(database: Database, hosting: Hosting) -> ASGIApp:
    """Return the application that serves a database."""
    desk = _Desk(database, hosting)
    routes = [
        Route(f"/v1{path}", desk.endpoint(handler, method), methods=[method])
        for method, path, handler in ROUTES
    ]
    routes += [
        Route("/results/{id}", desk.result, methods=["GET"]),
        Route("/attachments/{name}", desk.attachment, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    # A path that ends in a slash is another path, as with the API.
    app.router.redirect_slashes = False
    return _RawPaths(app)


class _RawPaths:
    """Has routes match the path as it was sent, still quoted.

    Servers decode the path first, after which a batch named ``a/b`` could not
    be told from two segments. The segments are decoded one by one later.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


class _Desk:
    """Takes each request to its handler, and the answer back."""

    def __init__(self, database: Database, hosting: Hosting) -> None:
        self._database = database
        self._hosting = hosting

    def endpoint(
        self, handler: Handler, method: str
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a route, in one transaction a call."""
        open_books = (
            self._database.reading if method == "GET" else self._database.writing
        )

        def perform(key: str, live: bool, parts: Dict[str, Any]) -> bytes:
            world = self._database.world(key, live=live)
            with open_books() as connection:
                call = Call(
                    books=Books(connection, world),
                    hosting=self._hosting,
                    now=clock.now(),
                    **parts,
                )
                answer = handler(call)
                # An audit is answered with the text OK, no JSON (contract 6.7).
                return answer.encode() if isinstance(answer, str) else _encoded(answer)

        async def answer(request: Request) -> Response:
            try:
                key, live = _credentials(request)
                parts: Dict[str, Any] = {
                    "path": {
                        name: unquote(value)
                        for name, value in request.path_params.items()
                    },
                    "query": Query(request.scope["query_string"]),
                }
                if handler is files.upload_file:
                    async with _form(request) as upload:
                        parts["upload"] = upload
                        body = await run_in_threadpool(perform, key, live, parts)
                else:
                    if method != "GET":
                        parts["body"] = _json(await _body(request, JSON_LIMIT))
                    body = await run_in_threadpool(perform, key, live, parts)
            except Exception as error:
                await _drain(request)
                return _refusal(error)
            kind = "text/plain" if handler is tasks.audit_task else "application/json"
            return Response(body, media_type=kind)

        return answer

    async def result(self, request: Request) -> Response:
        """Serve a result that the API hands out as an address."""
        return await self._content(request.path_params["id"])

    async def attachment(self, request: Request) -> Response:
        """Serve an attachment under its signed address."""
        query = Query(request.scope["query_string"])
        name = request.path_params["name"]
        expires, signature = query.text("Expires"), query.text("Signature")
        attachment = self._hosting.attachment(name, expires or "", signature or "")
        if attachment is None:
            return _refusal(ApiError(403, "The signature is wrong or has expired"))
        file_id = file_id_of(attachment)
        if file_id is None:
            return RedirectResponse(attachment, status_code=302)
        return await self._content(file_id)

    async def _content(self, content_id: str) -> Response:
        mime_type = await run_in_threadpool(mime_type_of, self._database, content_id)
        if mime_type is None:
            return _refusal(ApiError(404, "File not found"))
        return StreamingResponse(
            pieces_of(self._database, content_id), media_type=mime_type
        )


def _credentials(request: Request) -> Tuple[str, bool]:
    """Return the key that a request carries, and whether it is a live one."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        decoded = ""
    key = decoded.partition(":")[0]
    if scheme.lower() != "basic":
        raise _unauthorized()
    return key, is_live(key)


def is_live(key: str) -> bool:
    """Return whether a key is a live one; a test key otherwise.

    Raises:
        ApiError: It is neither (contract 6.1).
    """
    if key.startswith("test_") or key.endswith("|test"):
        return False
    if key.startswith("live_"):
        return True
    raise _unauthorized()


def _unauthorized() -> ApiError:
    return ApiError(
        401,
        "Unauthorized -- No valid API key provided.",
        {"WWW-Authenticate": 'Basic realm="sandbox"'},
    )


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


async def _body(request: Request, limit: int) -> bytes:
    refusal = ApiError(413, f"The body is larger than {limit} bytes")
    return b"".join([chunk async for chunk in _chunks(request, limit, refusal)])


async def _drain(request: Request) -> None:
    """Read what is left of a body: a client that still sends hears no answer."""
    try:
        async for _ in request.stream():
            pass
    except (ClientDisconnect, RuntimeError):
        pass


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[Optional[Upload]]:
    """Read a multipart body, its file on disk where it is large."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        yield None
        return
    try:
        form = await MultiPartParser(request.headers, _form_chunks(request)).parse()
    except MultiPartException as error:
        if isinstance(error.__cause__, ApiError):
            raise error.__cause__ from None
        raise ApiError(400, f"The body is no valid form: {error.message}") from None
    except (KeyError, ValueError):
        raise ApiError(400, "The body is no valid form") from None
    try:
        yield _upload(form)
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
    return Upload(fields, file.filename or "", file.content_type, size, file.file)


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise ApiError(400, "The body is JSON that is nested too deeply") from None
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _encoded(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()


def _refusal(error: Exception) -> Response:
    """Return the answer that tells of an error, in the API's form."""
    if not isinstance(error, ApiError):
        error = _understood(error)
    return Response(
        _encoded({"status_code": error.status, "error": error.text}),
        status_code=error.status,
        headers=error.headers,
        media_type="application/json",
    )


def _understood(error: Exception) -> ApiError:
    """Return what an error of Python's says about the request."""
    if isinstance(error, UnicodeEncodeError):
        return ApiError(400, "The body has text that is not valid Unicode")
    if isinstance(error, RecursionError):
        return ApiError(400, "The body is JSON that is nested too deeply")
    if isinstance(error, ValueError) and "JSON compliant" in str(error):
        return ApiError(400, "The body has a number that is too large for JSON")
    logger.error("the sandbox failed", exc_info=error)
    return ApiError(500, "The sandbox failed; its log says why")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    await _drain(request)
    path = request.scope["path"]
    texts = {404: f"Unknown route {path}", 405: f"{request.method} not allowed here"}
    text = texts.get(error.status_code, error.detail)
    return _refusal(ApiError(error.status_code, text, error.headers))
