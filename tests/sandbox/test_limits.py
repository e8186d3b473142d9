"""One client cannot block the others: slow, idle, many, or with large bodies."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator, List, Tuple

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleClient
from scaleapi.sandbox import Sandbox, server
from scaleapi.sandbox.web import bodies, limits
from scaleapi.sandbox.web.limits import Head
from scaleapi.sandbox.web.responses import encoded
from tests.sandbox.calling import Caller

#: Seconds that a test waits at most for something that should happen at once.
PATIENCE_S = 30
HEAD = b"GET /v1/projects HTTP/1.1\r\nHost: localhost\r\n"
#: The user name test_k, without a password.
KEY = b"Authorization: Basic dGVzdF9rOg==\r\n"


@pytest.fixture
def own(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox of which the test may take all connections."""
    with Sandbox() as sandbox:
        yield sandbox


def connected(sandbox: Sandbox) -> socket.socket:
    host, _, port = sandbox.url.split("/")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


def answer_on(connection: socket.socket) -> Tuple[int, Any, Any]:
    """Return status, headers and body of the answer on a connection."""
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        return answer.status, answer.headers, json.loads(answer.read())


def demand_refused(connection: socket.socket, status: int, text: str) -> None:
    """Check that the answer has the API's form, and that the connection is closed."""
    found, headers, body = answer_on(connection)
    assert (found, body["status_code"]) == (status, status)
    assert text in body["error"]
    assert headers["Connection"] == "close"
    assert connection.recv(1) == b""


