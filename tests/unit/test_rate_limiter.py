"""The rate limiter against simulated servers, in simulated time."""

from __future__ import annotations

import heapq
import pickle
import random
import threading
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi._transport.rate_limiter import AdaptiveRateLimiter, Permit


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

    def accepts(self, now: float) -> bool:
        more = (now - self._time) * self.rate
        self._tokens, self._time = min(self.burst, self._tokens + more), now
        taken = self._tokens >= 1
        self._tokens -= taken
        return taken


class Run:
    """Simulates workers that send as fast as their rate limiter lets them."""

    def __init__(
        self,
        server: Server,
        *,
        seconds: float = 60.0,
        workers: int = 16,
        round_trip: float = 0.02,
        seed: int = 0,
    ) -> None:
        self.limiter = AdaptiveRateLimiter(threading.Lock)
        self.accepted: List[float] = []
        self.throttled: List[float] = []
        self.sent: List[float] = []
        chance = random.Random(seed)
        events: List[Tuple[float, int, str, Any]] = []
        count = 0

        def at(moment: float, what: str, permit: Any = None) -> None:
            nonlocal count
            count += 1
            heapq.heappush(events, (moment, count, what, permit))

        for _ in range(workers):
            at(0.0, "ask")
        while events:
            now, _, what, permit = heapq.heappop(events)
            if now > seconds:
                break
            if what == "ask":
                permit = self.limiter.next_permit(now)
                at(now + permit.wait, "wake", permit)
            elif what == "wake" and permit.wait and permit.epoch != self.limiter.epoch:
                at(now, "ask")
            elif what == "wake":
                self.sent.append(now)
                way = round_trip * (0.5 + chance.random()) / 2
                at(now + way, "arrive", (permit, way))
            elif what == "arrive":
                taken = server.accepts(now)
                at(now + permit[1], "accepted" if taken else "throttled", permit[0])
            elif what == "accepted":
                self.limiter.record_success(now)
                self.accepted.append(now)
                at(now, "ask")
            else:
                self.limiter.record_throttled(permit, now, server.retry_after)
                self.throttled.append(now)
                wait = server.retry_after or 1 + chance.random()
                at(now + wait, "ask")

    def throttled_share(self) -> float:
        return len(self.throttled) / (len(self.throttled) + len(self.accepted))

    def rate_between(self, start: float, end: float) -> float:
        return sum(start < time <= end for time in self.accepted) / (end - start)


