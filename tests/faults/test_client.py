"""The client: options, blocks, threads, forks, copies and pickles."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import threading
from traceback import TracebackException
from typing import Any, List

import pytest

from scaleapi import ScaleClient, ScaleException, ScaleValueError
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer, Received

OK = Answer(200, {"task_id": "1"})


@pytest.mark.parametrize("timeout", [None, 5, 0.5, (1, None), [1, 2]])
def test_timeout_is_a_number_or_a_pair_of_numbers(
    fault_server: FaultServer, timeout: Any
) -> None:
    fault_server.play(OK)
    client = ScaleClient("test_x", None, fault_server.url, timeout=timeout)
    assert client.get_task("1").id == "1"


@pytest.mark.parametrize(
    "option",
    [
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "5"},
        {"timeout": (1, 2, 3)},
        {"timeout": (1, 0)},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"pool_size": 0},
        {"pool_size": None},
    ],
)
def test_the_error_for_an_invalid_option_names_it(option: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(option))):
        ScaleClient("test_x", **option)


def test_without_api_key_the_client_uses_scale_api_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCALE_API_KEY", "test_environment")
    assert ScaleClient().api.api_key == "test_environment"
    assert ScaleClient(None).api.api_key == "test_environment"
    assert ScaleClient("test_mine").api.api_key == "test_mine"
    with pytest.raises(ScaleException, match="valid API Key"):
        ScaleClient("")
    monkeypatch.setenv("SCALE_API_KEY", "")
    with pytest.raises(ScaleException, match="valid API Key"):
        ScaleClient()


def test_the_address_of_the_environment_is_read_when_a_client_is_made(
    fault_server: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fault_server.play(OK)
    before = ScaleClient("test_x")
    monkeypatch.setenv("SCALE_API_URL", f" {fault_server.url}/\n")
    client = ScaleClient("live_x", api_instance_url="")
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("WARNING", f"SCALE_API_URL is set: requests go to {fault_server.url}")
    ]
    caplog.clear()
    explicit = ScaleClient("test_x", api_instance_url="https://example.com/v1")
    assert caplog.records == []
    monkeypatch.delenv("SCALE_API_URL")
    for each in (client, pickle.loads(pickle.dumps(client)), copy.copy(client)):
        assert repr(each) == f"ScaleClient({fault_server.url!r})"
        assert each.get_task("1").id == "1"
        each.close()
    monkeypatch.setenv("SCALE_API_URL", "https://other.example/v1")
    after = pickle.loads(pickle.dumps(before))
    for unmoved in (before, after):
        assert repr(unmoved) == "ScaleClient('https://api.scale.com/v1')"
    assert repr(explicit) == "ScaleClient('https://example.com/v1')"
    monkeypatch.setenv("SCALE_API_URL", " ")
    assert repr(ScaleClient("test_x")) == "ScaleClient('https://api.scale.com/v1')"


@pytest.mark.parametrize("key", ["live_secret", "scaleint_1|secret", "secret"])
def test_a_live_key_does_not_follow_the_environment_over_plain_http(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SCALE_API_URL", "HTTP://user:hidden@sandbox.example:4010/v1")
    with pytest.raises(ScaleValueError, match="would be sent there unencr") as caught:
        ScaleClient(key)
    # Without the frame of this test, which knows the key.
    trace = caught.value.__traceback__
    caught.value.__traceback__ = trace and trace.tb_next
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(shown.format())
    assert "secret" not in text and "hidden" not in text
    assert "sandbox.example:4010/v1" in text
    ScaleClient("test_x")
    ScaleClient("scaleint_1|test")
    ScaleClient(key, api_instance_url="http://sandbox.example:4010/v1")
    for address in ("https://sandbox.example/v1", "http://[::1]:4010/v1"):
        monkeypatch.setenv("SCALE_API_URL", address)
        assert ScaleClient(key).api.base_api_url == address


def test_an_address_of_the_environment_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCALE_API_URL", "localhost:4010/v1")
    with pytest.raises(
        ScaleValueError, match=r"^SCALE_API_URL must begin with https://"
    ):
        ScaleClient("test_x")


def test_a_client_is_closed_by_its_with_block_and_can_be_used_again(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    with ScaleClient("test_x", None, fault_server.url) as client:
        client.get_task("1")
        client.get_task("1")
    assert fault_server.connections == 1
    client.get_task("1")
    assert fault_server.connections == 2
    client.close()


def test_many_threads_share_one_client_and_each_gets_its_answer(
    fault_server: FaultServer,
) -> None:
    def echo(request: Received) -> Answer:
        return Answer(200, {"task_id": request.target.rpartition("/")[2]})

    fault_server.play(echo)
    client = ScaleClient("test_x", None, fault_server.url)
    wrong: List[Any] = []
    barrier = threading.Barrier(64)

    def work(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            for i in range(10):
                task_id = f"{number}-{i}"
                if client.get_task(task_id).id != task_id:
                    wrong.append(task_id)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(fault_server.received) == 640
    assert fault_server.connections <= 64
    client.close()


#: Calls before a fork, in the child and after it. The tests do not fork themselves:
#: their threads may hold locks, for which a child would wait forever.
FORKS = """
import json, os, sys
import requests
from scaleapi import ScaleClient