@pytest.mark.parametrize("begun", [b"G", b"GET /v1/tasks", HEAD, HEAD + KEY])
def test_a_head_that_takes_too_long_is_rejected(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(limits, "HEAD_TIMEOUT_S", 0.2)
    with connected(own) as connection:
        connection.sendall(begun)
        demand_refused(connection, 408, "head of the request took longer than 0.2 s")


def test_a_head_that_arrives_byte_by_byte_is_rejected_after_the_time_out(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HEAD_TIMEOUT_S", 0.3)
    with connected(own) as connection:
        connection.sendall(HEAD)
        connection.settimeout(0.05)
        begun = time.monotonic()
        received = b""
        while not received and time.monotonic() - begun < PATIENCE_S:
            connection.sendall(b"a: b\r\n")
            try:
                received = connection.recv(100)
            except socket.timeout:
                continue
        assert received.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("path", "kind", "begun"),
    [
        (b"projects", b"application/json", b'{"type": "chat", '),
        (b"projects", b"application/json", b""),
        (b"nowhere", b"application/json", b"{"),
        (
            b"files/upload",
            b"multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"'
            b"\r\n\r\nx",
        ),
    ],
)
def test_a_body_that_stops_is_rejected(
    own: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    path: bytes,
    kind: bytes,
    begun: bytes,
) -> None:
    monkeypatch.setattr(limits, "BODY_TIMEOUT_S", 0.2)
    with connected(own) as connection:
        connection.sendall(
            b"POST /v1/" + path + b" HTTP/1.1\r\nHost: localhost\r\n" + KEY
            + b"Content-Length: 1000\r\nContent-Type: " + kind + b"\r\n\r\n" + begun
        )  # fmt: skip
        demand_refused(connection, 408, "Nothing came of the request's body for 0.2 s")
    assert requests.get(f"{own.url}/projects", auth=("test_k", "")).json() == []


def test_a_slow_body_is_accepted_while_it_continues(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_TIMEOUT_S", 2.0)
    body = b'{"type": "chat", "name": "p"}'
    with connected(own) as connection:
        connection.sendall(
            b"POST /v1/projects HTTP/1.1\r\nHost: localhost\r\n" + KEY
            + b"Content-Length: %d\r\n\r\n" % len(body)
        )  # fmt: skip
        connection.settimeout(0.1)
        for place in range(len(body) - 1):
            connection.sendall(body[place : place + 1])
            with pytest.raises(socket.timeout):
                connection.recv(1)
        connection.settimeout(PATIENCE_S)
        connection.sendall(body[-1:])
        assert answer_on(connection)[0] == 200


@pytest.mark.parametrize("asked_before", [True, False])
def test_an_idle_connection_is_kept(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch, asked_before: bool
) -> None:
    assert server._KEEP_ALIVE_S >= 75
    for name in ("HEAD_TIMEOUT_S", "BODY_TIMEOUT_S", "ANSWER_TIMEOUT_S"):
        monkeypatch.setattr(limits, name, 0.1)
    with connected(own) as connection:
        for wait in (asked_before, True):
            if not wait:
                continue
            connection.settimeout(0.5)
            with pytest.raises(socket.timeout):
                connection.recv(1)
            connection.settimeout(PATIENCE_S)
            connection.sendall(HEAD + KEY + b"\r\n")
            assert answer_on(connection)[0] == 200


def test_an_idle_connection_is_closed_after_the_keep_alive_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 0.2)
    with Sandbox() as own, connected(own) as new, connected(own) as used:
        used.sendall(HEAD + KEY + b"\r\n")
        assert answer_on(used)[0] == 200
        # No answer is sent: a client would take it for the answer to its next request.
        assert new.recv(1) == used.recv(1) == b""


def test_connections_beyond_the_limit_are_rejected(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONNECTIONS", 3)
    for _ in range(5):
        idle = [connected(own) for _ in range(3)]
        for one_too_many in range(3):
            with connected(own) as connection:
                if one_too_many:
                    connection.sendall(HEAD + KEY + b"\r\n")
                status, headers, body = answer_on(connection)
                assert (status, headers["Retry-After"]) == (503, "1")
                assert "3 connections" in body["error"]
                assert headers["Connection"] == "close"
                assert connection.recv(1) == b""
        idle[0].sendall(HEAD + KEY + b"\r\n")
        assert answer_on(idle[0])[0] == 200
        for connection in idle:
            connection.close()


def test_a_client_succeeds_when_a_connection_is_free_again(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONNECTIONS", 1)
    idle = connected(own)
    idle.sendall(HEAD + KEY + b"\r\n")
    assert answer_on(idle)[0] == 200
    waits: List[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        idle.close()

    monkeypatch.setattr("time.sleep", wait)
    with ScaleClient("test_k", api_instance_url=own.url) as client:
        assert client.create_project("p", "chat").name == "p"
    assert waits


def test_the_sandbox_accepts_connections_after_rejecting_many(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(limits, "MAX_REFUSED_AT_ONCE", 3)
    idle = [connected(own) for _ in range(2)]
    refused = [connected(own) for _ in range(20)]
    for connection in refused:
        received = connection.recv(1000)
        assert received.startswith(b"HTTP/1.1 503 ")
    for connection in (*idle, *refused):
        connection.close()
    monkeypatch.undo()
    assert requests.get(f"{own.url}/projects", auth=("test_k", "")).json() == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /v1/" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /v1/" + b"%41" * 30_000, 414),
        (HEAD + b"a:\r\n" * 201 + b"\r\n", 431),
        (HEAD + b"a:\r\n" * 900_000, 431),
        (HEAD + b"a: " + b" b" * 40_000, 431),
        (HEAD + b"a: " + b"b" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /v1/tasks?" + b"a&" * 3_000_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
    ids=range(8),
)
def test_a_head_that_is_too_large_is_rejected(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch, sent: bytes, status: int
) -> None:
    monkeypatch.setattr(limits, "HEAD_TIMEOUT_S", 2.0)
    with connected(own) as connection:
        connection.sendall(sent)
        if status == 400:
            connection.sendall(b"\r\n\r\n")
        demand_refused(connection, status, "")


def test_a_long_query_and_many_headers_are_accepted(own: Sandbox) -> None:
    query = b"GET /v1/tasks?unique_id=" + b"a" * 3_000_000 + b" HTTP/1.1\r\n"
    headers = b"Host: localhost\r\n" + KEY + b"a: b\r\n" * 150
    with connected(own) as connection:
        for _ in range(2):
            connection.sendall(query + headers + b"\r\n")
            assert answer_on(connection)[0] == 200
        # Sent at once, before the first of them is answered.
        connection.sendall((query + headers + b"\r\n") * 2)
        assert answer_on(connection)[0] == 200


@given(st.lists(st.integers(0, 200), max_size=8), st.sampled_from([b"\r\n", b"\n"]))
def test_the_size_of_a_head_does_not_depend_on_how_it_is_split(
    cuts: List[int], end: bytes
) -> None:
    head = end.join((b"GET /v1/tasks?a=1 HTTP/1.1", b"a: b", b"c: d", b"", b""))
    data = head + b"body\n\n" * 20
    whole, parts = Head(0), Head(0)
    assert whole.add(data) is None
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for first, last in zip(places, places[1:]):
        # Bytes after the end of a head no longer count.
        if first < len(head):
            assert parts.add(data[first:last]) is None
    counts = ("_size", "_path", "_first_line", "_lines")
    for name in counts:
        assert getattr(parts, name) == getattr(whole, name)
    assert whole._size == len(head)
    assert whole._path == len(b"GET /v1/tasks")


def attachment(sandbox: Sandbox, size: int) -> str:
    """Return the signed address, without its host, of an upload."""
    with ScaleClient("test_k", api_instance_url=sandbox.url) as client:
        file = client.upload_file(b"\0" * size)
        task = client.create_task(
            "categorization", attachment=file.attachment_url, categories=["a"]
        )
        query = {"include_attachment_url": True}
        found = client.api.get_request(f"task/{task.id}", query)
    address = str(found["attachmentS3Downloads"][0]["s3URL"])
    return address[len(sandbox.url) - len("/v1") :]


def begin_download(sandbox: Sandbox, path: str) -> socket.socket:
    connection = connected(sandbox)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def test_a_client_that_does_not_read_is_cut_off(
    own: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_TIMEOUT_S", 0.3)
    path = attachment(own, 60 << 20)
    monkeypatch.setattr(limits, "MAX_CONNECTIONS", 1)
    with begin_download(own, path):
        end = time.monotonic() + PATIENCE_S
        status = 503
        while status == 503 and time.monotonic() < end:
            with connected(own) as another:
                another.sendall(HEAD + KEY + b"\r\n")
                status = answer_on(another)[0]
        # Its connection is free although the client never closed its end.
        assert status == 200


def test_stop_does_not_wait_for_a_client_that_does_not_read() -> None:
    with Sandbox() as sandbox:
        connection = begin_download(sandbox, attachment(sandbox, 60 << 20))
        begun = time.perf_counter()
    assert time.perf_counter() - begun < 4.5
    connection.close()


class Blocked:
    """Wraps a function, and lets its calls wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.entered, self.go = threading.Semaphore(0), threading.Event()
        self._function = getattr(owner, name)
        monkeypatch.setattr(owner, name, self)

    def __call__(self, *arguments: Any) -> Any:
        self.entered.release()
        assert self.go.wait(PATIENCE_S)
        return self._function(*arguments)


@pytest.mark.parametrize(
    ("function", "sent"),
    [
        ("parse_json", {"path": "projects", "json": {"type": "chat", "name": "p"}}),
        ("identify", {"path": "files/upload", "files": {"file": b"P6 1 1"}}),
        ("etag_of", {"path": "files/upload", "files": {"file": b"x"}}),
    ],
)
def test_others_are_answered_while_a_body_is_read(
    call: Caller,
    live: Caller,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    sent: Any,
) -> None:
    with monkeypatch.context() as patch, ThreadPoolExecutor() as pool:
        blocked = Blocked(patch, bodies, function)
        answer = pool.submit(call, "POST", **sent)
        assert blocked.entered.acquire(timeout=PATIENCE_S)
        try:
            assert live("GET", "projects") == (200, [])
            # A request that writes without having a body.
            assert live("POST", "task/none/cancel")[0] == 404
            assert not answer.done()
        finally:
            blocked.go.set()
        assert answer.result()[0] == 200


def test_reads_are_answered_while_many_clients_write(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 60
    reader = Caller(sandbox.url)
    writers = [Caller(sandbox.url) for _ in range(number)]
    body = {"type": "chat", "name": "p"}
    with monkeypatch.context() as patch, ThreadPoolExecutor(number) as pool:
        blocked = Blocked(patch, bodies, "parse_json")
        answers = [pool.submit(w, "POST", "projects", json=body) for w in writers]
        assert blocked.entered.acquire(timeout=PATIENCE_S)
        try:
            for _ in range(20):
                assert reader("GET", "projects") == (200, [])
        finally:
            blocked.go.set()
        assert {answer.result()[0] for answer in answers} == {200}
    for caller in (reader, *writers):
        caller.session.close()


def worst_wait(call: Caller, done: threading.Event) -> float:
    """Return the longest duration of a GET until an event is set."""
    worst = 0.0
    while not done.is_set():
        begun = time.perf_counter()
        assert call("GET", "projects")[0] == 200
        worst = max(worst, time.perf_counter() - begun)
    return worst


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"[" + b"1" * 308 + (b"," + b"1" * 308) * 32_000 + b"]", 200),
        (b'"' + b"1" * 9_900_000 + b'"', 200),
        (b"9" * 9_900_000, 400),
        (b"[" * 4_900_000 + b"]" * 4_900_000, 400),
        (b"[" + b"[]," * 3_300_000 + b"1]", 400),
    ],
    ids=range(5),
)
def test_a_json_body_of_10_mb_does_not_block_other_requests(
    call: Caller, live: Caller, content: bytes, status: int
) -> None:
    body = b'{"type": "chat", "name": "p", "params": {"a": ' + content + b"}}"
    done = threading.Event()
    with ThreadPoolExecutor() as pool:
        waited = pool.submit(worst_wait, live, done)
        try:
            assert call("POST", "projects", data=body)[0] == status
        finally:
            done.set()
        # It takes 0.2 s on an idle machine; with the fault it took 5 to 10 s.
        assert waited.result() < 3


def test_brackets_in_json_strings_are_not_counted() -> None:
    for text in ("[{" * 600_000, '\\"[' * 600_000, "\\\\[" * 600_000):
        assert bodies.parse_json(json.dumps([text])) == [text]
    with pytest.raises(ValueError, match="1000000 arrays"):
        bodies.parse_json(json.dumps(["\\", "\\\\"] + [[]] * 1_000_001))


@pytest.mark.parametrize("text", ["9" * 4301, "-" + "9" * 5000, "9" * 250 + "e99"])
def test_a_number_that_is_too_large_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        bodies.parse_json(f'{{"a": [{text}]}}')
    assert bodies.parse_json(f'["{text}", {"9" * 4300}]')[0] == text


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (b"a" * 9_000 + b': b\r\nContent-Disposition: form-data; name="a"', b""),
        (b"Content-Disposition: form-data; name=" + b'"";' * 3_000, b""),
        (b"", b"; a=" + b'"";' * 3_000),
    ],
    ids=range(3),
)
def test_a_form_with_long_headers_is_rejected(
    call: Caller, parts: bytes, kind: bytes
) -> None:
    kind = b"multipart/form-data; boundary=B" + kind
    body = b"--B\r\n" + parts + b"\r\n\r\nx\r\n--B--\r\n"
    headers = {"Content-Type": kind}
    assert call("POST", "files/upload", data=body, headers=headers)[0] == 400


def test_the_request_log_keeps_a_limited_number_of_header_bytes(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.requests.clear()
    monkeypatch.setattr(
        "scaleapi.sandbox.services.request_log._MAX_HEADS_BYTES", 50_000
    )
    for number in range(8):
        requests.get(f"{sandbox.url}/{number}?a={'x' * 10_000}", timeout=10)
    assert [r.path for r in sandbox.requests] == [f"/v1/{n}" for n in range(4, 8)]
    assert sandbox.requests[-1].query == {"a": ["x" * 10_000]}


def test_a_body_of_a_forgotten_request_is_not_counted(own: Sandbox) -> None:
    request_log = own.requests
    request = request_log.record("GET", "/v1/x", b"a=b", [])
    request_log.append_body(request, b"1")
    request_log.clear()
    request_log.append_body(request, b"2")
    assert request_log._body_bytes == request_log._head_bytes == 0
    assert request.body == b"1"


def test_long_lists_are_encoded_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: List[Any] = []

    class Encoder(json.JSONEncoder):
        def encode(self, o: Any) -> str:
            parts.append(o)
            return super().encode(o)

    monkeypatch.setattr("scaleapi.sandbox.web.responses._JSON", Encoder())
    answer = {"faults": [{"body": "x"}, {"body": None}], "none": [], "total": 2}
    assert json.loads(encoded(answer)) == answer
    assert {"body": "x"} in parts and {"body": None} in parts
    assert not [part for part in parts if isinstance(part, list)]


def test_stop_does_not_wait_for_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_TICK_S", 3600.0)
    sandbox = Sandbox().start()
    assert requests.get(f"{sandbox.url}/tasks", timeout=PATIENCE_S).status_code == 401
    sandbox.stop()  # raises if the thread of the server has not ended in time
