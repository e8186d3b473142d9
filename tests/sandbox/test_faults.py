"""Faults on demand, over real sockets."""

from __future__ import annotations

import threading
import time
from typing import Any, Dict, Iterator

import pytest
import requests

from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller, fresh

CHAT: Dict[str, Any] = {"type": "chat", "name": "p"}


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    return fresh(server)


def names(call: Caller) -> Any:
    return [project["name"] for project in call("GET", "projects")[1]]


def test_the_nth_matching_call_answers_a_status(sandbox: Sandbox, call: Caller) -> None:
    fault = sandbox.faults.add(
        status=503, method="post", path="/projects", nth=2, times=2, retry_after=7
    )
    statuses = []
    for name in "abcd":
        assert call("GET", "projects")[0] == 200
        statuses.append(call("POST", "projects", json={**CHAT, "name": name})[0])
    assert statuses == [200, 503, 503, 200]
    assert (fault.matched, fault.triggered) == (4, 2)
    assert names(call) == ["a", "d"]


@pytest.mark.parametrize(
    "status, text",
    [
        (401, "Unauthorized -- No valid API key provided."),
        (429, "Too Many Requests"),
        (500, "Internal Server Error"),
        (503, "Server Timeout From Request Queueing"),
        (530, "A fault on demand"),
    ],
)
def test_an_injected_status_has_the_text_of_the_api(
    sandbox: Sandbox, call: Caller, status: int, text: str
) -> None:
    for carried_out in (False, True):
        sandbox.faults.add(status=status, path="/teams", carried_out=carried_out)
        assert call("GET", "teams") == (status, text)


def test_an_injected_answer_has_the_body_and_headers_of_the_fault(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.faults.add(status=429, body={"a": 1}, retry_after=3, times=None)
    answer = call.session.get(f"{call.url}/teams", auth=(call.key, ""), timeout=10)
    assert (answer.status_code, answer.json()) == (429, {"a": 1})
    assert answer.headers["retry-after"] == "3"
    sandbox.faults.clear()
    sandbox.faults.add(status=502, body="<h1>Bad</h1>")
    answer = call.session.get(f"{call.url}/teams", auth=(call.key, ""), timeout=10)
    assert (answer.status_code, answer.text) == (502, "<h1>Bad</h1>")
    assert call("GET", "teams")[0] == 200


def test_a_call_can_be_carried_out_and_then_answer_500(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.faults.add(status=500, carried_out=True, method="POST")
    assert call("POST", "projects", json=CHAT)[0] == 500
    assert call("POST", "projects", json=CHAT)[0] == 409


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_call_can_hang_until_the_client_gives_up(
    sandbox: Sandbox, call: Caller, carried_out: bool
) -> None:
    sandbox.faults.add("hang", method="POST", carried_out=carried_out)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{call.url}/projects", json=CHAT, auth=(call.key, ""), timeout=0.3
        )
    assert names(call) == (["p"] if carried_out else [])


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_connection_can_be_reset(
    sandbox: Sandbox, call: Caller, carried_out: bool
) -> None:
    sandbox.faults.add("reset", method="POST", carried_out=carried_out)
    with pytest.raises(requests.ConnectionError, match="reset"):
        call("POST", "projects", json=CHAT)
    assert names(call) == (["p"] if carried_out else [])


def test_an_answer_can_break_off(sandbox: Sandbox, call: Caller) -> None:
    sandbox.faults.add("truncate", method="POST")
    # urllib3 1.26 does not check the length, so requests decodes half an answer.
    with pytest.raises((requests.exceptions.ChunkedEncodingError, ValueError)):
        call("POST", "projects", json=CHAT)
    assert names(call) == ["p"]


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_call_can_be_slow(sandbox: Sandbox, call: Caller, carried_out: bool) -> None:
    sandbox.faults.add("slow", seconds=0.2, method="POST", carried_out=carried_out)
    begun = time.perf_counter()
    assert call("POST", "projects", json=CHAT)[0] == 200
    assert 0.2 <= time.perf_counter() - begun < 5
    assert names(call) == ["p"]


def test_a_slow_call_whose_client_gives_up_is_not_carried_out(
    sandbox: Sandbox, call: Caller
) -> None:
    sandbox.faults.add("slow", seconds=60, method="POST")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{call.url}/projects", json=CHAT, auth=(call.key, ""), timeout=0.2
        )
    assert names(call) == []