@pytest.mark.parametrize("round_trip", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_rate_limiter_finds_and_holds_the_documented_limit(
    round_trip: float, retry_after: Optional[float], seed: int
) -> None:
    run = Run(Server(30, 30, retry_after), round_trip=round_trip, seed=seed)
    assert len(run.accepted) >= 0.85 * 30 * 60
    assert run.throttled_share() < 0.05


@pytest.mark.parametrize(("rate", "workers"), [(10, 16), (100, 16), (300, 50)])
def test_rate_limiter_finds_other_limits(rate: float, workers: int) -> None:
    run = Run(Server(rate, rate, 1.0), workers=workers)
    assert run.rate_between(20, 60) >= 0.85 * rate
    assert sum(time > 10 for time in run.throttled) < 0.05 * rate * 50


def test_rate_limiter_follows_a_limit_that_rises() -> None:
    class Rising(Server):
        def accepts(self, now: float) -> bool:
            self.rate = self.burst = 10 if now < 20 else 60
            return super().accepts(now)

    run = Run(Rising(10, 10, 1.0))
    assert run.rate_between(10, 20) <= 12
    assert run.rate_between(45, 60) >= 45


def test_rate_limiter_follows_a_limit_that_falls() -> None:
    class Falling(Server):
        def accepts(self, now: float) -> bool:
            self.rate = self.burst = 60 if now < 20 else 10
            return super().accepts(now)

    run = Run(Falling(60, 60, 1.0))
    late = [time for time in run.throttled if time > 30]
    assert len(late) < 0.1 * 10 * 30
    assert run.rate_between(30, 60) >= 7


@pytest.mark.parametrize(("share", "least"), [(0.01, 300), (0.03, 100)])
def test_rate_does_not_drop_for_a_server_that_throttles_a_few_at_any_rate(
    share: float, least: float
) -> None:
    chance = random.Random(3)

    class Random(Server):
        def accepts(self, now: float) -> bool:
            return chance.random() >= share

    run = Run(Random(0, 0))
    assert run.rate_between(20, 60) >= least


def test_without_a_429_no_attempt_waits() -> None:
    run = Run(Server(1e9, 1e9), seconds=2)
    assert run.limiter.rate(2.0) is None
    assert len(run.accepted) > 16 * 2 / 0.02 * 0.9


def test_a_pause_that_the_server_asks_for_holds_for_all_workers() -> None:
    run = Run(Server(5, 20, 3.0), seconds=10)
    first = run.throttled[0]
    assert not [t for t in run.sent if first < t < first + 3.0]
    assert [t for t in run.sent if t >= first + 3.0]


def test_a_pause_begins_a_new_epoch_so_that_waiting_threads_ask_again() -> None:
    limiter = AdaptiveRateLimiter(threading.Lock)
    limiter.record_throttled(Permit(0.0, 0), 100.0, None)
    sleeping = [limiter.next_permit(100.0) for _ in range(5)][-1]
    assert sleeping.wait > 0 and sleeping.epoch == limiter.epoch
    limiter.record_throttled(Permit(0.0, 0), 100.1, 20.0)
    assert sleeping.epoch != limiter.epoch
    assert limiter.next_permit(100.2).wait == pytest.approx(19.9)


def test_requests_in_flight_when_the_rate_drops_do_not_lower_it_again() -> None:
    limiter = AdaptiveRateLimiter(threading.Lock)
    for number in range(100):
        limiter.record_success(number / 100)
    early = [limiter.next_permit(1.0) for _ in range(16)]
    for permit in early:
        limiter.record_throttled(permit, 1.0, None)
    assert limiter.rate(1.0) == pytest.approx(90, rel=0.05)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["permit", "accepted", "throttled"]),
            st.floats(0, 30),
            st.one_of(st.none(), st.floats(-10, 1e9)),
        ),
        max_size=60,
    )
)
def test_permits_are_finite_and_in_order_whatever_is_recorded(
    steps: List[Tuple[str, float, Optional[float]]],
) -> None:
    limiter = AdaptiveRateLimiter(threading.Lock)
    now, last, given = 0.0, 0.0, Permit(0.0, 0)
    epochs: Dict[int, None] = {}
    for what, passes, retry_after in steps:
        now += passes
        if what == "permit":
            given = limiter.next_permit(now)
            assert 0 <= given.wait <= 60 + 2 * len(steps)
            assert now + given.wait >= last
            last = now + given.wait
        elif what == "accepted":
            limiter.record_success(now)
        else:
            limiter.record_throttled(given, now, retry_after)
            assert (limiter.rate(now) or 0) >= 0.5
            assert (
                limiter.next_permit(now).wait > min(max(retry_after or 0, 0), 60) - 1e-6
            )
            last = 0.0
        epochs[limiter.epoch] = None
    assert list(epochs) == sorted(epochs)


def test_a_pickled_rate_limiter_is_restored_with_a_lock_and_without_a_rate() -> None:
    limiter = AdaptiveRateLimiter(threading.Lock)
    limiter.record_throttled(limiter.next_permit(1.0), 1.0, 30.0)
    again = pickle.loads(pickle.dumps(limiter))
    assert again.next_permit(1.0) == Permit(0.0, 0)
    again.record_throttled(again.next_permit(1.0), 1.0, 30.0)
    assert again.next_permit(1.0).wait == pytest.approx(30)
