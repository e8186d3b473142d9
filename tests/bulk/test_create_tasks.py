"""Tasks by the thousand, over lines on which answers get lost."""

from __future__ import annotations

import threading
import time
from typing import Any, Dict, Iterator, List

import pytest

from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    ScaleTypeError,
    ScaleValueError,
    TaskType,
)
from scaleapi.bulk.keys import content_id
from tests.bulk.conftest import workers
from tests.bulk.measure import Limited
from tests.faultserver import (
    Answer,
    Event,
    FaultServer,
    Hangup,
    Received,
    Reset,
    Truncated,
)
from tests.faulty_proxy import TEXT, FaultyProxy, numbered


def statuses(results: Any) -> List[str]:
    return [result.status for result in results]


def test_create_tasks_creates_a_task_for_each_payload_in_order(
    live_client: ScaleClient,
) -> None:
    results = list(live_client.create_tasks(TaskType.TextCollection, numbered(200)))
    assert set(statuses(results)) == {"created"}
    for n, result in enumerate(results):
        assert result.index == n
        assert result.task is not None and result.task.metadata == {"n": n}
        assert result.payload == {
            **numbered(1, n)[0],
            "unique_id": result.task.unique_id,
        }
        assert result.error is None


def test_create_tasks_by_content_creates_nothing_twice(proxy: FaultyProxy) -> None:
    first = proxy.client.create_tasks(
        "textcollection", numbered(50), unique_id="content"
    )
    assert set(statuses(first)) == {"created"}
    second = list(
        proxy.client.create_tasks("textcollection", numbered(60), unique_id="content")
    )
    assert statuses(second) == ["existing"] * 50 + ["created"] * 10
    assert [r.task.metadata["n"] for r in second if r.task] == list(range(60))
    assert second[0].payload["unique_id"] == content_id(
        "textcollection", numbered(1)[0]
    )
    assert proxy.numbers() == dict.fromkeys(range(60), 1)


def test_create_tasks_by_content_makes_one_task_of_equal_payloads(
    live_client: ScaleClient,
) -> None:
    twice = [TEXT, TEXT]
    by_content = live_client.create_tasks("textcollection", twice, unique_id="content")
    assert sorted(statuses(by_content)) == ["created", "existing"]
    assert (
        statuses(live_client.create_tasks("textcollection", twice)) == ["created"] * 2
    )


def test_create_tasks_takes_unique_ids_from_a_callable_or_the_payload(
    live_client: ScaleClient,
) -> None:
    payloads = [*numbered(2), {**TEXT, "unique_id": "own"}]
    results = live_client.create_tasks(
        "textcollection",
        payloads,
        unique_id=lambda payload: f"row-{payload['metadata']['n']}",
    )
    ids = [result.task.unique_id for result in results if result.task]
    assert ids == ["row-0", "row-1", "own"]
    (result,) = live_client.create_tasks("textcollection", [TEXT], unique_id=None)
    assert result.task is not None and not hasattr(result.task, "unique_id")
    assert result.payload == TEXT


def test_create_tasks_fails_only_the_invalid_payloads(
    live_client: ScaleClient,
) -> None:
    wrong: List[Any] = [
        TEXT,
        "no dict",
        {**TEXT, "metadata": float("nan")},
        {**TEXT, "metadata": object()},
        {"fields": []},
        {**TEXT, "metadata": {"n": 1}},
    ]
    results = list(
        live_client.create_tasks("textcollection", wrong, unique_id="content")
    )
    assert statuses(results) == ["created", *["failed"] * 4, "created"]
    kinds = [ScaleTypeError, ScaleValueError, ScaleTypeError, ScaleInvalidRequest]
    assert [type(result.error) for result in results[1:5]] == kinds
    results = list(live_client.create_tasks("textcollection", wrong[2:4]))
    assert [type(r.error) for r in results] == [ScaleValueError, ScaleTypeError]