@pytest.mark.parametrize("kind", ["hang", "slow"])
def test_stop_does_not_wait_for_a_call_that_hangs(kind: str) -> None:
    with Sandbox() as sandbox:
        sandbox.faults.add(kind, seconds=60)
        failed = threading.Event()

        def ask() -> None:
            try:
                requests.get(f"{sandbox.url}/teams", auth=("test_k", ""), timeout=30)
            except requests.ConnectionError:
                failed.set()

        thread = threading.Thread(target=ask)
        thread.start()
        while not len(sandbox.requests):
            time.sleep(0.005)
        begun = time.perf_counter()
    assert time.perf_counter() - begun < 3
    thread.join(10)
    assert failed.is_set()


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**", "/task/x/cancel", True),
        ("/task/*", "/task/chat", True),
        ("/task/*", "/task/x/cancel", False),
        ("/task/*/cancel", "/task/x/cancel", True),
        ("/task/{task_id}/cancel", "/task/x/cancel", True),
        ("/v1/task/*", "/task/chat", True),
        ("/tasks", "/tasks", True),
        ("/task.", "/tasks", False),
        ("/batches/**", "/batches/b/finalize", True),
    ],
)
def test_one_star_matches_within_a_segment_and_two_match_anything(
    sandbox: Sandbox, pattern: str, path: str, matches: bool
) -> None:
    assert sandbox.faults.add(path=pattern).matches("GET", path) is matches


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "flood"},
        {"nth": 0},
        {"times": 0},
        {"status": 99},
        {"seconds": -1},
    ],
)
def test_faults_add_rejects_invalid_arguments(
    sandbox: Sandbox, arguments: Dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        sandbox.faults.add(**arguments)
    assert len(sandbox.faults) == 0


def test_rate_limit_answers_429_to_too_many_creations(
    sandbox: Sandbox, call: Caller
) -> None:
    # The rate is so slow that no permit is added meanwhile.
    sandbox.rate_limit(creations_per_second=0.1, burst=3)
    body = {"attachments": [], "fields": []}
    statuses = [call("POST", "task/textcollection", json=body)[0] for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    url = f"{call.url}/task/textcollection"
    answer = call.session.post(url, json=body, auth=(call.key, ""), timeout=10)
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert answer.json() == {"status_code": 429, "error": "Too Many Requests"}
    # Another key, another call: not limited.
    assert call("POST", "task/textcollection", json=body, auth=("test_b", ""))[0] == 200
    assert call("GET", "tasks")[1]["total"] == 3
    sandbox.clock.advance(int(answer.headers["retry-after"]))
    assert call("POST", "task/textcollection", json=body)[0] == 200
    sandbox.rate_limit(None)
    assert call("POST", "task/textcollection", json=body)[0] == 200


def test_rate_limit_rejects_invalid_numbers(sandbox: Sandbox) -> None:
    for arguments in ((0, 1), (-1, 1), (1, 0)):
        with pytest.raises(ValueError):
            sandbox.rate_limit(*arguments)


@pytest.mark.parametrize("status", [204, 304])
def test_an_injected_status_without_a_body_has_no_body(
    sandbox: Sandbox, call: Caller, status: int
) -> None:
    sandbox.faults.add(status=status, body={"a": 1})
    answer = call.session.get(f"{call.url}/teams", auth=(call.key, ""), timeout=10)
    assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.parametrize(
    "path", ["batches/a b&c", "/batches/a b&c", "/v1/batches/a%20b%26c", "/batches/a*"]
)
def test_a_path_matches_with_and_without_quoting_and_leading_slash(
    sandbox: Sandbox, call: Caller, path: str
) -> None:
    sandbox.faults.add(status=418, path=path)
    assert call("GET", "batches/a%20b%2Fc")[0] == (418 if "*" in path else 404)
    assert call("GET", "batches/a%20b%26c")[0] == (404 if "*" in path else 418)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"body": {1, 2}}, TypeError),
        ({"body": b"x"}, TypeError),
        ({"body": float("nan")}, ValueError),
        ({"status": 200.5}, TypeError),
        ({"status": 199}, ValueError),
        ({"times": 1.5}, TypeError),
        ({"nth": True}, TypeError),
        ({"nth": 0}, ValueError),
        ({"carried_out": "no"}, TypeError),
        ({"retry_after": {"a": 1}}, TypeError),
        ({"retry_after": -1}, ValueError),
        ({"retry_after": "жж"}, ValueError),
        ({"retry_after": "1\r\nX-A: b"}, ValueError),
        ({"seconds": float("nan")}, ValueError),
        ({"seconds": float("inf")}, ValueError),
    ],
)
def test_faults_over_http_reject_invalid_arguments(
    sandbox: Sandbox, given: Dict[str, Any], error: type
) -> None:
    (name,) = given
    with pytest.raises(error, match="JSON|serializable" if name == "body" else name):
        sandbox.faults.add(**given)
    assert len(sandbox.faults) == 0


@pytest.mark.parametrize("rate", [0, -1, 1e-320, 10**400, float("nan"), float("inf")])
def test_rate_limit_over_http_rejects_invalid_arguments(
    sandbox: Sandbox, call: Caller, rate: float
) -> None:
    with pytest.raises(ValueError, match="creations_per_second"):
        sandbox.rate_limit(rate)
