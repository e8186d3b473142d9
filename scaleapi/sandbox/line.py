"""A connection with a client, as uvicorn holds it."""

from __future__ import annotations

from typing import Any

import h11
from starlette.types import Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

from scaleapi.sandbox.answers import encoded

#: Where the connection leaves its transport in the scope of a request.
TRANSPORT = "scaleapi.sandbox.transport"


class Line(H11Protocol):
    """A connection with a client."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, TRANSPORT: transport}, receive, send)

        self.app = with_transport

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as the API answers all that is wrong."""
        body = encoded({"status_code": 400, "error": msg})
        headers = [("content-type", "application/json"), ("connection", "close")]
        headers.append(("content-length", str(len(body))))
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (
                h11.Response(status_code=400, headers=headers, reason="Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


async def until_disconnected(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
