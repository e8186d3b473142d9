"""Each delivery is handled once, and the answer says what became of it."""

from __future__ import annotations

import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleTypeError, ScaleValueError
from scaleapi.callbacks import (
    CallbackEvent,
    DeliveryInProgress,
    MemorySeen,
    Receiver,
)
from tests.callbacks.bodies import ID, KEYS, LIVE, TEST, headers, task_body

TIMEOUT_S = 30


def test_the_answer_is_200_after_the_event_was_handled() -> None:
    events: List[CallbackEvent] = []
    receiver = Receiver(KEYS, events.append)
    assert receiver.answer(headers(), task_body({"a": 1})) == (200, "handled")
    (event,) = events
    assert (event.response, event.live) == ({"a": 1}, True)


def test_a_repeat_is_answered_but_not_handled_again() -> None:
    events: List[CallbackEvent] = []
    receiver = Receiver(KEYS, events.append)
    answers = [receiver.answer(headers(), task_body()) for _ in range(21)]
    assert answers == [(200, "handled"), *[(200, "handled before")] * 20]
    assert len(events) == 1


@pytest.mark.parametrize(
    ("given_headers", "body", "status"),
    [
        ({}, task_body(), 401),
        (headers("x"), task_body(), 401),
        (headers(), task_body(is_test=True), 401),
        (headers(), b"{", 400),
        (headers(), b"{}", 400),
        (headers(), task_body("x" * 1000), 413),
        # Without a right key nobody learns more.
        (headers("x"), task_body("x" * 1000), 401),
        (headers("x"), b"{", 401),
    ],
)
def test_what_is_not_a_callback_is_answered_with_its_status(
    given_headers: Any, body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    events: List[CallbackEvent] = []
    receiver = Receiver(KEYS, events.append, max_body_bytes=1000)
    answer, text = receiver.answer(given_headers, body)
    assert answer == status
    assert events == []
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == f"callback rejected with {status}: {text}"


def test_a_delivery_that_failed_is_handled_when_it_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: List[str] = []

    def handle(event: CallbackEvent) -> None:
        calls.append(event.delivery_id)
        if len(calls) < 3:
            raise RuntimeError("the disk is full")

    receiver = Receiver(KEYS, handle)
    answers = [receiver.answer(headers(), task_body())[0] for _ in range(4)]
    assert answers == [500, 500, 200, 200]
    assert len(calls) == 3
    first = caplog.records[0]
    assert first.getMessage() == (
        f"handle() failed for task '{ID}'; the callback comes again"
    )
    assert "the disk is full" in caplog.text
    assert "calls.append" not in caplog.text


def test_nothing_that_is_logged_of_a_failure_has_a_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handle(event: CallbackEvent) -> None:
        raise RuntimeError(repr(event))

    assert Receiver(KEYS, handle).answer(headers(), task_body())[0] == 500
    (record,) = caplog.records
    assert record.exc_info is not None
    # As tools that report errors do, which show the variables of each frame.
    made = traceback.TracebackException(*record.exc_info, capture_locals=True)
    text = "".join(made.format())
    assert "in handle" in text
    for key in (LIVE, TEST):
        assert key not in text + caplog.text


def test_what_is_logged_of_a_task_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    def handle(event: CallbackEvent) -> None:
        raise RuntimeError

    body = task_body(task_id="a\nERROR root: all is lost")
    assert Receiver(KEYS, handle).answer(headers(), body)[0] == 500
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_ends_it_and_the_delivery_can_come_again(
    kind: Any,
) -> None:
    ends = [kind()]

    def handle(event: CallbackEvent) -> None:
        if ends:
            raise ends.pop()

    receiver = Receiver(KEYS, handle)
    with pytest.raises(kind):
        receiver.answer(headers(), task_body())
    assert receiver.answer(headers(), task_body()) == (200, "handled")


def test_a_repeat_that_comes_meanwhile_gets_503_and_is_handled_if_the_first_fails() -> (
    None
):
    begun, go = threading.Event(), threading.Event()
    calls: List[str] = []

    def handle(event: CallbackEvent) -> None:
        calls.append(event.delivery_id)
        begun.set()
        assert go.wait(TIMEOUT_S)
        if len(calls) == 1:
            raise RuntimeError

    receiver = Receiver(KEYS, handle)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(receiver.answer, headers(), task_body())
        assert begun.wait(TIMEOUT_S)
        assert receiver.answer(headers(), task_body()) == (503, "being handled")
        go.set()
        assert first.result(TIMEOUT_S)[0] == 500
    assert receiver.answer(headers(), task_body()) == (200, "handled")
    assert len(calls) == 2


def test_a_delivery_that_comes_many_times_at_once_is_handled_once() -> None:
    events: List[CallbackEvent] = []
    receiver = Receiver(KEYS, events.append)
    bodies = [task_body({"n": number % 5}) for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda body: receiver.answer(headers(), body), bodies))
    assert {status for status, _ in answers} <= {200, 503}
    assert sorted(event.response["n"] for event in events) == [0, 1, 2, 3, 4]
    assert answers.count((200, "handled")) == 5