def test_create_tasks_fails_for_a_unique_id_of_another_type_or_project(
    live_client: ScaleClient,
) -> None:
    for name in ("p", "q"):
        live_client.create_project(name, "textcollection", studio=True)
    task = live_client.create_task("textcollection", project="p", unique_id="u", **TEXT)
    own = {**TEXT, "unique_id": "u"}
    same, other, silent = live_client.create_tasks(
        "textcollection", [{**own, "project": "p"}, {**own, "project": "q"}, own]
    )
    assert same.task == silent.task == task
    assert same.status == silent.status == "existing"
    assert isinstance(other.error, ScaleDuplicateResource)
    assert "whose project is 'p', not 'q'" in other.error.message
    (kind,) = live_client.create_tasks(
        "categorization",
        [{"attachment": "x", "categories": ["a"], "unique_id": "u"}],
    )
    assert isinstance(kind.error, ScaleDuplicateResource)
    assert "whose type is 'textcollection'" in kind.error.message


def test_create_tasks_fails_for_a_unique_id_of_an_evaluation_task(
    live_client: ScaleClient,
) -> None:
    live_client.create_evaluation_task(
        "textcollection", expected_response={}, unique_id="u", **TEXT
    )
    (result,) = live_client.create_tasks("textcollection", [{**TEXT, "unique_id": "u"}])
    assert isinstance(result.error, ScaleDuplicateResource)


@pytest.mark.parametrize(
    ("unique_id", "kind"), [("contents", ValueError), ("", ValueError), (7, TypeError)]
)
def test_create_tasks_rejects_an_invalid_unique_id_at_once(
    live_client: ScaleClient, unique_id: Any, kind: type
) -> None:
    with pytest.raises(kind, match="unique_id must be"):
        live_client.create_tasks("chat", [], unique_id=unique_id)
    with pytest.raises(ScaleTypeError, match="task_type"):
        live_client.create_tasks(None, [])  # type: ignore[arg-type]


@pytest.mark.parametrize("unique_id", ["auto", "content"])
@pytest.mark.usefixtures("quick")
def test_create_tasks_over_a_bad_connection_creates_each_task_once(
    proxy: FaultyProxy, unique_id: Any
) -> None:
    before: List[Event] = [Answer(503), Reset(), Hangup(), Answer(408)]
    after: List[Event] = [Answer(500), Reset(), Truncated(), Hangup()]
    proxy.fail_sometimes(before, after, 0.2)
    results = list(
        proxy.client.create_tasks("textcollection", numbered(150), unique_id=unique_id)
    )
    again = [result.payload for result in results if result.status == "failed"]
    assert len(again) < 10
    proxy.server.play(proxy.forward)
    assert "failed" not in statuses(proxy.client.create_tasks("textcollection", again))
    assert proxy.numbers() == dict.fromkeys(range(150), 1)


def test_close_cuts_the_wait_for_a_retry_short(proxy: FaultyProxy) -> None:
    asked = threading.Event()

    def refuse(_: Received) -> Answer:
        asked.set()
        return Answer(503, {"error": "busy"}, {"Retry-After": "50"})

    proxy.server.play(proxy.forward, refuse)
    results = proxy.client.create_tasks("textcollection", numbered(99), max_workers=1)
    assert next(results).status == "created"
    assert asked.wait(10)
    time.sleep(0.05)
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 5
    sent = len(proxy.server.received)
    first, *rest = results
    assert isinstance(first.error, ScaleException) and first.error.code == 503
    assert first.error.attempts == 1
    assert first.error.unique_id == first.payload["unique_id"]
    assert {getattr(result.error, "attempts", None) for result in rest} == {0}
    assert len(proxy.server.received) == sent == 2
    assert workers() == []


