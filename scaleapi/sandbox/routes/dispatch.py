"""From requests of the API to handlers, and from their results to answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import unquote

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from scaleapi.sandbox.clock import Clock
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.routes.context import RequestContext
from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.services.hosting import Hosting
from scaleapi.sandbox.store import Database, Store
from scaleapi.sandbox.web.auth import credentials
from scaleapi.sandbox.web.bodies import Upload, form_body, parse_body, read_body
from scaleapi.sandbox.web.query import Query
from scaleapi.sandbox.web.responses import encoded

#: Maximum number of threads that write, or wait for their turn, at the same time.
#: The pool has more threads, so readers always find one.
_MAX_WRITERS = 8

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class _Inputs:
    """What a client has sent, decoded."""

    path: Mapping[str, str]
    query: Query
    body: Any
    upload: Optional[Upload]


class Dispatcher:
    """Makes endpoints of the operations of the API.

    Args:
        database: Is served.
        hosting: Makes and checks URLs of contents.
        clock: The time of the sandbox.
        options: The named options.
    """

    def __init__(
        self, database: Database, hosting: Hosting, clock: Clock, options: Options
    ) -> None:
        self._database = database
        self._hosting = hosting
        self._clock = clock
        self._options = options
        self._writers: Optional[anyio.CapacityLimiter] = None

    def endpoint(self, operations: Mapping[str, Operation]) -> Endpoint:
        """Return the endpoint of a path.

        Args:
            operations: Method -> the operation on this path.
        """

        async def respond(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            operation = operations[method]
            return await self._perform(operation, request)

        return respond

    async def _perform(self, operation: Operation, request: Request) -> Response:
        """Authenticate the request, read its body, and execute it in a thread."""
        caller = credentials(request, operation.scheme or "basic")
        act = partial(self._answer, operation, request, caller)
        if operation.method == "GET":
            return await run_in_threadpool(act)
        if operation.takes_form:
            async with form_body(request) as upload:
                return await self._write(partial(act, upload=upload))
        return await self._write(partial(act, content=await read_body(request)))

    async def _write(self, act: Callable[[], Response]) -> Response:
        if self._writers is None:
            self._writers = anyio.CapacityLimiter(_MAX_WRITERS)
        return await anyio.to_thread.run_sync(act, limiter=self._writers)

    def _answer(
        self,
        operation: Operation,
        request: Request,
        caller: Tuple[str, bool],
        *,
        content: bytes = b"",
        upload: Optional[Upload] = None,
    ) -> Response:
        # Decoding may take long, so it is done in this thread and before the
        # transaction.
        inputs = _read(operation, request, content, upload)
        return self._execute(operation, inputs, caller)

    def _execute(
        self, operation: Operation, inputs: _Inputs, caller: Tuple[str, bool]
    ) -> Response:
        """Execute an operation in one transaction; return the answer."""
        database, (key, live) = self._database, caller
        if operation.method == "GET":
            world = database.world(key, live=live)
            with database.reading() as connection:
                return self._result(operation, inputs, Store(connection, world))
        while True:
            resets = database.resets
            world = database.world(key, live=live)
            with database.writing() as connection:
                # A reset in between has deleted the world, so find it again.
                if database.resets == resets:
                    return self._result(operation, inputs, Store(connection, world))

    def _result(self, operation: Operation, inputs: _Inputs, store: Store) -> Response:
        context = RequestContext(
            store=store,
            hosting=self._hosting,
            options=self._options,
            path=inputs.path,
            query=inputs.query,
            now=self._clock.now(),
            body=inputs.body,
            upload=inputs.upload,
        )
        result = operation.handler(context)
        if isinstance(result, Response):  # a redirect
            return result
        # api-notes: audit-answer
        content = result.encode() if isinstance(result, str) else encoded(result)
        return Response(content, media_type=operation.media_type)


def _read(
    operation: Operation, request: Request, content: bytes, upload: Optional[Upload]
) -> _Inputs:
    return _Inputs(
        path=path_values(operation, request),
        query=Query(request.scope["query_string"]),
        body=parse_body(content),
        upload=upload,
    )


def path_values(operation: Operation, request: Request) -> Dict[str, str]:
    """Return name -> value of the variable parts of a path, unquoted."""
    values = [unquote(value) for value in request.path_params.values()]
    return dict(zip(operation.variables, values))
