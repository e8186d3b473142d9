"""A receiver in servers of other projects, with the sandbox as the sender.

``tests/interop/test_callbacks.py`` does the same with more frameworks.
"""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any, Dict, List

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from scaleapi.callbacks import CallbackEvent, Receiver
from tests.callbacks import servers as servers_module
from tests.callbacks.bodies import KEYS, LIVE, headers, task_body
from tests.callbacks.scenarios import (
    check_fifty_at_once,
    check_with_an_attacker,
    check_with_the_sandbox,
)
from tests.callbacks.servers import (
    SERVERS,
    TIMEOUT_S,
    request,
    run_example,
    send,
    uvicorn_server,
)
from tests.docs.blocks import ROOT, parts_of

servers = pytest.mark.parametrize("server", SERVERS)


@servers
def test_callbacks_of_the_sandbox_are_received(server: str) -> None:
    check_with_the_sandbox(SERVERS[server])


@servers
def test_what_is_not_a_callback_is_refused(server: str) -> None:
    check_with_an_attacker(SERVERS[server])


@servers
def test_fifty_at_once_are_each_handled_once(server: str) -> None:
    check_fifty_at_once(SERVERS[server])


@servers
def test_a_sender_that_breaks_off_is_survived(server: str) -> None:
    events: List[CallbackEvent] = []
    body = task_body()
    lines = [f"Scale-Callback-Auth: {LIVE}", f"Content-Length: {len(body)}"]
    with SERVERS[server](Receiver({"live": LIVE}, events.append)) as url:
        address = ("127.0.0.1", int(url.split(":")[2].split("/")[0]))
        for sent in (0, 1, len(body) - 1):
            with socket.create_connection(address, TIMEOUT_S) as connection:
                connection.sendall(request(url, body[:sent], *lines))
        assert send(url, request(url, body, *lines)) == 200
    assert [event.raw for event in events] == [body]


def test_each_example_of_a_framework_is_run_by_a_test() -> None:
    # Flask, Django and FastAPI are in tests/interop.
    parts = parts_of(ROOT / "docs" / "guides" / "callbacks.rst")
    titles = [
        before.text.split("**")[1]
        for before, part in zip(parts, parts[1:])
        if part.language == "py"
    ]
    tests = [ROOT / "tests" / "interop" / "test_callbacks.py", Path(__file__)]
    tests.append(Path(servers_module.__file__))
    run = "".join(path.read_text("utf-8") for path in tests)
    assert [title for title in titles if f'run_example("{title}"' not in run] == []
    assert len(titles) == 6


@pytest.mark.parametrize("path", ["/scale", "/scale/"])
def test_starlette_redirects_a_mounted_receiver_without_the_slash(path: str) -> None:
    events: List[CallbackEvent] = []
    receiver = Receiver({"live": LIVE}, events.append)
    app = Starlette(routes=[Mount("/scale", receiver.asgi)])
    body = task_body()
    lines = [f"Scale-Callback-Auth: {LIVE}", f"Content-Length: {len(body)}"]
    with uvicorn_server(app) as url:
        status = send(url, request(url.replace("/scale", path), body, *lines))
    assert (status, len(events)) == ((200, 1) if path == "/scale/" else (307, 0))


def test_the_example_without_a_framework_serves_both_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCALE_CALLBACK_KEY", LIVE)
    names = run_example("A server without a framework", Receiver(KEYS, print))
    made = names["receiver"]
    assert (names["wsgi"], names["asgi"]) == (made.wsgi, made.asgi)
    assert made.answer(headers(), task_body()) == (200, "handled")
    assert capsys.readouterr().out.startswith("CallbackEvent(task ")


def gateway(**changes: Any) -> Dict[str, Any]:
    """Return what API Gateway passes to a function."""
    return {
        "httpMethod": "POST",
        "headers": {"Scale-Callback-Auth": LIVE, "Host": "x.amazonaws.com"},
        "multiValueHeaders": {"Scale-Callback-Auth": [LIVE], "Host": ["x"]},
        "body": task_body("\u725b").decode(),
        "isBase64Encoded": False,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"multiValueHeaders": None}, 200),
        ({"headers": {"scale-callback-auth": LIVE}, "multiValueHeaders": None}, 200),
        ({"multiValueHeaders": {"scale-callback-auth": [LIVE, LIVE]}}, 401),
        ({"headers": {}, "multiValueHeaders": None}, 401),
        ({"body": None}, 400),
        ({"body": base64.b64encode(task_body("\u725b")), "isBase64Encoded": True}, 200),
    ],
)
def test_the_example_for_lambda_answers_what_api_gateway_passes(
    changes: Dict[str, Any], status: int
) -> None:
    events: List[CallbackEvent] = []
    names = run_example("AWS Lambda", Receiver(KEYS, events.append))
    answer = names["lambda_handler"](gateway(**changes), None)
    assert answer["statusCode"] == status
    assert [event.response for event in events] == ["\u725b"] * (status == 200)
