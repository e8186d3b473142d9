"""The faster session: work that is done once and not for each request."""

from __future__ import annotations

import base64
import http.client
from typing import Any, List

import pytest

from scaleapi import ScaleClient
from scaleapi._transport import speedups
from scaleapi.exceptions import ScaleException
from tests.faultserver import FaultServer


def test_a_client_reads_the_certificates_once_for_all_connections(
    tls_server: FaultServer, roots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: List[int] = []
    make = speedups.create_urllib3_context

    def counted(**options: Any) -> Any:
        made.append(1)
        return make(**options)

    monkeypatch.setattr(speedups, "create_urllib3_context", counted)
    client = ScaleClient("test_x", None, tls_server.url, roots)
    for address in ("localhost", "LOCALHOST", "localhost"):
        client.api.base_api_url = tls_server.url.replace("localhost", address)
        assert client.get_task("1").id == "1"
    assert len(made) == 1


@pytest.mark.parametrize("size, sends", [(1_000, 1), (200_000, 5)])
def test_headers_and_a_short_body_are_sent_together(
    fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch, size: int, sends: int
) -> None:
    sent: List[bytes] = []
    send = http.client.HTTPConnection.send

    def counted(self: Any, data: bytes) -> None:
        sent.append(data)
        send(self, data)

    monkeypatch.setattr(http.client.HTTPConnection, "send", counted)
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    client.api.post_request("task/imageannotation", body={"instruction": "x" * size})
    assert fault_server.received[0].json == {"instruction": "x" * size}
    assert len(sent) == sends


def test_a_request_that_cannot_be_encoded_leaves_nothing_to_send(
    fault_server: FaultServer,
) -> None:
    client = ScaleClient("test_x", api_instance_url=fault_server.url, max_retries=0)
    client.api.session.headers["X-Team"] = "a\nb"
    with pytest.raises(ScaleException):
        client.api.post_request("task/imageannotation", body={"a": 1})
    del client.api.session.headers["X-Team"]
    client.api.post_request("task/imageannotation", body={"a": 2})
    assert [request.json for request in fault_server.received] == [{"a": 2}]


def test_a_key_that_a_user_replaces_is_sent_from_then_on(
    fault_server: FaultServer,
) -> None:
    client = ScaleClient("test_x", api_instance_url=fault_server.url)
    auth: Any = client.api.session.auth
    for key in ("test_x", "test_y", "test_x"):
        auth.username = key
        client.api.get_request("task/1")
        header = fault_server.received[-1].headers["authorization"]
        assert base64.b64decode(header.partition(" ")[2]) == f"{key}:".encode()
