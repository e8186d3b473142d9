"""The rate of a client, against servers that exist on paper only."""

from __future__ import annotations

import heapq
import pickle
import random
import threading
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi._transport.rate_limiter import Pacer, Turn


class Server:
    """A bucket of tokens that fills at a rate; an empty one means 429."""

    def __init__(
        self, rate: float, burst: float, retry_after: Optional[float] = None
    ) -> None:
        self.rate = rate
        self.burst = burst
        self.retry_after = retry_after
        self._tokens = burst
        self._time = 0.0

    def takes(self, now: float) -> bool:
        more = (now - self._time) * self.rate
        self._tokens, self._time = min(self.burst, self._tokens + more), now
        taken = self._tokens >= 1
        self._tokens -= taken
        return taken


class Run:
    """Workers that send as fast as their pacer lets them, in time on paper."""

    def __init__(
        self,
        server: Server,
        *,
        seconds: float = 60.0,
        workers: int = 16,
        round_trip: float = 0.02,
        seed: int = 0,
    ) -> None:
        self.pacer = Pacer(threading.Lock)
        self.passed: List[float] = []
        self.refused: List[float] = []
        self.sent: List[float] = []
        chance = random.Random(seed)
        events: List[Tuple[float, int, str, Any]] = []
        count = 0

        def at(moment: float, what: str, turn: Any = None) -> None:
            nonlocal count
            count += 1
            heapq.heappush(events, (moment, count, what, turn))

        for _ in range(workers):
            at(0.0, "ask")
        while events:
            now, _, what, turn = heapq.heappop(events)
            if now > seconds:
                break
            if what == "ask":
                turn = self.pacer.turn(now)
                at(now + turn.wait, "wake", turn)
            elif what == "wake" and turn.wait and turn.era != self.pacer.era:
                at(now, "ask")
            elif what == "wake":
                self.sent.append(now)
                way = round_trip * (0.5 + chance.random()) / 2
                at(now + way, "arrive", (turn, way))
            elif what == "arrive":
                taken = server.takes(now)
                at(now + turn[1], "passed" if taken else "refused", turn[0])
            elif what == "passed":
                self.pacer.passed(now)
                self.passed.append(now)
                at(now, "ask")
            else:
                self.pacer.refused(turn, now, server.retry_after)
                self.refused.append(now)
                wait = server.retry_after or 1 + chance.random()
                at(now + wait, "ask")

    def share_refused(self) -> float:
        return len(self.refused) / (len(self.refused) + len(self.passed))

    def rate_between(self, start: float, end: float) -> float:
        return sum(start < time <= end for time in self.passed) / (end - start)


@pytest.mark.parametrize("round_trip", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_documented_limit_is_found_and_held(
    round_trip: float, retry_after: Optional[float], seed: int
) -> None:
    run = Run(Server(30, 30, retry_after), round_trip=round_trip, seed=seed)
    assert len(run.passed) >= 0.85 * 30 * 60
    assert run.share_refused() < 0.05


@pytest.mark.parametrize(("rate", "workers"), [(10, 16), (100, 16), (300, 50)])
def test_other_limits_are_found_too(rate: float, workers: int) -> None:
    run = Run(Server(rate, rate, 1.0), workers=workers)
    assert run.rate_between(20, 60) >= 0.85 * rate
    assert sum(time > 10 for time in run.refused) < 0.05 * rate * 50


def test_a_limit_that_rises_is_found_again() -> None:
    class Rising(Server):
        def takes(self, now: float) -> bool:
            self.rate = self.burst = 10 if now < 20 else 60
            return super().takes(now)

    run = Run(Rising(10, 10, 1.0))
    assert run.rate_between(10, 20) <= 12
    assert run.rate_between(45, 60) >= 45


def test_a_limit_that_falls_is_kept_soon() -> None:
    class Falling(Server):
        def takes(self, now: float) -> bool:
            self.rate = self.burst = 60 if now < 20 else 10
            return super().takes(now)

    run = Run(Falling(60, 60, 1.0))
    late = [time for time in run.refused if time > 30]
    assert len(late) < 0.1 * 10 * 30
    assert run.rate_between(30, 60) >= 7


@pytest.mark.parametrize(("share", "least"), [(0.01, 300), (0.03, 100)])
def test_a_server_that_refuses_some_at_any_rate_is_not_waited_for(
    share: float, least: float
) -> None:
    chance = random.Random(3)

    class Moody(Server):
        def takes(self, now: float) -> bool:
            return chance.random() >= share

    run = Run(Moody(0, 0))
    assert run.rate_between(20, 60) >= least


def test_without_a_refusal_nobody_ever_waits() -> None:
    run = Run(Server(1e9, 1e9), seconds=2)
    assert run.pacer.rate(2.0) is None
    assert len(run.passed) > 16 * 2 / 0.02 * 0.9


def test_a_pause_that_the_server_asks_for_holds_for_all() -> None:
    run = Run(Server(5, 20, 3.0), seconds=10)
    first = run.refused[0]
    assert not [t for t in run.sent if first < t < first + 3.0]
    assert [t for t in run.sent if t >= first + 3.0]


def test_those_who_sleep_are_sent_back_by_a_pause() -> None:
    pacer = Pacer(threading.Lock)
    pacer.refused(Turn(0.0, 0), 100.0, None)
    sleeping = [pacer.turn(100.0) for _ in range(5)][-1]
    assert sleeping.wait > 0 and sleeping.era == pacer.era
    pacer.refused(Turn(0.0, 0), 100.1, 20.0)
    assert sleeping.era != pacer.era
    assert pacer.turn(100.2).wait == pytest.approx(19.9)


def test_what_was_on_its_way_does_not_count_again() -> None:
    pacer = Pacer(threading.Lock)
    for number in range(100):
        pacer.passed(number / 100)
    early = [pacer.turn(1.0) for _ in range(16)]
    for turn in early:
        pacer.refused(turn, 1.0, None)
    assert pacer.rate(1.0) == pytest.approx(90, rel=0.05)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["turn", "passed", "refused"]),
            st.floats(0, 30),
            st.one_of(st.none(), st.floats(-10, 1e9)),
        ),
        max_size=60,
    )
)
def test_whatever_comes_turns_are_finite_in_order_and_spaced(
    steps: List[Tuple[str, float, Optional[float]]],
) -> None:
    pacer = Pacer(threading.Lock)
    now, last, given = 0.0, 0.0, Turn(0.0, 0)
    eras: Dict[int, None] = {}
    for what, passes, retry_after in steps:
        now += passes
        if what == "turn":
            given = pacer.turn(now)
            assert 0 <= given.wait <= 60 + 2 * len(steps)
            assert now + given.wait >= last
            last = now + given.wait
        elif what == "passed":
            pacer.passed(now)
        else:
            pacer.refused(given, now, retry_after)
            assert (pacer.rate(now) or 0) >= 0.5
            assert pacer.turn(now).wait > min(max(retry_after or 0, 0), 60) - 1e-6
            last = 0.0
        eras[pacer.era] = None
    assert list(eras) == sorted(eras)


def test_a_pickled_pacer_comes_back_with_a_lock_and_without_memory() -> None:
    pacer = Pacer(threading.Lock)
    pacer.refused(pacer.turn(1.0), 1.0, 30.0)
    again = pickle.loads(pickle.dumps(pacer))
    assert again.turn(1.0) == Turn(0.0, 0)
    again.refused(again.turn(1.0), 1.0, 30.0)
    assert again.turn(1.0).wait == pytest.approx(30)
