"""The control over HTTP: under ``/control``, for tests in any language."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi._monotonic import monotonic
from scaleapi.sandbox.clock import to_text
from scaleapi.sandbox.services.callbacks import Callbacks, longest_wait
from scaleapi.sandbox.services.control import NotThere
from scaleapi.sandbox.services.faults import Fault
from scaleapi.sandbox.validators import boolean
from scaleapi.sandbox.web.bodies import drain, json_body
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.responses import encoded, refusal

if TYPE_CHECKING:
    from scaleapi.sandbox.sandbox import Sandbox

_Act = Callable[..., Any]
#: Seconds between two looks at what is waited for.
_LOOK = 0.02


def control_routes(sandbox: Sandbox, deliveries: Callbacks) -> List[Route]:
    """Return the routes by which a sandbox is controlled.

    Each takes a JSON object, whose keys are the arguments of the method of
    `Sandbox` that it calls, and answers JSON.
    """

    def clock(
        advance: Optional[float] = None, set: Optional[str] = None, reset: bool = False
    ) -> Any:
        if boolean("reset", reset):
            sandbox.clock.reset()
        if set is not None:
            sandbox.clock.set(set)
        if advance is not None:
            sandbox.clock.advance(advance)
        return {"now": to_text(sandbox.clock.now())}

    def requests() -> Any:
        return {
            "requests": [
                {
                    "method": request.method,
                    "path": request.path,
                    "query": request.query,
                    "headers": request.headers,
                    "body": request.body.decode("utf-8", "replace"),
                    "status": request.status,
                }
                for request in sandbox.requests
            ]
        }

    def faults() -> Any:
        return {"faults": [dataclasses.asdict(f) for f in sandbox.faults.list()]}

    def options(**chosen: Any) -> Any:
        sandbox.options.update(**chosen)
        return sandbox.options.as_dict()

    def label(
        batch: Optional[str] = None,
        project: Optional[str] = None,
        api_key: Optional[str] = None,
    ) -> Any:
        count = sandbox.label(batch=batch, project=project, api_key=api_key)
        return {"completed": count}

    async def callbacks(timeout: float = 10.0) -> Any:
        end = monotonic() + longest_wait(timeout)
        moves = sandbox.clock.moves
        # Without a thread, since many may wait for long.
        while deliveries.is_settled(moves) is None and monotonic() < end:
            await asyncio.sleep(_LOOK)
        return {"delivered": bool(deliveries.is_settled(moves))}

    return [
        _route("/tasks/{task}/complete", {"POST": sandbox.complete}),
        _route("/tasks/{task}/fail", {"POST": sandbox.fail}),
        _route("/tasks/{task}", {"PATCH": sandbox.set}),
        _route("/label", {"POST": label}),
        _route("/batches/{batch_name}/archive", {"POST": sandbox.archive_batch}),
        _route("/clock", {"GET": clock, "POST": clock}),
        _route("/requests", {"GET": requests, "DELETE": sandbox.requests.clear}),
        _route(
            "/faults",
            {
                "GET": faults,
                "POST": sandbox.faults.add,
                "DELETE": sandbox.faults.clear,
            },
        ),
        _route("/options", {"GET": options, "POST": options}),
        _route("/rate_limit", {"POST": sandbox.rate_limit}),
        _route("/callbacks/wait", {"POST": callbacks}),
        _route("/reset", {"POST": sandbox.reset}),
    ]


def _route(path: str, acts: Dict[str, _Act]) -> Route:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            given = {} if method in ("GET", "DELETE") else await _object(request)
            values = {n: unquote(v) for n, v in request.path_params.items()}
            result = await _done(acts[method], {**given, **values})
            body = await run_in_threadpool(encoded, {} if result is None else result)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody hears it
        except Exception as error:
            await drain(request)
            return refusal(error)
        return Response(body, media_type="application/json")

    return Route(f"/control{path}", answer, methods=list(acts))


async def _done(act: _Act, arguments: Dict[str, Any]) -> Any:
    taken = inspect.signature(act).parameters
    kinds = {parameter.kind for parameter in taken.values()}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        for name in set(arguments) - set(taken):
            known = f"; there are {', '.join(taken)}" if taken else ""
            raise ApiError(400, f"There is no argument {name}{known}")
    try:
        if inspect.iscoroutinefunction(act):
            return await act(**arguments)
        result = await run_in_threadpool(act, **arguments)
        return dataclasses.asdict(result) if isinstance(result, Fault) else result
    except NotThere as error:
        raise ApiError(404, str(error)) from None
    except (TypeError, ValueError) as error:
        raise ApiError(400, str(error)) from None


async def _object(request: Request) -> Dict[str, Any]:
    given = await json_body(request)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ApiError(400, "The body must be a JSON object")
    return given
