"""Threads take turns to read answers, but do not wait long for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaleapi import ScaleClient, ScaleException
from scaleapi._transport import turns
from scaleapi._transport.turns import Turn
from scaleapi.export import fetching


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_MAX_WAIT_S", 0.001)


def test_a_turn_is_waited_for_once_and_ends_once() -> None:
    first, second, third = Turn(), Turn(), Turn()
    first.begin()
    first.begin()  # of a second attempt
    second.begin()
    second.end()
    assert turns._lock.locked()
    first.end()
    first.end()
    second.begin()
    assert not turns._lock.locked()
    third.begin()
    assert turns._lock.locked()
    third.end()
    assert not turns._lock.locked()


def test_a_turn_ends_with_an_error(
    client: ScaleClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_project("cows", "imageannotation")
    held = []

    def fail(page: object) -> None:
        held.append(turns._lock.locked())
        raise ScaleException("it is broken")

    monkeypatch.setattr(fetching, "total_of", fail)
    with pytest.raises(ScaleException, match="it is broken"):
        client.export_tasks(tmp_path / "a", project_name="cows")
    assert held == [True]
    assert not turns._lock.locked()
