"""Requests whose answer is lost are carried out once, and found again.

The real sandbox stands behind the fault server: a lost request *is* carried out.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any, Callable, Dict, List

import pytest
import requests

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
    Event,
    FaultServer,
    Hangup,
    Received,
    Reset,
    Truncated,
)

TEXT: Dict[str, Any] = {"attachments": [], "fields": []}
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


class Line:
    """The way from a client to the sandbox, on which answers get lost."""

    def __init__(self, server: FaultServer, sandbox: Sandbox) -> None:
        self.server = server
        self._target = sandbox.url[: -len("/v1")]
        self.key = f"live_{uuid.uuid4().hex}"
        self.direct = ScaleClient(self.key, api_instance_url=sandbox.url)
        self.client = ScaleClient(self.key, api_instance_url=server.url)
        server.play(self.through)

    def through(self, request: Received) -> Answer:
        """Let the sandbox answer."""
        answer = requests.request(
            request.method,
            self._target + request.target,
            headers={
                name: request.headers[name]
                for name in ("authorization", "content-type")
            },
            data=request.body,
            timeout=30,
        )
        date = {"Date": answer.headers["Date"]}
        return Answer(answer.status_code, answer.content, date)

    def after(self, end: Event) -> Callable[[Received], Event]:
        """Have the request carried out, and then end like this."""

        def carried_out(request: Received) -> Event:
            self.through(request)
            return end

        return carried_out

    def sent(self) -> List[str]:
        """Return what was sent, the lookups included."""
        return [f"{r.method} {r.target[len('/v1/') :]}" for r in self.server.received]


@pytest.fixture
def line(fault_server: FaultServer, sandbox: Sandbox, waits: List[float]) -> Line:
    return Line(fault_server, sandbox)


def do_nothing(_line: Line) -> None:
    pass


def make_project(line: Line) -> None:
    line.direct.create_project("p", "textcollection", studio=True)


def make_batch(line: Line) -> None:
    make_project(line)
    line.direct.create_batch("p", "b")


def make_task(line: Line) -> None:
    line.task_id = line.direct.create_task("textcollection", **TEXT).id  # type: ignore[attr-defined]


def create_task(line: Line) -> Any:
    return line.client.create_task(
        "textcollection", project="p", unique_id="a&b #1", **TEXT
    ).id


CALLS: Dict[str, Any] = {
    "create_task": (make_project, create_task),
    "create_batch": (
        make_project,
        lambda line: line.client.create_batch("p", "b/1").name,
    ),
    "create_project": (
        do_nothing,
        lambda line: line.client.create_project("p/1", "chat").name,
    ),
    "create_project_group": (
        make_project,
        lambda line: line.client.create_project_group("p", [], "g").id,
    ),
    "cancel_task": (
        make_task,
        lambda line: line.client.cancel_task(line.task_id).status,
    ),
    "finalize_batch": (
        make_batch,
        lambda line: line.client.finalize_batch("b").status,
    ),
    "update_task_unique_id": (
        make_task,
        lambda line: line.client.update_task_unique_id(line.task_id, "u").unique_id,
    ),
}
#: A repeat of these is answered as the first time, so that nothing is looked up.
IDEMPOTENT = {"finalize_batch", "update_task_unique_id"}

every_call = pytest.mark.parametrize(
    ("name", "before", "call"), [(name, *rest) for name, rest in CALLS.items()]
)


@every_call
@lost
def test_a_call_that_was_carried_out_returns_what_it_made(
    line: Line, name: str, before: Any, call: Any, end: Any
) -> None:
    before(line)
    line.server.play(line.after(end), line.through)
    assert call(line)
    expected = 2 if name in IDEMPOTENT else 3  # the last one looks
    assert len(line.server.received) == expected
    assert line.sent()[0] == line.sent()[1]
    assert line.sent()[-1].startswith("POST" if name in IDEMPOTENT else "GET")


@every_call
@lost
def test_a_call_that_was_not_carried_out_is_carried_out_by_the_repeat(
    line: Line, name: str, before: Any, call: Any, end: Any
) -> None:
    before(line)
    line.server.play(end, line.through)
    assert call(line)
    assert len(line.server.received) == 2


@every_call
def test_a_call_whose_answers_are_all_lost_is_looked_for_once_more(
    line: Line, name: str, before: Any, call: Any
) -> None:
    before(line)
    end = line.after(Reset())
    line.server.play(end, end, end, end, line.through)
    assert call(line)
    assert len(line.server.received) == 5
    assert line.sent()[-1].startswith("GET")


@every_call
def test_a_call_that_never_got_through_raises_its_own_error(
    line: Line, name: str, before: Any, call: Any
) -> None:
    before(line)
    line.server.play(*[Answer(500, {"error": "down"})] * 4, line.through)
    with pytest.raises(ScaleInternalError, match="down") as caught:
        call(line)
    assert len(line.server.received) == 5
    assert caught.value.attempts == 4


DUPLICATES = [(name, *rest) for name, rest in CALLS.items() if name not in IDEMPOTENT]

every_duplicate = pytest.mark.parametrize(("name", "before", "call"), DUPLICATES)


@every_duplicate
@not_processed
def test_after_nothing_but_refusals_a_duplicate_is_one(
    line: Line, name: str, before: Any, call: Any, end: Any
) -> None:
    before(line)
    call(line)
    line.server.received.clear()
    line.server.play(end, line.through)
    with pytest.raises((ScaleDuplicateResource, ScaleInvalidRequest)) as caught:
        call(line)
    assert len(line.server.received) == 2
    assert "earlier attempt" not in caught.value.message


@every_duplicate
def test_a_first_attempt_that_meets_a_duplicate_raises(
    line: Line, name: str, before: Any, call: Any
) -> None:
    before(line)
    call(line)
    line.server.received.clear()
    with pytest.raises((ScaleDuplicateResource, ScaleInvalidRequest)):
        call(line)
    assert len(line.server.received) == 1


@pytest.mark.parametrize("name", sorted(IDEMPOTENT))
@pytest.mark.parametrize("status", [400, 409])
def test_a_server_that_calls_a_repeat_wrong_is_looked_at_too(
    line: Line, name: str, status: int
) -> None:
    before, call = CALLS[name]
    before(line)
    answer = Answer(status, {"error": "already so"})
    line.server.play(line.after(Reset()), answer, line.through)
    assert call(line)
    assert line.sent()[-1].startswith("GET")
    line.server.received.clear()
    line.server.play(answer)
    with pytest.raises(ScaleException, match="already so"):
        call(line)
    assert len(line.server.received) == 1


def test_the_task_found_must_be_the_one_asked_for(line: Line) -> None:
    make_project(line)
    line.direct.create_project("q", "textcollection")
    line.direct.create_task("textcollection", project="q", unique_id="a&b #1", **TEXT)
    line.server.play(Answer(500), line.through)
    with pytest.raises(ScaleDuplicateResource, match="already used"):
        create_task(line)
    assert line.sent()[-1] == "GET tasks?unique_id=a%26b+%231"


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
def test_a_look_that_finds_nothing_leaves_the_duplicate(line: Line, found: Any) -> None:
    duplicate = Answer(409, {"error": "in use"})
    line.server.play(Answer(500), duplicate, Answer(200, found))
    with pytest.raises(ScaleDuplicateResource, match="in use") as caught:
        create_task(line)
    assert caught.value.code == 409


def test_a_look_that_fails_leaves_the_duplicate(line: Line) -> None:
    line.server.play(Reset(), Answer(409, {"error": "in use"}), Answer(404))
    with pytest.raises(ScaleDuplicateResource, match="in use"):
        create_task(line)


@lost
def test_what_cannot_be_looked_up_says_that_it_may_have_been_made(
    line: Line, end: Any
) -> None:
    known: Dict[str, Any] = {"expected_response": {}, "unique_id": "u"}
    calls = [
        lambda: line.client.create_evaluation_task("textcollection", **TEXT, **known),
        lambda: line.client.upload_file(b"x", reference_id="r"),
        lambda: line.client.import_file("http://x", reference_id="s"),
    ]
    for call in calls:
        line.server.play(line.after(end), line.through)
        with pytest.raises(ScaleDuplicateResource, match="earlier attempt of this"):
            call()


@pytest.mark.parametrize(
    "end", [Answer(500), Answer(502), Answer(503), Reset(), Truncated()]
)
def test_a_creation_without_a_key_is_not_repeated_into_the_dark(
    line: Line, end: Any
) -> None:
    line.server.play(line.after(end), line.through)
    with pytest.raises(ScaleException, match="auto_unique_id") as caught:
        line.client.create_task("textcollection", **TEXT)
    assert "unique_id=" in caught.value.message
    assert line.direct.tasks().total == 1


def test_a_success_after_a_503_is_warned_of(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.server.play(Answer(503, None, {"Retry-After": "1"}), line.through)
    with caplog.at_level(logging.WARNING):
        line.client.create_task("textcollection", **TEXT)
    assert "there are now two" in caplog.text
    caplog.clear()
    line.server.play(Answer(429), line.through)
    with caplog.at_level(logging.WARNING):
        line.client.create_task("textcollection", **TEXT)
    assert "there are now two" not in caplog.text


@lost
def test_auto_unique_id_makes_every_creation_safe(line: Line, end: Any) -> None:
    client = ScaleClient(
        line.key, api_instance_url=line.server.url, auto_unique_id=True
    )
    line.server.play(line.after(end), line.through)
    task = client.create_task("textcollection", unique_id=None, **TEXT)
    assert [found.id for found in line.direct.tasks()] == [task.id]
    assert len(task.unique_id) == 32
    line.server.play(line.through)
    own = client.create_task("textcollection", unique_id="mine", **TEXT)
    assert own.unique_id == "mine"
    another = client.create_task("textcollection", **TEXT)
    assert another.unique_id not in (task.unique_id, "mine")
    evaluation = client.create_evaluation_task(
        "textcollection", expected_response={}, **TEXT
    )
    assert len(evaluation.as_dict()["unique_id"]) == 32


def test_payloads_are_left_as_they_are(line: Line) -> None:
    client = ScaleClient(
        line.key, api_instance_url=line.server.url, auto_unique_id=True
    )
    payload = dict(TEXT)
    client.create_task("textcollection", **payload)
    assert payload == TEXT


def test_max_retries_is_the_callers(line: Line, waits: List[float]) -> None:
    for number in (0, 1, 5):
        line.server.received.clear()
        line.server.play(Answer(503))
        client = ScaleClient("test_x", None, line.server.url, max_retries=number)
        with pytest.raises(ScaleServiceUnavailable) as caught:
            client.get_task("1")
        assert len(line.server.received) == caught.value.attempts == number + 1
