"""Figures for bulk calls, too slow for the suite.

python -m tests.bulk.measure memory   # a generator of 1,000,000 payloads
python -m tests.bulk.measure speed    # 16 workers against a loop, 20 ms away
python -m tests.bulk.measure rate     # a minute against 30 creations a second
python -m tests.bulk.measure crash    # 10,000 tasks, faults, killed and resumed
python -m tests.bulk.measure cost     # what a result costs beside its request
"""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import threading
import time
import tracemalloc
from typing import Any, Callable, Dict, Iterator, List

from scaleapi import ScaleClient, Task
from scaleapi.sandbox import Sandbox
from tests.faultserver import Answer, FaultServer, Received, Reset, Truncated
from tests.faulty_proxy import TEXT, FaultyProxy, numbered


class Stub(ScaleClient):
    """Creates tasks in no time, nowhere."""

    def create_task(self, task_type: Any, **kwargs: Any) -> Task:
        return Task({"task_id": kwargs["unique_id"], **kwargs}, self)


def resident() -> float:
    """Return the MiB of memory that this process has."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def payloads(count: int) -> Iterator[Dict[str, Any]]:
    for n in range(count):
        yield {
            "attachment": f"https://example.com/{n}.jpg",
            "instruction": "Draw a box around each cow." * 20,
            "metadata": {"n": n},
        }


def memory(count: int = 1_000_000) -> float:
    """Return the MiB that a run needs at its peak, beyond what there was."""
    client = Stub("key", api_instance_url="http://localhost:9/v1")
    list(client.create_tasks("t", payloads(100)))
    before = peak = resident()
    started = time.monotonic()
    for result in client.create_tasks("t", payloads(count), unique_id="content"):
        assert result.status == "created"
        if result.index % 1000 == 0:
            peak = max(peak, resident())
    took = time.monotonic() - started
    print(f"{count} payloads: {peak - before:.1f} MiB more, {took:.0f} s")
    return peak - before


def traced(count: int) -> float:
    """Return the peak of what Python has allocated in a run, in MiB."""
    client = Stub("key", api_instance_url="http://localhost:9/v1")
    tracemalloc.start()
    try:
        for _ in client.create_tasks("t", payloads(count)):
            pass
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def cost() -> None:
    client = Stub("key", api_instance_url="http://localhost:9/v1")
    for way in ("auto", "content"):
        started = time.monotonic()
        list(client.create_tasks("t", payloads(20_000), unique_id=way))
        took = (time.monotonic() - started) / 20_000
        print(f'unique_id="{way}": {took * 1e6:.0f} us a result')


def speed() -> None:
    def late(_: Received) -> Answer:
        time.sleep(0.02)
        return Answer(200, {"task_id": "t", "status": "pending"})

    with FaultServer() as server:
        server.play(late)
        client = ScaleClient("key", api_instance_url=server.url)
        client.create_task("t", **TEXT)
        started = time.monotonic()
        for payload in numbered(200):
            client.create_task("t", **payload)
        loop = (time.monotonic() - started) / 200
        for workers in (16, 32):
            started = time.monotonic()
            results = client.create_tasks("t", numbered(3200), max_workers=workers)
            assert all(result.status == "created" for result in results)
            bulk = (time.monotonic() - started) / 3200
            print(
                f"loop {1 / loop:.0f}/s, {workers} workers {1 / bulk:.0f}/s: "
                f"{loop / bulk:.1f} times as fast"
            )


class Limited:
    """Answers creations up to a rate, with 429 beyond it."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._time = burst, time.monotonic()
        self._lock = threading.Lock()
        self.taken = self.refused = 0

    def __call__(self, _: Received) -> Answer:
        with self._lock:
            now = time.monotonic()
            more = (now - self._time) * self._rate
            self._tokens, self._time = min(self._burst, self._tokens + more), now
            if self._tokens >= 1:
                self._tokens -= 1
                self.taken += 1
                return Answer(200, {"task_id": "t", "status": "pending"})
            self.refused += 1
            return Answer(429, {"error": "too fast"}, {"Retry-After": "1"})


class Refusals(logging.Handler):
    """Counts what the client says of answers with 429."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += ": 429" in record.getMessage()


def rate(seconds: float = 60.0) -> None:
    refusals = Refusals()
    logging.getLogger("scaleapi").addHandler(refusals)
    with Sandbox() as sandbox:
        sandbox.rate_limit(30)
        client = ScaleClient("live_rate", api_instance_url=sandbox.url)
        started = time.monotonic()
        with client.create_tasks("textcollection", numbered(10**5)) as results:
            for _ in results:
                if time.monotonic() - started > seconds:
                    break
        took = time.monotonic() - started
        made = client.tasks().total
        print(
            f"{took:.0f} s at 30/s: {made / (30 * took):.0%} of it reached, "
            f"{refusals.count / (made + refusals.count):.1%} answered 429, "
            f"{results.counts.failed} failed"
        )


def crash(count: int = 10_000) -> None:
    """Kill a script at random moments, twice, and run it until it is through."""
    started = time.monotonic()
    with Sandbox() as sandbox, FaultServer() as server:
        proxy = FaultyProxy(server, sandbox)
        slow = Answer(429, {"error": "slow"})

        def delay(request: Received) -> Answer:
            time.sleep(0.2)
            return proxy.forward(request)

        before: List[Any] = [Answer(503), Reset(), delay, slow]
        proxy.fail_sometimes(before, [Answer(500), Reset(), Truncated()], 0.02)
        runs = kills = 0
        while True:
            runs += 1
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.bulk.jobs", server.url, proxy.key]
                + [str(count)],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            until = random.randint(1, count // 2) if kills < 2 else count + 1
            lines = []
            with process:
                for read in process.stdout:
                    lines.append(read)
                    if len(lines) >= until:
                        process.kill()
                        kills += 1
                        break
            took = time.monotonic() - started
            failed = sum("failed" in each for each in lines)
            print(f"run {runs}: {len(lines)} results, {failed} failed, {took:.0f} s")
            if len(lines) == count and not failed:
                break
        exact = proxy.numbers() == dict.fromkeys(range(count), 1)
        print(f"each of {count} payloads is one task: {exact}")


if __name__ == "__main__":
    measures: Dict[str, Callable[[], Any]] = {
        "memory": memory,
        "speed": speed,
        "rate": rate,
        "crash": crash,
        "cost": cost,
    }
    measures[sys.argv[1]]()
