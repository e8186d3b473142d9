"""Requests whose answer is lost are carried out once, and their result is found.

The fault server forwards to a real sandbox, so a lost request *is* carried out.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, List

import pytest

from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInternalError,
    ScaleInvalidRequest,
    ScaleServiceUnavailable,
)
from scaleapi.sandbox import Sandbox
from tests.faultserver import (
    Answer,
    FaultServer,
    Hangup,
    Reset,
    Truncated,
)
from tests.faulty_proxy import TEXT, FaultyProxy

LOST: List[Any] = [
    Answer(500),
    Answer(502),
    Answer(503),
    Reset(),
    Hangup(),
    Truncated(),
]
NOT_PROCESSED = [Answer(408), Answer(429)]

lost = pytest.mark.parametrize("end", LOST, ids=[str(i) for i in range(6)])
not_processed = pytest.mark.parametrize("end", NOT_PROCESSED, ids=["408", "429"])


@pytest.fixture
def proxy(
    fault_server: FaultServer, sandbox: Sandbox, waits: List[float]
) -> FaultyProxy:
    return FaultyProxy(fault_server, sandbox)


def do_nothing(_proxy: FaultyProxy) -> None:
    pass


def make_project(proxy: FaultyProxy) -> None:
    proxy.direct.create_project("p", "textcollection", studio=True)


def make_batch(proxy: FaultyProxy) -> None:
    make_project(proxy)
    proxy.direct.create_batch("p", "b")


def make_task(proxy: FaultyProxy) -> None:
    proxy.task_id = proxy.direct.create_task("textcollection", **TEXT).id  # type: ignore[attr-defined]


def create_task(proxy: FaultyProxy) -> Any:
    return proxy.client.create_task(
        "textcollection", project="p", unique_id="a&b #1", **TEXT
    ).id


CALLS: Dict[str, Any] = {
    "create_task": (make_project, create_task),
    "create_batch": (
        make_project,
        lambda proxy: proxy.client.create_batch("p", "b/1").name,
    ),
    "create_project": (
        do_nothing,
        lambda proxy: proxy.client.create_project("p/1", "chat").name,
    ),
    "create_project_group": (
        make_project,
        lambda proxy: proxy.client.create_project_group("p", [], "g").id,
    ),
    "cancel_task": (
        make_task,
        lambda proxy: proxy.client.cancel_task(proxy.task_id).status,
    ),
    "finalize_batch": (
        make_batch,
        lambda proxy: proxy.client.finalize_batch("b").status,
    ),
    "update_task_unique_id": (
        make_task,
        lambda proxy: proxy.client.update_task_unique_id(proxy.task_id, "u").unique_id,
    ),
}
#: The server answers a repetition of these as the first time: no look-up is needed.
IDEMPOTENT = {"finalize_batch", "update_task_unique_id"}

every_call = pytest.mark.parametrize(
    ("name", "before", "call"), [(name, *rest) for name, rest in CALLS.items()]
)


@every_call
@lost
def test_a_call_that_was_carried_out_returns_its_object(
    proxy: FaultyProxy, name: str, before: Any, call: Any, end: Any
) -> None:
    before(proxy)
    proxy.server.play(proxy.lose_answer(end), proxy.forward)
    assert call(proxy)
    expected = 2 if name in IDEMPOTENT else 3  # the last request is the look-up
    assert len(proxy.server.received) == expected
    assert proxy.sent()[0] == proxy.sent()[1]
    assert proxy.sent()[-1].startswith("POST" if name in IDEMPOTENT else "GET")


@every_call
@lost
def test_a_call_that_was_not_carried_out_is_carried_out_by_the_retry(
    proxy: FaultyProxy, name: str, before: Any, call: Any, end: Any
) -> None:
    before(proxy)
    proxy.server.play(end, proxy.forward)
    assert call(proxy)
    assert len(proxy.server.received) == 2


@every_call
def test_after_the_last_lost_answer_the_client_looks_once_more(
    proxy: FaultyProxy, name: str, before: Any, call: Any
) -> None:
    before(proxy)
    end = proxy.lose_answer(Reset())
    proxy.server.play(end, end, end, end, proxy.forward)
    assert call(proxy)
    assert len(proxy.server.received) == 5
    assert proxy.sent()[-1].startswith("GET")


@every_call
def test_a_call_that_never_got_through_raises_its_own_error(
    proxy: FaultyProxy, name: str, before: Any, call: Any
) -> None:
    before(proxy)
    proxy.server.play(*[Answer(500, {"error": "down"})] * 4, proxy.forward)
    with pytest.raises(ScaleInternalError, match="down") as caught:
        call(proxy)
    assert len(proxy.server.received) == 5
    assert caught.value.attempts == 4


DUPLICATES = [(name, *rest) for name, rest in CALLS.items() if name not in IDEMPOTENT]

every_duplicate = pytest.mark.parametrize(("name", "before", "call"), DUPLICATES)


@every_duplicate
@not_processed
def test_a_409_after_attempts_that_were_not_processed_is_raised(
    proxy: FaultyProxy, name: str, before: Any, call: Any, end: Any
) -> None:
    before(proxy)
    call(proxy)
    proxy.server.received.clear()
    proxy.server.play(end, proxy.forward)
    with pytest.raises((ScaleDuplicateResource, ScaleInvalidRequest)) as caught:
        call(proxy)
    assert len(proxy.server.received) == 2
    assert "earlier attempt" not in caught.value.message


@every_duplicate
def test_a_409_on_the_first_attempt_is_raised(
    proxy: FaultyProxy, name: str, before: Any, call: Any
) -> None:
    before(proxy)
    call(proxy)
    proxy.server.received.clear()
    with pytest.raises((ScaleDuplicateResource, ScaleInvalidRequest)):
        call(proxy)
    assert len(proxy.server.received) == 1


@pytest.mark.parametrize("name", sorted(IDEMPOTENT))
@pytest.mark.parametrize("status", [400, 409])
def test_a_400_or_409_after_a_lost_answer_leads_to_a_lookup(
    proxy: FaultyProxy, name: str, status: int
) -> None:
    before, call = CALLS[name]
    before(proxy)
    answer = Answer(status, {"error": "already so"})
    proxy.server.play(proxy.lose_answer(Reset()), answer, proxy.forward)
    assert call(proxy)
    assert proxy.sent()[-1].startswith("GET")
    proxy.server.received.clear()
    proxy.server.play(answer)
    with pytest.raises(ScaleException, match="already so"):
        call(proxy)
    assert len(proxy.server.received) == 1


def test_the_task_found_must_be_the_one_asked_for(proxy: FaultyProxy) -> None:
    make_project(proxy)
    proxy.direct.create_project("q", "textcollection")
    proxy.direct.create_task("textcollection", project="q", unique_id="a&b #1", **TEXT)
    proxy.server.play(Answer(500), proxy.forward)
    with pytest.raises(ScaleDuplicateResource, match="already used"):
        create_task(proxy)
    assert proxy.sent()[-1] == "GET tasks?unique_id=a%26b+%231"


@pytest.mark.parametrize(
    "found",
    [
        {"docs": []},
        {"docs": [{"task_id": "1", "unique_id": "other", "type": "textcollection"}]},
        {"docs": [{"task_id": "1", "unique_id": "a&b #1", "type": "chat"}]},
        {"docs": None},
        [1],
        "nonsense",
    ],
)
def test_the_409_is_raised_if_the_lookup_finds_nothing(
    proxy: FaultyProxy, found: Any
) -> None:
    duplicate = Answer(409, {"error": "in use"})
    proxy.server.play(Answer(500), duplicate, Answer(200, found))
    with pytest.raises(ScaleDuplicateResource, match="in use") as caught:
        create_task(proxy)
    assert caught.value.code == 409


def test_the_409_is_raised_if_the_lookup_fails(proxy: FaultyProxy) -> None:
    proxy.server.play(Reset(), Answer(409, {"error": "in use"}), Answer(404))
    with pytest.raises(ScaleDuplicateResource, match="in use"):
        create_task(proxy)


@lost
def test_the_error_of_a_call_without_a_lookup_says_that_it_may_have_succeeded(
    proxy: FaultyProxy, end: Any
) -> None:
    known: Dict[str, Any] = {"expected_response": {}, "unique_id": "u"}
    calls = [
        lambda: proxy.client.create_evaluation_task("textcollection", **TEXT, **known),
        lambda: proxy.client.upload_file(b"x", reference_id="r"),
        lambda: proxy.client.import_file("http://x", reference_id="s"),
    ]
    for call in calls:
        proxy.server.play(proxy.lose_answer(end), proxy.forward)
        with pytest.raises(ScaleDuplicateResource, match="earlier attempt of this"):
            call()


@pytest.mark.parametrize(
    "end", [Answer(500), Answer(502), Answer(503), Reset(), Truncated()]
)
def test_a_creation_without_a_unique_id_is_not_repeated_after_a_lost_answer(
    proxy: FaultyProxy, end: Any
) -> None:
    proxy.server.play(proxy.lose_answer(end), proxy.forward)
    with pytest.raises(ScaleException, match="auto_unique_id") as caught:
        proxy.client.create_task("textcollection", **TEXT)
    assert "unique_id=" in caught.value.message
    assert proxy.direct.tasks().total == 1


def test_a_success_after_a_503_is_logged_as_a_warning(
    proxy: FaultyProxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.server.play(Answer(503, None, {"Retry-After": "1"}), proxy.forward)
    with caplog.at_level(logging.WARNING):
        proxy.client.create_task("textcollection", **TEXT)
    assert "there are now two" in caplog.text
    caplog.clear()
    proxy.server.play(Answer(429), proxy.forward)
    with caplog.at_level(logging.WARNING):
        proxy.client.create_task("textcollection", **TEXT)
    assert "there are now two" not in caplog.text


@lost
def test_auto_unique_id_makes_every_creation_repeatable(
    proxy: FaultyProxy, end: Any
) -> None:
    client = ScaleClient(
        proxy.key, api_instance_url=proxy.server.url, auto_unique_id=True
    )
    proxy.server.play(proxy.lose_answer(end), proxy.forward)
    task = client.create_task("textcollection", unique_id=None, **TEXT)
    assert [found.id for found in proxy.direct.tasks()] == [task.id]
    assert len(task.unique_id) == 32
    proxy.server.play(proxy.forward)
    own = client.create_task("textcollection", unique_id="mine", **TEXT)
    assert own.unique_id == "mine"
    another = client.create_task("textcollection", **TEXT)
    assert another.unique_id not in (task.unique_id, "mine")
    evaluation = client.create_evaluation_task(
        "textcollection", expected_response={}, **TEXT
    )
    assert len(evaluation.as_dict()["unique_id"]) == 32


def test_auto_unique_id_does_not_change_the_payload(proxy: FaultyProxy) -> None:
    client = ScaleClient(
        proxy.key, api_instance_url=proxy.server.url, auto_unique_id=True
    )
    payload = dict(TEXT)
    client.create_task("textcollection", **payload)
    assert payload == TEXT


def test_max_retries_limits_the_attempts(
    proxy: FaultyProxy, waits: List[float]
) -> None:
    for number in (0, 1, 5):
        proxy.server.received.clear()
        proxy.server.play(Answer(503))
        client = ScaleClient("test_x", None, proxy.server.url, max_retries=number)
        with pytest.raises(ScaleServiceUnavailable) as caught:
            client.get_task("1")
        assert len(proxy.server.received) == caught.value.attempts == number + 1
