"""The sandbox of a run: it takes any key, as the same one, and counts the calls."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Callable, Iterable, List, Optional, Tuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.run.calls import Calls

#: The host that programs call which do not know that there is a sandbox.
API_HOST = "api.scale.com"
_MAX_TEXT_BYTES = 4000

Headers = List[Tuple[bytes, bytes]]


class RunSandbox(Sandbox):
    """A sandbox in which every key means the same world.

    Args:
        live: Whether that is the world of a live key.
        replaced: The keys that the command would have found in its environment.
        calls: Counts the calls.
        **arguments: The arguments of `Sandbox`.
    """

    def __init__(
        self, live: bool, replaced: Iterable[str], calls: Calls, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self._live = live
        self._replaces_live = any(map(_is_live, replaced))
        self._calls = calls
        self.api_key = self.live_api_key if live else type(self).api_key
        self.live_api_key = self.api_key

    def _served(self, app: ASGIApp) -> ASGIApp:
        return _AnyKey(app, self.api_key, self._costs_money, self._calls.add)

    def _costs_money(self, key: str) -> bool:
        """Return whether Scale would take money for tasks under a key.

        Args:
            key: The key that the command has sent.
        """
        replaces_live = self._replaces_live and key == self.api_key
        return self._live or replaces_live or _is_live(key)


class _AnyKey:
    """Gives every call the key of the world, and counts it.

    Args:
        app: The application behind this middleware.
        key: The key that every call is given.
        costs_money: Returns whether Scale would take money for tasks under a key.
        count: Is told of each call; see `Calls.add`.
    """

    def __init__(
        self,
        app: ASGIApp,
        key: str,
        costs_money: Callable[[str], bool],
        count: Callable[[str, str, Optional[int], bytes, bool], None],
    ) -> None:
        self._app = app
        self._key = key
        self._costs_money = costs_money
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["raw_path"].decode("latin-1")
        if not path.startswith(("/v1/", "/v2/")) and not _calls_api(scope["headers"]):
            await self._app(scope, receive, send)
            return
        headers, sent = self._translated(scope)
        status: Optional[int] = None
        body = b""
        is_counted = False

        def count() -> None:
            nonlocal is_counted
            if not is_counted:
                paid = self._costs_money(sent)
                self._count(scope["method"], path, status, body, paid)
            is_counted = True

        async def watching_send(message: Message) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                if status is not None and status >= 400:
                    body += message.get("body", b"")[: _MAX_TEXT_BYTES - len(body)]
                if not message.get("more_body"):
                    # Before the client has the answer, and goes on or ends.
                    count()
            await send(message)

        try:
            await self._app({**scope, "headers": headers}, receive, watching_send)
        finally:
            count()  # an answer that has not come to its end

    def _translated(self, scope: Scope) -> Tuple[Headers, str]:
        """Return the headers as the sandbox takes them, and the key that was sent."""
        sent = ""
        headers: Headers = []
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, credentials = value.decode("latin-1").partition(" ")
                if scheme.lower() == "basic":
                    sent = _user_of(credentials)
                    given = base64.b64encode(f"{self._key}:".encode()).decode()
                else:  # Bearer
                    sent, given = credentials, self._key
                value = f"{scheme} {given}".encode("latin-1")
            elif name == b"host" and _is_api(value):
                # Addresses of results must be reachable by every program.
                host, port = scope["server"]
                host = f"[{host}]" if ":" in host else host
                value = f"{host}:{port}".encode("ascii")
            headers.append((name, value))
        return headers, sent


def _calls_api(headers: Headers) -> bool:
    return any(name == b"host" and _is_api(value) for name, value in headers)


def _is_api(host: bytes) -> bool:
    name = host.decode("latin-1").lower().partition(":")[0]
    return name.rstrip(".") == API_HOST


def _user_of(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return decoded.decode("latin-1").partition(":")[0]


def _is_live(key: str) -> bool:
    """Return whether a key is a live key.

    api-notes: keys
    """
    if key.startswith("test_") or key.endswith("|test"):
        return False
    return key.startswith("live_") or "|" in key
