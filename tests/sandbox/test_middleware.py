"""What the middlewares and exception handlers of the sandbox do together."""

from __future__ import annotations

from typing import Any

import pytest

from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller


def test_a_failure_of_the_sandbox_is_answered_recorded_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise LookupError("no such cow")

    monkeypatch.setattr("scaleapi.sandbox.store.projects.ProjectRepository.all", fail)
    with Sandbox() as own:
        call = Caller(own.url)
        with call.session:
            answer = call("GET", "projects")
            assert answer == (500, "The sandbox failed; its log says why")
            assert call("GET", "tasks")[0] == 200
        assert [entry.status for entry in own.requests] == [500, 200]
    assert "no such cow" in caplog.text
    caplog.clear()


def test_a_throttled_creation_is_recorded_and_matches_no_fault() -> None:
    with Sandbox() as own:
        own.rate_limit(0.001, burst=1)
        fault = own.faults.add(status=503, path="/task/*", nth=2)
        call = Caller(own.url)
        body = {"attachments": [], "fields": []}
        with call.session:
            statuses = [
                call("POST", "task/textcollection", json=body)[0] for _ in range(3)
            ]
        assert statuses == [200, 429, 429]
        assert [entry.status for entry in own.requests] == statuses
        assert (fault.matched, fault.triggered) == (1, 0)


def test_a_request_to_a_foreign_host_is_neither_recorded_nor_counted() -> None:
    with Sandbox() as own:
        fault = own.faults.add(status=503)
        call = Caller(own.url)
        with call.session:
            status, _ = call("GET", "tasks", headers={"Host": "evil.example"})
        assert status == 403
        assert len(own.requests) == fault.matched == 0
