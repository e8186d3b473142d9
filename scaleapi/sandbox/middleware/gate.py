"""What stands between the wire and the application.

Refuses foreign hosts, keeps the request_log, lets calls fail on demand, and lets
go of clients that are waited for when the sandbox stops.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
import socket
import struct
import sys
from typing import Dict, List, Optional, Sequence, Set
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scaleapi._monotonic import monotonic
from scaleapi.sandbox.services.faults import Fault, Faults, RateLimit, answer_of
from scaleapi.sandbox.services.hosting import Origin
from scaleapi.sandbox.services.request_log import RequestLog, SentRequest
from scaleapi.sandbox.validators import HOST_NAME
from scaleapi.sandbox.web.errors import WORDS, ApiError
from scaleapi.sandbox.web.responses import refusal
from scaleapi.sandbox.web.scope import TRANSPORT, until_disconnected

#: A line for each call, at level INFO.
calls_log = logging.getLogger("scaleapi.sandbox.calls")

#: Seconds for the rest of a request that is on its way when the sandbox stops.
_GRACE = 0.2
_CREATION = re.compile(r"/(task|evaluation_tasks|training_tasks)/[^/]+")
_PLAIN_HOST = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?", re.ASCII)
_EVERYWHERE = ("0.0.0.0", "::", "")


class Gate:
    """The outermost application.

    Args:
        app: What answers.
        names: The address that is listened on, and the names that are allowed.
        origin: Is told by which name the sandbox is called.
        request_log: Notes the calls.
        faults: What goes wrong.
        rate_limit: How fast tasks may be created.
    """

    def __init__(
        self,
        app: ASGIApp,
        names: Sequence[str],
        origin: Origin,
        request_log: RequestLog,
        faults: Faults,
        rate_limit: RateLimit,
    ) -> None:
        self._app = app
        self._names = {name.lower().strip("[]").rstrip(".") for name in names}
        self._everywhere = names[0].strip("[]") in _EVERYWHERE
        self._origin = origin
        self._request_log = request_log
        self._faults = faults
        self._rate_limit = rate_limit
        self._waiting: Set[asyncio.Transport] = set()
        self._closing = False

    def let_go(self) -> None:
        """Close the connections whose clients are waited for."""
        self._closing = True
        for transport in self._waiting:
            asyncio.get_running_loop().call_later(_GRACE, transport.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope, authority = _in_origin_form(scope)
        transport: asyncio.Transport = scope[TRANSPORT]

        async def received() -> Message:
            self._waiting.add(transport)
            if self._closing:
                asyncio.get_running_loop().call_later(_GRACE, transport.close)
            try:
                return await receive()
            finally:
                self._waiting.discard(transport)

        hosts = [v.decode("latin-1") for n, v in scope["headers"] if n == b"host"]
        if authority is not None:
            hosts.append(authority)
        path = scope["raw_path"].decode("latin-1")
        text = self._foreign(hosts) or _of_other_site(scope, path, hosts)
        if text is not None:
            await _drain(received)
            await refusal(ApiError(403, text))(scope, received, send)
            return
        if hosts and _PLAIN_HOST.fullmatch(hosts[-1]):
            self._origin.is_at(hosts[-1])
        if path.startswith("/v1/"):
            await _Passage(self, scope, path[3:], transport).go(received, send)
        else:
            await self._app(scope, received, send)

    def _foreign(self, hosts: List[str]) -> Optional[str]:
        """Return what is wrong with the hosts that a request names, if any."""
        foreign = next((host for host in hosts if not self._knows(host)), None)
        if foreign is None:
            return None
        name = _name_of(foreign)
        name = name if name and HOST_NAME.fullmatch(name) else "NAME"
        return (
            f"This sandbox is not {foreign[:100]}; call it by its address, or start it "
            f"with --allow-host {name} or Sandbox(allow_hosts=[{name!r}])"
        )

    def _knows(self, authority: str) -> bool:
        """Return whether a host is this sandbox, so that no page of another
        site can reach it under a name that leads here."""
        host = _name_of(authority)
        if host is None:
            return False
        if host == "localhost" or host.endswith(".localhost") or host in self._names:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return self._everywhere and host == socket.gethostname().lower()
        # A literal address cannot be made to lead anywhere else.
        return address.is_loopback or self._everywhere


def _name_of(authority: str) -> Optional[str]:
    """Return the host of a name and port; None if there is none."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return None