def test_a_coroutine_function_without_a_loop_is_not_taken_for_success(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handle(event: CallbackEvent) -> None:
        pass

    assert Receiver(KEYS, handle).answer(headers(), task_body())[0] == 500
    assert "only receiver.asgi can run" in caplog.text


class Store(MemorySeen):
    """Notes what it is told, and fails where it should."""

    def __init__(self, fails: str = "", begun: Any = None) -> None:
        super().__init__()
        self.told: List[str] = []
        self.fails = fails
        self.begun = begun

    def _tell(self, name: str) -> None:
        self.told.append(name)
        if self.fails == name:
            raise OSError("no connection to the store")

    def begin(self, delivery_id: str) -> Any:
        self._tell("begin")
        return super().begin(delivery_id) if self.begun is None else self.begun

    def done(self, delivery_id: str) -> None:
        self._tell("done")
        super().done(delivery_id)

    def failed(self, delivery_id: str) -> None:
        self._tell("failed")
        super().failed(delivery_id)


def test_the_store_is_told_what_becomes_of_each_delivery() -> None:
    store = Store()
    receiver = Receiver(KEYS, lambda event: event.response["n"], store)
    receiver.answer(headers(), task_body())  # its response is null: a TypeError
    receiver.answer(headers(), task_body({"n": 1}))
    receiver.answer(headers(), task_body({"n": 1}))
    assert store.told == ["begin", "failed", "begin", "done", "begin"]


@pytest.mark.parametrize(
    ("fails", "status", "handled"),
    [("begin", 500, 0), ("done", 200, 1), ("failed", 500, 1)],
)
def test_a_store_that_fails_neither_loses_a_delivery_nor_repeats_one(
    fails: str, status: int, handled: int, caplog: pytest.LogCaptureFixture
) -> None:
    events: List[CallbackEvent] = []

    def handle(event: CallbackEvent) -> None:
        events.append(event)
        if fails == "failed":
            raise RuntimeError

    receiver = Receiver(KEYS, handle, Store(fails))
    assert receiver.answer(headers(), task_body())[0] == status
    assert len(events) == handled
    assert "no connection to the store" in caplog.text


def test_a_store_that_forgets_to_return_does_not_lose_deliveries(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Forgetful(MemorySeen):
        def begin(self, delivery_id: str) -> Any:
            super().begin(delivery_id)

    receiver = Receiver(KEYS, print, Forgetful())
    assert receiver.answer(headers(), task_body())[0] == 500
    assert "seen.begin() must return a bool; got None" in caplog.text


def test_the_memory_is_bounded_and_forgets_the_oldest() -> None:
    seen = MemorySeen(2)
    for delivery in "abc":
        assert seen.begin(delivery)
        seen.done(delivery)
    assert not seen.begin("b")
    assert not seen.begin("c")
    assert seen.begin("a")
    with pytest.raises(DeliveryInProgress):
        seen.begin("a")
    for number in range(1000):
        seen.begin(str(number))
        seen.failed(str(number))
    assert (len(seen._done), len(seen._in_progress)) == (2, 1)


def test_a_receiver_that_cannot_work_is_not_made() -> None:
    with pytest.raises(
        ScaleTypeError, match="handle must be a function; got .*NoneType"
    ):
        Receiver(KEYS, None)  # type: ignore[arg-type]
    with pytest.raises(ScaleTypeError, match=r"seen has no method begin\(\)"):
        Receiver(KEYS, print, set())  # type: ignore[arg-type]
    with pytest.raises(ScaleValueError, match="max_body_bytes must be at least 1"):
        Receiver(KEYS, print, max_body_bytes=0)
    with pytest.raises(ScaleValueError, match="size must be at least 1"):
        MemorySeen(0)


anything = st.one_of(
    *(st.none(), st.integers(), st.text(), st.binary(), st.lists(st.binary())),
    st.dictionaries(
        st.sampled_from(["scale-callback-auth", b"scale-callback-auth", 7]),
        st.one_of(st.sampled_from([LIVE, TEST, LIVE.encode()]), st.none(), st.text()),
    ),
)


@given(anything, anything)
def test_an_answer_never_raises(given_headers: Any, body: Any) -> None:
    def handle(event: CallbackEvent) -> None:
        raise RuntimeError

    receiver = Receiver(KEYS, handle)
    for each in (given_headers, headers(LIVE), headers(TEST)):
        status, text = receiver.answer(each, body)
        assert status in (400, 401, 500)
        assert text
