"""Unusual but valid forms of HTTP requests."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any, Optional, Tuple

import pytest
import requests

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller


def raw(sandbox: Sandbox, target: bytes, host: bytes, key: str) -> Tuple[int, Any]:
    """Send a request whose target and host are sent as they are."""
    address, _, port = sandbox.url.split("/")[2].partition(":")
    authorization = requests.auth._basic_auth_str(key, "").encode()
    with socket.create_connection((address, int(port)), timeout=10) as connection:
        connection.sendall(
            b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n"
            b"Connection: close\r\nAuthorization: " + authorization + b"\r\n\r\n"
        )
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            assert answer.headers["content-type"] == "application/json"
            return answer.status, json.loads(answer.read())


def test_a_request_target_may_be_an_absolute_url(
    sandbox: Sandbox, call: Caller
) -> None:
    call("POST", "projects", json={"type": "chat", "name": "é"})
    for target in (b"http://localhost/v1/projects/%C3%A9", b"/v1/projects/%C3%A9"):
        status, project = raw(sandbox, target, b"localhost", call.key)
        assert (status, project["name"]) == (200, "é")
    assert raw(sandbox, b"http://localhost/v1", b"localhost", call.key)[0] == 404


def test_a_request_target_that_is_not_ascii_is_answered_in_json(
    sandbox: Sandbox, call: Caller
) -> None:
    status, body = raw(sandbox, "/v1/projects/é".encode(), b"localhost", call.key)
    assert status == body["status_code"] == 400


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("tasks", {"GET", "HEAD"}),
        ("batches", {"GET", "HEAD", "POST"}),
        ("task/x", {"GET", "HEAD", "POST"}),
        ("task/x/tags", {"POST", "PUT", "DELETE"}),
        ("studio/projects/p/groups", {"GET", "HEAD", "POST"}),
    ],
)
def test_a_405_lists_the_allowed_methods(call: Caller, path: str, methods: Any) -> None:
    response = call.session.patch(f"{call.url}/{path}", timeout=10)
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == methods


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("localhost:1", True),
        ("127.0.0.1:9", True),
        ("[::1]:9", True),
        ("sub.localhost", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("192.0.2.1", False),
        ("[", False),
        ("", False),
    ],
)
def test_only_host_names_of_this_machine_are_accepted(
    sandbox: Sandbox, call: Caller, host: str, known: bool
) -> None:
    status, _ = raw(sandbox, b"/v1/projects", host.encode(), call.key)
    assert status == (200 if known else 403)
    target = f"http://{host}/v1/projects".encode()
    if host not in ("[", ""):
        assert raw(sandbox, target, b"localhost", call.key)[0] == status


def test_the_address_that_the_sandbox_listens_on_is_accepted(call: Caller) -> None:
    with Sandbox(host="0.0.0.0") as everywhere:
        port = int(everywhere.url.split(":")[2].split("/")[0])
        url = f"http://127.0.0.1:{port}/v1/projects"
        for host, status in (("192.0.2.1", 200), ("evil.example", 403)):
            answer = requests.get(
                url, auth=(call.key, ""), headers={"Host": host}, timeout=10
            )
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.0.2.1:4010", "http://192.0.2.1:4010"),
        ("[::1]:4010", "http://[::1]:4010"),
        ("localhost", "http://localhost"),
        ("x@127.0.0.1", None),
        ("127.0.0.1/evil", None),
    ],
)
def test_urls_of_results_begin_with_the_host_of_the_request(
    call: Caller, host: str, origin: Optional[str]
) -> None:
    with Sandbox(host="0.0.0.0") as everywhere:
        own = everywhere.url[: -len("/v1")]
        assert own.startswith("http://127.0.0.1:")
        client = ScaleClient(call.key, api_instance_url=everywhere.url)
        task = client.create_task(
            "segmentannotation",
            attachment="https://example.com/1.jpg",
            labels=["cow"],
        )
        task.refresh()
        address = task.response["annotations"]["combined"]["image"]
        assert address.startswith(f"{own}/results/")
        there = requests.get(
            f"{everywhere.url}/task/{task.id}",
            auth=(call.key, ""),
            headers={"Host": host},
            timeout=10,
        ).json()
        shown = there["response"]["annotations"]["combined"]["image"]
        assert shown == address.replace(own, origin or own)