class _Passage:
    """One call of the API on its way through the gate."""

    def __init__(
        self, gate: Gate, scope: Scope, path: str, transport: asyncio.Transport
    ) -> None:
        self._gate = gate
        self._scope = scope
        self._path = path
        self._transport = transport
        self._begun = monotonic()
        self._noted: SentRequest = gate._request_log.record(
            scope["method"], f"/v1{path}", scope["query_string"], scope["headers"]
        )

    async def go(self, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                self._gate._request_log.append_body(
                    self._noted, message.get("body", b"")
                )
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._noted.status = message["status"]
            await send(message)

        try:
            await self._answer(received, sent)
        finally:
            self._log()

    async def _answer(self, receive: Receive, send: Send) -> None:
        method = self._scope["method"]
        wait = None
        if method == "POST" and _CREATION.fullmatch(self._path):
            key = next(
                (v for n, v in self._scope["headers"] if n == b"authorization"), b""
            )
            wait = self._gate._rate_limit.take(key.decode("latin-1"))
        if wait is not None:
            await _drain(receive)
            error = ApiError(429, WORDS[429], {"Retry-After": str(wait)})
            await refusal(error)(self._scope, receive, send)
            return
        fault = self._gate._faults.strike(method, self._path)
        if fault is None:
            await self._gate._app(self._scope, receive, send)
        else:
            await self._suffer(fault, receive, send)

    async def _suffer(self, fault: Fault, receive: Receive, send: Send) -> None:
        answer: List[Message] = []
        if fault.carried_out or fault.kind == "truncate":

            async def keep(message: Message) -> None:
                answer.append(message)

            await self._gate._app(self._scope, receive, keep)
        elif fault.kind != "slow":
            await _drain(receive)
        if fault.kind == "status":
            await _told(fault)(self._scope, receive, send)
        elif fault.kind == "hang":
            await until_disconnected(receive)
        elif fault.kind == "reset":
            _reset(self._transport)
            await until_disconnected(receive)
        elif fault.kind == "truncate":
            await self._truncate(answer, receive, send)
        else:
            await self._be_slow(fault.seconds, answer, receive, send)

    async def _be_slow(
        self, seconds: float, answer: List[Message], receive: Receive, send: Send
    ) -> None:
        # The body is read first: what comes after it is that the client is gone.
        body = [] if answer else await _messages(receive)
        gone = asyncio.ensure_future(until_disconnected(receive))
        done, _ = await asyncio.wait({gone}, timeout=seconds)
        gone.cancel()
        await asyncio.wait({gone})
        if done:
            return
        if answer:
            for message in answer:
                await send(message)
            return

        async def replayed() -> Message:
            return body.pop(0) if body else await receive()

        await self._gate._app(self._scope, replayed, send)

    async def _truncate(
        self, answer: List[Message], receive: Receive, send: Send
    ) -> None:
        body = b"".join(message.get("body", b"") for message in answer)
        start = dict(answer[0])
        start["headers"] = [
            (name, value)
            for name, value in start.get("headers", [])
            if name.lower() != b"content-length"
        ] + [(b"content-length", str(len(body) + 1).encode())]
        await send(start)
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        self._transport.close()
        await until_disconnected(receive)

    def _log(self) -> None:
        if calls_log.isEnabledFor(logging.INFO):
            taken = (monotonic() - self._begun) * 1000
            query = self._scope["query_string"].decode("latin-1")
            calls_log.info(
                "%s %s%s -> %s (%.0f ms)",
                self._scope["method"],
                f"/v1{self._path}",
                f"?{query[:200]}" if query else "",
                self._noted.status or "no answer",
                taken,
            )


def _in_origin_form(scope: Scope) -> "tuple[Scope, Optional[str]]":
    """Return the scope with a path that begins with a slash, as is usual, and
    the host of a target that is a whole address, as proxies send it."""
    target = scope["raw_path"].decode("latin-1")
    match = re.match(r"(?i)https?://([^/?#]*)", target)
    if match is None:
        return scope, None
    path = target[match.end() :] or "/"
    return {**scope, "raw_path": path.encode("latin-1"), "path": path}, match.group(1)


def _of_other_site(scope: Scope, path: str, hosts: List[str]) -> Optional[str]:
    """Return why a request must not come from another site's page, if it does.

    A browser sends a form of any page here, and with ``http://test_...@`` in its
    address the key too. (The page has a guard of its own.)
    """
    if not path.startswith(("/v1/", "/control/")):
        return None
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site" and value not in (b"same-origin", b"none"):
            return "Pages of other sites must not call the sandbox"
        if name == b"origin":
            origin = value.decode("latin-1")
            if origin.partition("://")[2].lower() not in map(str.lower, hosts):
                return f"Pages of {origin[:100]} must not call the sandbox"
    return None


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


async def _messages(receive: Receive) -> List[Message]:
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _reset(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    # To linger for no time is to reset.
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def _told(fault: Fault) -> Response:
    status, headers, body = answer_of(fault)
    if status in (204, 304):
        return Response(status_code=status, headers=headers)
    if isinstance(body, str):
        return Response(body, status, _typed(headers, "text/plain; charset=utf-8"))
    return Response(json.dumps(body), status, _typed(headers, "application/json"))


def _typed(headers: Dict[str, str], kind: str) -> Dict[str, str]:
    return {"Content-Type": kind, **headers}