job = json.loads(sys.argv[1])
client = ScaleClient("test_x", None, job["url"], job["verify"])
if job["own_session"]:
    client.api.session = requests.Session()
else:
    client.api.session.headers["X-Mine"] = "kept"
client.get_task("1")
child = os.fork()
if child == 0:
    status = 1
    try:
        client.get_task("2")
        client.get_task("3")
        status = 0
    finally:
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
client.get_task("4")
"""


def fork(server: FaultServer, **job: Any) -> None:
    whole = {"url": server.url, "verify": None, "own_session": False, **job}
    done = subprocess.run(
        [sys.executable, "-c", FORKS, json.dumps(whole)],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("secure", [False, True])
def test_a_forked_child_does_not_use_the_connection_of_its_parent(
    fault_server: FaultServer, tls_server: FaultServer, roots: str, secure: bool
) -> None:
    server = tls_server if secure else fault_server
    server.play(OK)
    fork(server, verify=roots if secure else None)
    by_connection = {
        request.target.rpartition("/")[2]: request.connection
        for request in server.received
    }
    assert by_connection == {"1": 1, "2": 2, "3": 2, "4": 1}
    assert {request.headers["x-mine"] for request in server.received} == {"kept"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_session_that_the_user_set_can_be_used_after_a_fork(
    fault_server: FaultServer,
) -> None:
    fault_server.play(OK)
    fork(fault_server, own_session=True)
    connections = [request.connection for request in fault_server.received]
    assert connections == [1, 2, 2, 1]


@pytest.mark.parametrize(
    "again", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_a_copied_client_has_the_key_and_connections_of_its_own(
    fault_server: FaultServer, again: Any
) -> None:
    fault_server.play(OK)
    client = ScaleClient(
        "test_key",
        "source",
        fault_server.url,
        timeout=(1, 2),
        max_retries=1,
        auto_unique_id=True,
    )
    client.get_task("1")
    copied = again(client)
    assert copied.get_task("1") == client.get_task("1")
    assert {request.connection for request in fault_server.received} == {1, 2}
    headers = [request.headers for request in fault_server.received]
    assert headers[0] == headers[1] == headers[2]
    assert copied.api.auto_unique_id is True
    assert copied.api._timeout == (1, 2)


def square_of_status(task: Any) -> str:
    task.refresh()
    return str(task.status)


@pytest.mark.skipif(sys.platform == "win32", reason="slow to start processes")
def test_a_client_can_be_sent_to_other_processes(sandbox: Sandbox) -> None:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    client = ScaleClient("test_processes", api_instance_url=sandbox.url)
    tasks = [
        client.create_task("textcollection", attachments=[], fields=[])
        for _ in range(4)
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(square_of_status, tasks)) == ["completed"] * 4
