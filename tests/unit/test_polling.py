from __future__ import annotations

from typing import List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import ScaleException, ScaleValueError, ScaleWaitTimeoutError
from scaleapi._core.polling import next_wait, wait_until


class Clock:
    """A clock that stands still but for the waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: List[float] = []

    def pause(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return True

    def wait_for(
        self, seconds: float, *, poll: float = 2.0, timeout: Optional[float] = None
    ) -> None:
        wait_until(
            lambda: self.now >= seconds,
            name="it",
            poll=poll,
            timeout=timeout,
            clock=lambda: self.now,
            pause=self.pause,
        )


def test_wait_until_waits_longer_each_time_up_to_a_minute() -> None:
    clock = Clock()
    clock.wait_for(600)
    assert clock.waits[:4] == [2.0, 3.0, 4.5, 6.75]
    assert clock.waits[-1] == max(clock.waits) == 60.0


def test_wait_until_keeps_a_poll_longer_than_a_minute() -> None:
    clock = Clock()
    clock.wait_for(1000, poll=300.0)
    assert set(clock.waits) == {300.0}


def test_wait_until_does_not_wait_if_finished() -> None:
    clock = Clock()
    clock.wait_for(0, timeout=0)
    assert clock.waits == []


def test_wait_until_polls_a_last_time_at_the_timeout() -> None:
    clock = Clock()
    with pytest.raises(ScaleWaitTimeoutError, match="it is not finished after 10 s"):
        clock.wait_for(11, timeout=10)
    assert clock.now == 10
    clock.wait_for(20, timeout=10)
    assert clock.now == 20


def test_wait_timeout_error_is_a_timeout_error() -> None:
    with pytest.raises(TimeoutError):
        Clock().wait_for(1, timeout=0)


@pytest.mark.parametrize(
    ("poll", "timeout"), [(0, None), (-1, None), (float("nan"), None), (1, -1)]
)
def test_wait_until_rejects_invalid_poll_and_timeout(
    poll: float, timeout: Optional[float]
) -> None:
    with pytest.raises(ScaleValueError):
        Clock().wait_for(0, poll=poll, timeout=timeout)


def test_wait_until_raises_if_a_pause_is_cut_short() -> None:
    with pytest.raises(ScaleException, match="stopped"):
        wait_until(
            lambda: False,
            name="it",
            poll=1.0,
            timeout=None,
            clock=lambda: 0.0,
            pause=lambda _: False,
        )


@given(
    st.integers(1, 10**6),
    st.floats(0, 1e6),
    st.floats(0.001, 1e6),
    st.one_of(st.none(), st.floats(0, 1e6)),
)
def test_next_wait_is_at_most_a_minute_or_poll_and_the_time_left(
    polls: int, waited: float, poll: float, timeout: Optional[float]
) -> None:
    wait = next_wait(polls, waited, poll=poll, timeout=timeout)
    if wait is None:
        assert timeout is not None and waited >= timeout
        return
    assert 0 < wait <= max(poll, 60)
    assert timeout is None or waited + wait <= timeout * (1 + 1e-9)
    if timeout is None:
        assert wait <= (next_wait(polls + 1, waited, poll=poll, timeout=None) or 0)
