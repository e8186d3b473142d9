"""Callbacks, received by a server of the test's own."""

from __future__ import annotations

import json
import logging
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, Iterator, List

import pytest

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.services import callback_sender
from scaleapi.sandbox.services.callbacks import _RETRY_DELAYS_S

TEXT: Dict[str, Any] = {"attachments": [], "fields": []}


class Receiver:
    """Records requests; answers with the given statuses, then with 204."""

    def __init__(self) -> None:
        received = self.received = []  # type: List[Any]
        statuses = self.statuses = []  # type: List[int]

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(size))
                received.append((self.path, dict(self.headers), body))
                self.send_response(statuses.pop(0) if statuses else 204)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def live(sandbox: Sandbox) -> ScaleClient:
    return ScaleClient(sandbox.live_api_key, api_instance_url=sandbox.url)


def test_a_completed_task_is_posted_to_its_callback_url(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver
) -> None:
    task = live.create_task("textcollection", **TEXT, callback_url=receiver.url)
    assert sandbox.wait_for_callbacks()
    assert receiver.received == []
    done = sandbox.complete(task)
    assert sandbox.wait_for_callbacks()
    ((path, headers, body),) = receiver.received
    assert path == "/hook?a=1"
    assert headers["scale-callback-auth"] == sandbox.live_callback_key
    assert headers["Content-Type"] == "application/json"
    assert body == {
        "task_id": task.id,
        "response": done["response"],
        "task": done,
    }
    task.refresh()
    assert task.callback_succeeded is True
    assert task.callback_succeeded_at.endswith("Z")


