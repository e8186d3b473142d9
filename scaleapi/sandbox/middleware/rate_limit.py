"""Answers 429 to clients that create tasks too fast."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from scaleapi.sandbox.services.rate_limit import RateLimit
from scaleapi.sandbox.web.auth import key_in
from scaleapi.sandbox.web.bodies import read_to_end
from scaleapi.sandbox.web.errors import WORDS, ApiError
from scaleapi.sandbox.web.responses import error_response

_CREATION = re.compile(
    r"/v1/(task|evaluation_tasks|training_tasks)/[^/]+|/v2/task/chat"
)


class RateLimitMiddleware:
    """Applies the rate limit to requests that create tasks.

    Args:
        app: The application behind this middleware.
        rate_limit: Decides which creations come too fast.
    """

    def __init__(self, app: ASGIApp, rate_limit: RateLimit) -> None:
        self._app = app
        self._rate_limit = rate_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = None
        if scope["method"] == "POST" and _CREATION.fullmatch(scope["path"]):
            sent = next((v for n, v in scope["headers"] if n == b"authorization"), b"")
            wait_s = self._rate_limit.take(key_in(sent.decode("latin-1"))[1])
        if wait_s is None:
            await self._app(scope, receive, send)
            return
        await read_to_end(receive)
        # api-notes: rate-limit
        error = ApiError(429, WORDS[429], {"Retry-After": str(wait_s)})
        await error_response(error)(scope, receive, send)