def test_close_cuts_the_wait_for_a_permit_short(proxy: FaultyProxy) -> None:
    """One is refused for a minute; the others, who are not, wait with it."""
    refused = threading.Event()
    lock = threading.Lock()

    def event(request: Received) -> Answer:
        with lock:
            if len(proxy.server.received) >= 20:
                refused.set()
                return Answer(429, {"error": "slow"}, {"Retry-After": "60"})
        return proxy.forward(request)

    proxy.server.play(event)
    results = proxy.client.create_tasks("textcollection", numbered(500), max_workers=4)
    first = next(results)

    def stop() -> None:
        refused.wait(10)
        time.sleep(0.2)
        results.close()

    watched = threading.Thread(target=stop)
    watched.start()
    rest = list(results)
    watched.join()
    assert first.status == "created"
    errors = [result.error for result in rest if result.error is not None]
    assert all(isinstance(error, ScaleException) for error in errors)
    assert {getattr(error, "attempts", None) for error in errors} == {0, 1}
    assert len(proxy.server.received) <= 24
    made = proxy.direct.tasks().total
    assert made == 1 + sum(result.status == "created" for result in rest)


def test_close_sends_no_recovery_request(proxy: FaultyProxy) -> None:
    """A lost request would be looked for, a duplicate too: both are requests."""
    asked, read, go = threading.Event(), threading.Event(), threading.Event()

    def duplicate(_: Received) -> Answer:
        asked.set()
        go.wait(10)
        return Answer(409, {"error": "there is one"})

    def payloads() -> Iterator[Dict[str, Any]]:
        yield from numbered(3)
        read.set()
        yield from numbered(6, 3)

    proxy.server.play(duplicate)
    results = proxy.client.create_tasks("textcollection", payloads(), max_workers=1)

    def close() -> None:
        asked.wait(10)
        read.wait(10)  # else there is nothing that is not sent
        results.close()

    threading.Thread(target=close).start()
    threading.Timer(0.2, go.set).start()
    first = next(results)
    assert isinstance(first.error, ScaleException)
    assert [result.status for result in results][-1] == "failed"
    assert len(proxy.server.received) == 1


def test_a_429_with_retry_after_pauses_every_worker(proxy: FaultyProxy) -> None:
    """One is told to wait; none of the others sends anything meanwhile."""
    times: List[float] = []
    lock = threading.Lock()
    refused: List[float] = []

    def event(request: Received) -> Answer:
        with lock:
            times.append(time.monotonic())
            if len(times) == 40:
                refused.append(time.monotonic())
                return Answer(429, {"error": "slow"}, {"Retry-After": "1"})
        return proxy.forward(request)

    proxy.server.play(event)
    payloads = numbered(300)
    with proxy.client.create_tasks("textcollection", payloads, max_workers=8) as run:
        for result in run:
            assert result.status == "created"
            if times[-1] > refused[0] + 1 if refused else False:
                break
    # What was on its way when the answer came cannot be held back.
    pause = [moment for moment in times if refused[0] < moment < refused[0] + 0.95]
    assert len(pause) < 8
    assert len(times) < 100


def test_create_tasks_finds_and_holds_the_rate_limit(fault_server: FaultServer) -> None:
    limited = Limited(rate=100, burst=100)
    fault_server.play(limited)
    client = ScaleClient("key", api_instance_url=fault_server.url)
    started = time.monotonic()
    assert set(statuses(client.create_tasks("t", numbered(350)))) == {"created"}
    assert time.monotonic() - started < 10  # 2.5 s is what the server allows
    assert limited.taken == 350
    assert limited.refused <= 40  # 16 when all workers meet the limit at once


def test_progress_has_the_counts_by_status(proxy: FaultyProxy) -> None:
    seen: List[Dict[str, int]] = []
    list(proxy.client.create_tasks("textcollection", numbered(3), unique_id="content"))
    results = proxy.client.create_tasks(
        "textcollection",
        numbered(5),
        unique_id="content",
        progress=lambda counts: seen.append(dict(counts.statuses)),
    )
    list(results)
    assert seen[-1] == {"existing": 3, "created": 2} == results.counts.statuses
