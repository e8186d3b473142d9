"""An object that existed before a call is not taken for a result of that call.

The client goes by the clock of the server: the ``Date`` of the answer, less the time
since the first attempt, is when the call began there.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Mapping, Optional

import pytest

from scaleapi import (
    ScaleClient,
    ScaleConnectionError,
    ScaleDuplicateResource,
    ScaleException,
    ScaleInvalidRequest,
    _monotonic,
)
from scaleapi._transport import history
from scaleapi.sandbox import Sandbox
from tests.faults.test_recovery import CALLS
from tests.faultserver import Answer, Event, FaultServer, Received, Reset
from tests.faulty_proxy import FaultyProxy

NOON = "Fri, 27 Nov 2026 12:00:00 GMT"
LONG_AGO = "2020-01-01T00:00:00.000Z"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the workers of a bulk call retry after hundredths of a second."""
    monkeypatch.setattr("scaleapi._transport.retry._MAX_BACKOFF_S", 0.02)


@pytest.fixture
def client(fault_server: FaultServer, waits: List[float]) -> ScaleClient:
    return ScaleClient("test_key", None, fault_server.url)


class Stopwatch:
    """Lets some seconds pass between the first attempt and the last answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(history, "monotonic", lambda: self.now)

    def after(self, seconds: float, event: Event) -> Callable[[Received], Event]:
        def later(_: Received) -> Event:
            self.now += seconds
            return event

        return later


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    return Stopwatch(monkeypatch)


def duplicate(date: Optional[str], name: str = "Date") -> Answer:
    headers = None if date is None else {name: date}
    return Answer(409, {"error": "in use"}, headers)


def task(created_at: Any, **more: Any) -> Dict[str, Any]:
    stamp = {} if created_at is None else {"created_at": created_at}
    return {"task_id": "1", "unique_id": "u", "type": "chat", **stamp, **more}


def page(created_at: Any, headers: Optional[Mapping[str, str]] = None) -> Answer:
    return Answer(200, {"docs": [task(created_at)]}, headers)


def create(client: ScaleClient) -> Any:
    return client.create_task("chat", unique_id="u")


class TestCreatedBeforeTheCall:
    @pytest.mark.parametrize("lost", [Answer(503), Answer(500), Reset()])
    def test_create_task_raises_scale_duplicate_resource(
        self, client: ScaleClient, fault_server: FaultServer, lost: Any
    ) -> None:
        fault_server.play(lost, duplicate(NOON), page("2026-11-26T12:00:00.000Z"))
        with pytest.raises(ScaleDuplicateResource, match="in use") as caught:
            create(client)
        error = caught.value
        assert "created at 2026-11-26T12:00:00.000Z, before this call" in error.message
        assert "earlier attempt" not in error.message
        assert (error.code, error.attempts, error.unique_id) == (409, 2, "u")
        assert error.headers["Date"] == NOON

    @pytest.mark.parametrize(
        ("create", "document"),
        [
            (lambda c: c.create_batch("p", "n"), {"name": "n", "project": "p"}),
            (lambda c: c.create_project("n", "chat"), {"name": "n", "type": "chat"}),
            (
                lambda c: c.create_project_group("p", ["a@b.c"], "n"),
                [{"id": "1", "name": "n"}],
            ),
        ],
    )
    def test_creations_with_a_name_raise_scale_duplicate_resource(
        self, client: ScaleClient, fault_server: FaultServer, create: Any, document: Any
    ) -> None:
        of_list = document[0] if isinstance(document, list) else document
        for created_at, is_new in (
            ("2026-11-26T12:00:00Z", False),
            ("2026-11-27T12:00:00Z", True),
        ):
            of_list["created_at"] = created_at
            fault_server.play(Answer(503), duplicate(NOON), Answer(200, document))
            if is_new:
                assert create(client).as_dict()["created_at"] == created_at
            else:
                with pytest.raises(ScaleDuplicateResource, match="before this call"):
                    create(client)

    def test_create_tasks_reports_existing(
        self, client: ScaleClient, fault_server: FaultServer, quick: None
    ) -> None:
        for created_at, status in (
            (LONG_AGO, "existing"),
            ("2026-11-27T12:00:00Z", "created"),
        ):
            fault_server.play(Answer(503), duplicate(NOON), page(created_at))
            (result,) = client.create_tasks("chat", [{"unique_id": "u"}])
            assert result.status == status
            assert result.task is not None
            assert result.task.id == "1"

    def test_get_or_create_task_returns_the_task(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        fault_server.play(Answer(503), duplicate(NOON), page(LONG_AGO))
        assert client.get_or_create_task("chat", unique_id="u").id == "1"
        batch = {"name": "b", "project": "p", "created_at": LONG_AGO}
        fault_server.play(Answer(503), duplicate(NOON), Answer(200, batch))
        assert client.get_or_create_batch("p", "b").name == "b"


@pytest.mark.parametrize(
    ("call", "document"),
    [
        (lambda c: c.cancel_task("1"), task(LONG_AGO, status="canceled")),
        (
            lambda c: c.finalize_batch("b"),
            {"name": "b", "status": "in_progress", "created_at": LONG_AGO},
        ),
        (lambda c: c.update_task_unique_id("1", "u"), task(LONG_AGO)),
    ],
)
def test_a_call_that_changes_an_object_returns_it(
    client: ScaleClient, fault_server: FaultServer, call: Any, document: Any
) -> None:
    fault_server.play(Answer(503), duplicate(NOON), Answer(200, document))
    assert call(client).as_dict() == document


class TestTimeSinceTheFirstAttempt:
    def test_is_subtracted_from_the_date_header(
        self, client: ScaleClient, fault_server: FaultServer, stopwatch: Stopwatch
    ) -> None:
        # By the server's clock the call began at 11:59:00.
        for created_at, is_new in (
            ("2026-11-27T11:58:57.999Z", False),
            ("2026-11-27T11:58:58.000Z", True),
            ("2026-11-27T11:59:30.000Z", True),
        ):
            fault_server.play(
                stopwatch.after(20, Answer(503)),
                stopwatch.after(20, Answer(503, None, {"Date": "nonsense"})),
                stopwatch.after(20, duplicate(NOON)),
                stopwatch.after(3600, page(created_at, {"Date": LONG_AGO})),
            )
            if is_new:
                assert create(client).created_at == created_at
            else:
                with pytest.raises(ScaleDuplicateResource):
                    create(client)

    def test_is_measured_while_a_test_freezes_the_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("time", "monotonic", "perf_counter", "clock_gettime"):
            monkeypatch.setattr(time, name, lambda *_: 7.0)
        # As freezegun does with the function under any name in any module.
        for name, value in vars(_monotonic).items():
            if value in (time.monotonic, time.perf_counter):
                monkeypatch.setattr(_monotonic, name, lambda: 7.0)
        started = _monotonic.monotonic()
        sum(range(100_000))
        assert _monotonic.monotonic() > started

    def test_is_measured_without_posix_clocks(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
            monkeypatch.delattr(time, name, raising=False)
        clock = _monotonic._untouched_clock()
        monkeypatch.setattr(time, "monotonic", lambda: 7.0)
        started = clock()
        sum(range(100_000))
        assert clock() > started


NEWER_THAN_THE_CALL = [
    # created_at, in all forms of ISO 8601 that are in use
    "2026-11-27T12:00:00Z",
    "2026-11-27T12:00:00.000Z",
    "2026-11-27T11:59:58.000001Z",
    "2026-11-27T11:59:58.123456789+00:00",
    "2026-11-27T12:00:00",
    "2026-11-27 12:00:00.5",
    "2026-11-27T12:00Z",
    "2026-11-27T13:00:00+01:00",
    "2026-11-27T04:00:00-0800",
    "2027-11-27T12:00:00Z",
]
OLDER_THAN_THE_CALL = [
    "2026-11-27T11:59:57Z",
    "2026-11-27T11:59:57.5Z",
    "2026-11-27T11:59:57.499999999Z",
    "2026-11-27T11:59:57",
    "2026-11-27 11:59:57.25",
    "2026-11-27T11:59Z",
    "2026-11-27T12:59:57+01:00",
    "2026-11-27T17:29:57+0530",
    "2025-11-27T12:00:00Z",
    "0001-01-01T00:00:00+14:00",
]
#: A document without a time counts as new.
SAYS_NOTHING = [
    None,
    "",
    "yesterday",
    "2020-01-01",
    "2020-13-45T99:99:99Z",
    "2020-01-01T00:00:00+99:99",
    1577836800,
    1577836800000,
    ["2020-01-01T00:00:00Z"],
    {"$date": "2020-01-01T00:00:00Z"},
    "-2020-01-01T00:00:00Z",
]


@pytest.mark.parametrize("created_at", NEWER_THAN_THE_CALL + SAYS_NOTHING)
def test_a_task_that_is_not_clearly_older_is_returned(
    client: ScaleClient, fault_server: FaultServer, created_at: Any
) -> None:
    fault_server.play(Answer(503), duplicate(NOON), page(created_at))
    assert create(client).as_dict() == task(created_at)


@pytest.mark.parametrize("created_at", OLDER_THAN_THE_CALL)
def test_a_task_that_is_clearly_older_is_a_duplicate(
    client: ScaleClient, fault_server: FaultServer, created_at: str
) -> None:
    fault_server.play(Answer(503), duplicate(NOON), page(created_at))
    with pytest.raises(ScaleDuplicateResource):
        create(client)


class TestDateHeader:
    @pytest.mark.parametrize(
        "date",
        [
            None,
            "",
            "soon",
            "-1",
            "Fri, 27 Nov -2026 12:00:00 GMT",
            "Fri, 99 Nov 2026 12:00:00 GMT",
            "Fri, 27 Nov 2026 99:00:00 GMT",
            "Fri, 27 Nov 2026 12:00:00",
            "Fri, 27 Nov 2026 12:00:00 MARS",
            "Fri, 27 Nov 2026 12:00:00 -0000",
            "2026-11-27T12:00:00Z",
            "9" * 500,
            f"{NOON}, {NOON}",
            "\xe9" * 10,
        ],
    )
    def test_without_a_usable_date_the_task_is_returned(
        self, client: ScaleClient, fault_server: FaultServer, date: Optional[str]
    ) -> None:
        fault_server.play(Answer(503), duplicate(date), page(LONG_AGO))
        assert create(client).id == "1"

    @pytest.mark.parametrize(
        ("name", "date"),
        [
            ("date", NOON),
            ("DATE", "Friday, 27-Nov-26 12:00:00 GMT"),
            ("Date", "Fri, 27 Nov 2026 13:00:00 +0100"),
            ("Date", "Fri, 27 Nov 2026 04:00:00 PST"),
            ("Date", "  Fri, 27 Nov 2026 12:00:00 GMT"),
        ],
    )
    def test_is_parsed_in_every_format_of_http(
        self, client: ScaleClient, fault_server: FaultServer, name: str, date: str
    ) -> None:
        for created_at, is_new in (
            ("2026-11-27T11:59:57Z", False),
            ("2026-11-27T11:59:59Z", True),
        ):
            fault_server.play(Answer(503), duplicate(date, name), page(created_at))
            if is_new:
                assert create(client).created_at == created_at
            else:
                with pytest.raises(ScaleDuplicateResource):
                    create(client)

    def test_is_read_from_the_409_only(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        late = {"Date": "Fri, 27 Nov 2099 12:00:00 GMT"}
        early = {"Date": "Fri, 27 Nov 2009 12:00:00 GMT"}
        created_at = "2026-11-27T12:00:00Z"
        lost = [Answer(503, None, late), Answer(500, None, late)]
        fault_server.play(*lost, duplicate(NOON), page(created_at, late))
        assert create(client).created_at == created_at
        lost = [Answer(503, None, early), Answer(500, None, early)]
        fault_server.play(*lost, duplicate(NOON), page(LONG_AGO, early))
        with pytest.raises(ScaleDuplicateResource):
            create(client)

    def test_may_differ_from_the_local_clock_by_years(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        for years in (-30, -1, 1, 30):
            there = datetime.now(timezone.utc) + timedelta(days=365 * years)
            date = there.strftime("%a, %d %b %Y %H:%M:%S GMT")
            for seconds, is_new in ((-5, False), (0, True), (5, True)):
                created_at = (there + timedelta(seconds=seconds)).isoformat()
                fault_server.play(Answer(503), duplicate(date), page(created_at))
                if is_new:
                    assert create(client).created_at == created_at
                else:
                    with pytest.raises(ScaleDuplicateResource):
                        create(client)


class TestOldTaskWithoutA409:
    """The attempts end without a 409, and the object that is found is old."""

    def test_raises_scale_duplicate_resource(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        busy = Answer(503, {"error": "busy"}, {"Date": NOON})
        fault_server.play(busy, busy, busy, busy, page(LONG_AGO))
        with pytest.raises(ScaleDuplicateResource, match="busy.*before this") as caught:
            create(client)
        assert (caught.value.code, caught.value.attempts) == (409, 4)
        fault_server.play(busy, busy, busy, busy, page("2026-11-27T12:00:00Z"))
        assert create(client).id == "1"

    def test_without_any_answer_the_date_of_the_lookup_is_used(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        lost = [Reset()] * 4
        fault_server.play(*lost, page(LONG_AGO, {"Date": NOON}))
        with pytest.raises(ScaleDuplicateResource) as caught:
            create(client)
        assert isinstance(caught.value.__cause__, OSError)
        fault_server.play(*lost, page(LONG_AGO))
        assert create(client).id == "1"
        fault_server.play(*lost, Answer(404, None, {"Date": NOON}))
        with pytest.raises(ScaleConnectionError):
            create(client)

    def test_a_400_after_a_lost_attempt_is_raised_as_such(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        wrong = Answer(400, {"error": "no instruction"}, {"Date": NOON})
        fault_server.play(Answer(503), wrong, page(LONG_AGO))
        with pytest.raises(ScaleInvalidRequest, match="no instruction") as caught:
            create(client)
        assert "earlier attempt" not in caught.value.message

    def test_a_creation_answered_by_a_queue_raises_scale_duplicate_resource(
        self, client: ScaleClient, fault_server: FaultServer
    ) -> None:
        accepted = Answer(202, {"status": "accepted"}, {"Date": NOON})
        fault_server.play(accepted, page(LONG_AGO))
        with pytest.raises(ScaleDuplicateResource):
            create(client)
        fault_server.play(accepted, page("2026-11-27T12:00:03Z"))
        assert create(client).id == "1"


@pytest.mark.parametrize("name", ["create_task", "create_batch", "create_project"])
def test_a_task_that_is_a_day_old_in_the_sandbox_is_a_duplicate(
    fault_server: FaultServer, waits: List[float], name: str
) -> None:
    """The clock of the sandbox is moved by a day."""
    before, call = CALLS[name]
    with Sandbox() as sandbox:
        proxy = FaultyProxy(fault_server, sandbox)
        before(proxy)
        call(proxy)
        fault_server.play(Answer(503), proxy.forward)
        assert call(proxy)  # as old as the call, within the precision of the clocks
        sandbox.clock.advance(86_400)
        fault_server.play(Answer(503), proxy.forward)
        with pytest.raises(ScaleDuplicateResource, match="before this call"):
            call(proxy)


def test_create_tasks_repeated_the_next_day_reports_existing(
    fault_server: FaultServer, quick: None
) -> None:
    payloads = [{"attachments": [], "fields": [], "metadata": {"n": n}} for n in (1, 2)]

    def run(proxy: FaultyProxy) -> List[str]:
        fault_server.play(Answer(503), Reset(), proxy.forward)
        results = proxy.client.create_tasks(
            "textcollection", payloads, unique_id="content", max_workers=1
        )
        return [result.status for result in results]

    with Sandbox() as sandbox:
        proxy = FaultyProxy(fault_server, sandbox)
        assert run(proxy) == ["created"] * 2
        sandbox.clock.advance(86_400)
        assert run(proxy) == ["existing"] * 2
        assert proxy.direct.tasks().total == 2


def test_a_lookup_ignores_documents_that_are_not_tasks(
    client: ScaleClient, fault_server: FaultServer
) -> None:
    nameless = {"unique_id": "u", "type": "chat"}
    fault_server.play(Answer(503), duplicate(NOON), Answer(200, {"docs": [nameless]}))
    with pytest.raises(ScaleException, match="in use") as caught:
        create(client)
    assert caught.value.attempts == 2
