"""Callbacks in web frameworks, as the guide shows. Run by ``tox -e interop``."""

from __future__ import annotations

import sys
import types
from typing import Any, Callable, Dict

import pytest

from scaleapi.callbacks import CallbackRejected, Receiver, parse_callback
from tests.callbacks.bodies import KEYS, LIVE, task_body
from tests.callbacks.scenarios import (
    check_fifty_at_once,
    check_with_an_attacker,
    check_with_the_sandbox,
)
from tests.callbacks.servers import run_example, uvicorn_server, wsgiref_server

django = pytest.importorskip("django")
datastructures = pytest.importorskip("werkzeug.datastructures")


def in_flask(receiver: Receiver) -> Any:
    return wsgiref_server(run_example("Flask", receiver)["app"])


def in_django(receiver: Receiver) -> Any:
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.urls import clear_url_caches

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            DATA_UPLOAD_MAX_MEMORY_SIZE=None,
            LOGGING_CONFIG=None,
            ROOT_URLCONF="urls_of_the_example",
        )
        django.setup()
    module = types.ModuleType("urls_of_the_example")
    vars(module).update(run_example("Django", receiver))
    sys.modules["urls_of_the_example"] = module
    clear_url_caches()
    return wsgiref_server(WSGIHandler())


def in_fastapi(receiver: Receiver) -> Any:
    return uvicorn_server(run_example("FastAPI", receiver)["app"])


SERVERS: Dict[str, Callable[[Receiver], Any]] = {
    "Flask": in_flask,
    "Django": in_django,
    "FastAPI": in_fastapi,
}
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


PAIRS = [("Scale-Callback-Auth", LIVE), ("Host", "x")]
ENVIRON = {"HTTP_SCALE_CALLBACK_AUTH": LIVE, "REQUEST_METHOD": "POST", "wsgi.input": 1}


def test_the_headers_of_each_framework_are_read() -> None:
    from django.http.request import HttpHeaders

    for headers in (
        datastructures.Headers(PAIRS),
        datastructures.EnvironHeaders(ENVIRON),
        HttpHeaders(ENVIRON),
        ENVIRON,
    ):
        assert parse_callback(task_body(), headers, KEYS).live


def test_werkzeug_shows_a_header_that_is_repeated() -> None:
    headers = datastructures.Headers([*PAIRS, *PAIRS])
    with pytest.raises(CallbackRejected) as caught:
        parse_callback(task_body(), headers, KEYS)
    assert caught.value.reason == "repeated_key"