def test_the_callback_of_a_test_task_has_the_test_callback_key(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
    client.create_task("textcollection", **TEXT, callback_url=receiver.url)
    assert sandbox.wait_for_callbacks()
    ((_, headers, _),) = receiver.received
    assert headers["scale-callback-auth"] == sandbox.callback_key
    assert len({sandbox.callback_key, sandbox.live_callback_key, sandbox.api_key}) == 3


def test_a_completed_batch_is_posted_too(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver
) -> None:
    live.create_project("p", "textcollection")
    live.create_batch("p", "b", callback=receiver.url)
    live.create_task("textcollection", **TEXT, batch="b")
    live.finalize_batch("b")
    sandbox.label(batch="b")
    assert sandbox.wait_for_callbacks()
    ((_, headers, body),) = receiver.received
    assert body == {"batch": live.get_batch("b").as_dict()}
    assert body["batch"]["status"] == "completed"
    assert headers["scale-callback-auth"] == sandbox.live_callback_key


def test_errors_and_audits_are_posted_and_cancels_are_not(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver
) -> None:
    def told() -> List[Any]:
        assert sandbox.wait_for_callbacks()
        bodies = [body for _, _, body in receiver.received]
        receiver.received.clear()
        assert all(set(body) == {"task_id", "response", "task"} for body in bodies)
        tasks = [body["task"] for body in bodies]
        return [(t["status"], t.get("customer_review_status")) for t in tasks]

    made = [
        live.create_task("textcollection", **TEXT, callback_url=receiver.url)
        for _ in range(3)
    ]
    made[0].cancel()
    assert told() == []
    sandbox.fail(made[1])
    assert told() == [("error", None)]
    sandbox.complete(made[2])
    assert told() == [("completed", None)]
    live.audit_task(made[2].id, True)
    assert told() == [("completed", "accepted")]
    sandbox.set(made[2], customer_review_status="fixed")
    assert told() == [("completed", "fixed")]
    sandbox.set(made[2], status="pending", metadata={"a": 1})
    assert told() == [("pending", "fixed")]


def test_a_failed_delivery_is_repeated_when_it_is_due(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver
) -> None:
    receiver.statuses += [500, 302, 404]
    task = live.create_task("textcollection", **TEXT, callback_url=receiver.url)
    sandbox.complete(task)
    for number in range(1, 5):
        assert sandbox.wait_for_callbacks()
        assert len(receiver.received) == number
        task.refresh()
        assert ("callback_succeeded" in task.as_dict()) is (number == 4)
        sandbox.clock.advance(
            _RETRY_DELAYS_S[number - 1] - ([0.0, *_RETRY_DELAYS_S][number - 1])
        )
    assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 4
    assert task.callback_succeeded is True


def test_a_delivery_is_given_up_after_twenty_further_tries_and_a_day(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver
) -> None:
    receiver.statuses += [500] * 100
    task = live.create_task("textcollection", **TEXT, callback_url=receiver.url)
    sandbox.complete(task)
    sandbox.clock.advance(24 * 3600 - 60)
    assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 20
    sandbox.clock.advance(120)
    assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 21
    task.refresh()
    assert task.callback_succeeded is False
    sandbox.clock.advance(48 * 3600)
    assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 21


def test_the_pauses_between_deliveries_grow_and_add_up_to_a_day() -> None:
    assert len(_RETRY_DELAYS_S) == 20
    assert _RETRY_DELAYS_S[-1] == pytest.approx(24 * 3600)
    steps = [b - a for a, b in zip([0.0, *_RETRY_DELAYS_S], _RETRY_DELAYS_S)]
    assert steps == sorted(steps)
    assert 5 < steps[0] < 60


@pytest.mark.parametrize(
    "url",
    [
        "someone@example.com",
        "mailto:someone@example.com",
        "",
        "ftp://127.0.0.1/",
        "http://[",
        "http://127.0.0.1:x/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:1/\r\nX: y",
    ],
)
def test_an_invalid_callback_url_is_ignored(
    sandbox: Sandbox, live: ScaleClient, url: str
) -> None:
    task = live.create_task("textcollection", **TEXT, callback_url=url)
    sandbox.complete(task)
    assert sandbox.wait_for_callbacks()
    task.refresh()
    assert "callback_succeeded" not in task.as_dict()


def test_callbacks_to_other_machines_are_not_sent_and_logged_once(
    sandbox: Sandbox, live: ScaleClient, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        task = live.create_task(
            "textcollection", **TEXT, callback_url="http://receiver.example/hook"
        )
        sandbox.complete(task)
    assert sandbox.wait_for_callbacks()
    (record,) = [r for r in caplog.records if "receiver.example" in r.getMessage()]
    assert record.levelno == logging.WARNING
    assert "callbacks_to" in record.getMessage()
    task.refresh()
    assert "callback_succeeded" not in task.as_dict()


def test_callbacks_to_reaches_the_hosts_that_it_allows(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = socket.getaddrinfo

    def looked_up(host: Any, *more: Any, **further: Any) -> Any:
        return known(
            "127.0.0.1" if host == "receiver.example" else host, *more, **further
        )

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    url = receiver.url.replace("127.0.0.1", "receiver.example")
    with Sandbox(callbacks_to=["Receiver.example"]) as sandbox:
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        client.create_task("textcollection", **TEXT, callback_url=url)
        assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 1


def test_stop_does_not_wait_for_a_receiver_that_hangs() -> None:
    import time

    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Sandbox() as sandbox:
            client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            client.create_task("textcollection", **TEXT, callback_url=url)
            connection, _ = silent.accept()
            assert connection.recv(10)
            assert not sandbox.wait_for_callbacks(0.05)
            begun = time.perf_counter()
        assert time.perf_counter() - begun < 3
        connection.close()


class Silent:
    """Accepts connections and answers single bytes, but never a complete answer."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.accepted: List[socket.socket] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._dawdle)
        self.thread.start()

    def _dawdle(self) -> None:
        self.listener.settimeout(0.01)
        while not self.over.wait(0.01):
            with suppress(socket.timeout):
                self.accepted.append(self.listener.accept()[0])
            for connection in self.accepted:
                with suppress(OSError):
                    connection.sendall(b"H")

    def close(self) -> None:
        self.over.set()
        self.thread.join()
        for each in (self.listener, *self.accepted):
            each.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    silent = Silent()
    yield silent
    silent.close()


def test_a_slow_receiver_does_not_delay_the_others(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver, silent: Silent
) -> None:
    for url in (silent.url, silent.url, receiver.url):
        sandbox.complete(live.create_task("textcollection", **TEXT, callback_url=url))
    while not receiver.received:
        assert not sandbox.wait_for_callbacks(0.01)
    assert len(silent.accepted) == 1


def test_slow_receivers_do_not_take_all_threads(
    sandbox: Sandbox,
    live: ScaleClient,
    receiver: Receiver,
    silent: Silent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(callback_sender, "TIMEOUT_S", 0.2)
    urls = [f"{silent.url}{number}" for number in range(12)]
    for url in urls:
        sandbox.complete(live.create_task("textcollection", **TEXT, callback_url=url))
    assert sandbox.wait_for_callbacks()
    monkeypatch.setattr(callback_sender, "TIMEOUT_S", 5.0)
    for url in (*urls, receiver.url):
        sandbox.complete(live.create_task("textcollection", **TEXT, callback_url=url))
    while not receiver.received:
        assert not sandbox.wait_for_callbacks(0.01)
    assert len(silent.accepted) <= len(urls) + 4


def test_callbacks_to_one_address_come_in_their_order(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
    ids = [
        client.create_task("textcollection", **TEXT, callback_url=receiver.url).id
        for _ in range(200)
    ]
    assert sandbox.wait_for_callbacks()
    assert [body["task_id"] for _, _, body in receiver.received] == ids


def test_a_delivery_that_stop_cuts_off_is_not_a_failed_attempt(
    tmp_path: Any, receiver: Receiver, silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    db = str(tmp_path / "state.db")
    with Sandbox(db=db) as sandbox:
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        client.create_task("textcollection", **TEXT, callback_url=silent.url)
        while not silent.accepted:
            assert not sandbox.wait_for_callbacks(0.01)
    assert "failed" not in caplog.text
    with Sandbox(db=db) as sandbox:
        while len(silent.accepted) < 2:  # due immediately
            assert not sandbox.wait_for_callbacks(0.01)


def test_a_slow_receiver_is_given_up_after_the_time_out(
    sandbox: Sandbox,
    live: ScaleClient,
    silent: Silent,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(callback_sender, "TIMEOUT_S", 0.2)
    task = live.create_task("textcollection", **TEXT, callback_url=silent.url)
    sandbox.complete(task)
    assert sandbox.wait_for_callbacks()
    assert f"callback to {silent.url} failed, try 1 of 21: no answer" in caplog.text


def test_reset_forgets_pending_deliveries_and_logged_hosts(
    sandbox: Sandbox,
    live: ScaleClient,
    receiver: Receiver,
    silent: Silent,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for times in (1, 2):
        for url in (silent.url, "http://receiver.example/"):
            task = live.create_task("textcollection", **TEXT, callback_url=url)
            sandbox.complete(task)
        while "receiver.example" not in caplog.text or len(silent.accepted) < times:
            sandbox.wait_for_callbacks(0.01)
        sandbox.reset()
        assert sandbox.wait_for_callbacks()
        caplog.clear()
    task = live.create_task("textcollection", **TEXT, callback_url=receiver.url)
    sandbox.complete(task)
    assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("tail", "path"),
    [
        ("/fertig/über", "/fertig/%C3%BCber"),
        ("/a b?c d", "/a%20b?c%20d"),
        ("/a%20b?c=%2F&d", "/a%20b?c=%2F&d"),
        ("?c", "/?c"),
        ("", "/"),
    ],
)
def test_a_callback_url_is_quoted_where_necessary(
    sandbox: Sandbox, live: ScaleClient, receiver: Receiver, tail: str, path: str
) -> None:
    url = receiver.url.replace("/hook?a=1", tail)
    sandbox.complete(live.create_task("textcollection", **TEXT, callback_url=url))
    assert sandbox.wait_for_callbacks()
    assert [received[0] for received in receiver.received] == [path]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://[::1/x", "is not a valid URL"),
        ("http://127.0.0.1:99999/", "is not a valid URL"),
        ("http://127.0.0.1:1/", "failed, try 1 of 21: [Errno"),
    ],
)
def test_the_log_says_why_a_callback_could_not_be_delivered(
    sandbox: Sandbox,
    live: ScaleClient,
    caplog: pytest.LogCaptureFixture,
    url: str,
    reason: str,
) -> None:
    sandbox.complete(live.create_task("textcollection", **TEXT, callback_url=url))
    assert sandbox.wait_for_callbacks()
    (record,) = [r for r in caplog.records if url in r.getMessage()]
    assert reason in record.getMessage()
    assert record.levelno == logging.WARNING


def test_pending_callbacks_are_delivered_after_a_restart(
    tmp_path: Any, receiver: Receiver
) -> None:
    db = str(tmp_path / "state.db")
    receiver.statuses.append(500)
    with Sandbox(db=db) as sandbox:
        client = ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        client.create_task("textcollection", **TEXT, callback_url=receiver.url)
        assert sandbox.wait_for_callbacks()
    with Sandbox(db=db) as sandbox:
        sandbox.clock.advance(60)
        assert sandbox.wait_for_callbacks()
    assert len(receiver.received) == 2
