"""The control over HTTP: under ``/control``, for tests in any language.

A handler takes the controls, and the keys of the JSON object in the body and the
variable parts of the path as arguments. It returns JSON, or None for ``{}``.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from dataclasses import dataclass
from functools import partial
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from scaleapi._monotonic import monotonic
from scaleapi.sandbox.argument_checks import boolean
from scaleapi.sandbox.clock import Clock, to_text
from scaleapi.sandbox.options import Options
from scaleapi.sandbox.routes.dispatch import path_values
from scaleapi.sandbox.routes.operation import Operation
from scaleapi.sandbox.services.callbacks import Callbacks, longest_wait
from scaleapi.sandbox.services.control import Control
from scaleapi.sandbox.services.delivering import NotFound
from scaleapi.sandbox.services.faults import Faults
from scaleapi.sandbox.services.rate_limit import RateLimit
from scaleapi.sandbox.services.request_log import RequestLog
from scaleapi.sandbox.store import Database
from scaleapi.sandbox.web.bodies import json_body
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.responses import encoded

#: Seconds between two looks at the callbacks that are waited for.
_POLL_S = 0.02


@dataclass(frozen=True)
class Controls:
    """The parts of a sandbox that are controlled over HTTP.

    Attributes:
        control: Changes tasks and batches.
        clock: The time of the sandbox.
        request_log: What clients have sent.
        faults: The faults on demand.
        rate_limit: The rate limit on creations.
        callbacks: Delivers callbacks.
        options: The named options.
        default_key: Returns the key of the world in which a batch is looked for, by
            default.
        database: All data.
    """

    control: Control
    clock: Clock
    request_log: RequestLog
    faults: Faults
    rate_limit: RateLimit
    callbacks: Callbacks
    options: Options
    default_key: Callable[[], str]
    database: Database

    def reset(self) -> None:
        """Delete everything that was recorded: worlds, requests, faults, limits, time.

        Options have the values again with which the sandbox was made.
        """
        self.database.reset()
        self.callbacks.forget()
        self.request_log.clear()
        self.faults.clear()
        self.rate_limit.set(None, None)
        self.options.reset()
        self.clock.reset()

    def endpoint(
        self, operations: Mapping[str, Operation]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a path.

        Args:
            operations: Method -> the operation on this path.
        """

        async def respond(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            operation = operations[method]
            takes_body = method not in ("GET", "DELETE")
            values = await _object(request) if takes_body else {}
            values.update(path_values(operation, request))
            result = await self._call(operation.handler, values)
            content = await run_in_threadpool(encoded, {} if result is None else result)
            return Response(content, media_type=operation.media_type)

        return respond

    async def _call(self, handler: Callable[..., Any], values: Dict[str, Any]) -> Any:
        act = partial(handler, self)
        _check_names(act, values)
        try:
            if inspect.iscoroutinefunction(handler):
                return await act(**values)
            return await run_in_threadpool(act, **values)
        except NotFound as error:
            raise ApiError(404, str(error)) from None
        except (TypeError, ValueError) as error:
            raise ApiError(400, str(error)) from None


def complete(
    controls: Controls,
    task: str,
    response: Any = None,
    form: Optional[str] = None,
    **fields: Any,
) -> Any:
    return controls.control.complete(task, response, fields, form)


def fail(controls: Controls, task: str, response: Any = None, **fields: Any) -> Any:
    return controls.control.fail(task, response, fields)


def set_fields(controls: Controls, task: str, **fields: Any) -> Any:
    return controls.control.set(task, fields)


def label(
    controls: Controls,
    batch: Optional[str] = None,
    project: Optional[str] = None,
    api_key: Optional[str] = None,
) -> Any:
    return {"completed": controls.control.label(batch, project, api_key)}


def archive_batch(
    controls: Controls, batch_name: str, api_key: Optional[str] = None
) -> None:
    controls.control.archive_batch(api_key or controls.default_key(), batch_name)


def deliver(
    controls: Controls,
    project: str,
    name: Optional[str] = None,
    tasks: Optional[List[str]] = None,
    api_key: Optional[str] = None,
) -> Any:
    if not isinstance(tasks, (list, type(None))):
        raise TypeError(f"tasks must be an array of ids; got {tasks!r}")
    key = api_key or controls.default_key()
    return controls.control.deliver(key, project, name, tasks)


def move_clock(
    controls: Controls,
    advance: Optional[float] = None,
    set: Optional[str] = None,
    reset: bool = False,
) -> Any:
    clock = controls.clock
    if boolean("reset", reset):
        clock.reset()
    if set is not None:
        clock.set(set)
    if advance is not None:
        clock.advance(advance)
    return show_clock(controls)


def show_clock(controls: Controls) -> Any:
    return {"now": to_text(controls.clock.now())}


def show_requests(controls: Controls) -> Any:
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
            for request in controls.request_log
        ]
    }


def clear_requests(controls: Controls) -> None:
    controls.request_log.clear()


def show_faults(controls: Controls) -> Any:
    return {"faults": [dataclasses.asdict(f) for f in controls.faults.list()]}


def add_fault(controls: Controls, **values: Any) -> Any:
    _check_names(controls.faults.add, values)
    return dataclasses.asdict(controls.faults.add(**values))


def clear_faults(controls: Controls) -> None:
    controls.faults.clear()


def show_options(controls: Controls) -> Any:
    return controls.options.as_dict()


def set_options(controls: Controls, **values: Any) -> Any:
    controls.options.update(**values)
    return controls.options.as_dict()


def set_rate_limit(
    controls: Controls,
    creations_per_second: Optional[float] = 30.0,
    burst: Optional[int] = None,
) -> None:
    controls.rate_limit.set(creations_per_second, burst)


async def wait_for_callbacks(controls: Controls, timeout: float = 10.0) -> Any:
    end = monotonic() + longest_wait(timeout)
    moves = controls.clock.moves
    # No thread waits here, because many requests may wait for long.
    while controls.callbacks.is_settled(moves) is None and monotonic() < end:
        await asyncio.sleep(_POLL_S)
    return {"delivered": bool(controls.callbacks.is_settled(moves))}


def reset(controls: Controls) -> None:
    controls.reset()


def _check_names(act: Callable[..., Any], values: Mapping[str, Any]) -> None:
    """Refuse keys that are not arguments of a function."""
    names = inspect.signature(act).parameters
    kinds = {parameter.kind for parameter in names.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return
    for name in set(values) - set(names):
        known = f"; there are {', '.join(names)}" if names else ""
        raise ApiError(400, f"There is no argument {name}{known}")


async def _object(request: Request) -> Dict[str, Any]:
    body = await json_body(request)
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object")
    return body
