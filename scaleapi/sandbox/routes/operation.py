"""What is known of one operation, and the routes of several."""

from __future__ import annotations

import re
from typing import (
    Any,
    Awaitable,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
)

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scaleapi.sandbox.routes.schema_types import Schema

_VARIABLE = re.compile(r"{(\w+)}")
#: Beginning of a path -> how the key is sent.
_SCHEMES = {"/v1/": "basic", "/v2/": "bearer"}


class Operation(NamedTuple):
    """An operation, in the sense of OpenAPI: a method of a path.

    Attributes:
        method: The HTTP method.
        path: The whole path; each variable part, such as ``{name}``, is one segment.
        handler: Carries the operation out.
        name: Name of the client's method, or of the sandbox's.
        summary: What the operation does.
        answer: Schema of the answer.
        body: Schema of the body; None for an operation that takes none.
        errors: Statuses of the refusals besides 400 and 401.
        query: Name -> schema of the query's parameters.
        takes_form: Whether the body is a multipart form and not JSON.
        media_type: Type of the answer.
        redirects: Whether the answer is a redirect, and `answer` what is there.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    name: str
    summary: str
    answer: Schema
    body: Optional[Schema] = None
    errors: Tuple[int, ...] = ()
    query: Optional[Mapping[str, Schema]] = None
    takes_form: bool = False
    media_type: str = "application/json"
    redirects: bool = False

    @property
    def scheme(self) -> Optional[str]:
        """How the key is sent, ``basic`` or ``bearer``; None if none is needed."""
        return _SCHEMES.get(self.path[:4])

    @property
    def variables(self) -> List[str]:
        """The names of the variable parts of the path, in their order."""
        return _VARIABLE.findall(self.path)


def routes_of(
    operations: Iterable[Operation],
    endpoint: Callable[
        [Mapping[str, Operation]], Callable[[Request], Awaitable[Response]]
    ],
) -> List[Route]:
    """Return the routes of operations.

    Args:
        operations: The operations.
        endpoint: Method -> operation of one path -> the endpoint of the path.
    """
    paths: Dict[str, Dict[str, Operation]] = {}
    for operation in operations:
        # One route has all methods of a path, so that it can name them.
        form = _VARIABLE.sub("{}", operation.path)
        paths.setdefault(form, {})[operation.method] = operation
    return [
        Route(_numbered(form), endpoint(methods), methods=list(methods))
        for form, methods in paths.items()
    ]


def _numbered(form: str) -> str:
    """Return a path whose variable parts are ``{v0}``, ``{v1}``, ..."""
    first, *others = form.split("{}")
    return first + "".join(f"{{v{n}}}{part}" for n, part in enumerate(others))
