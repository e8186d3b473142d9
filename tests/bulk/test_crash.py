"""Killed at a random moment and run again: in the end each payload is one task."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import List

from tests.faultserver import Answer, Event, Hangup, Reset, Truncated
from tests.faulty_proxy import FaultyProxy

COUNT = 400


def start(proxy: FaultyProxy) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.bulk.jobs",
            proxy.server.url,
            proxy.key,
            f"{COUNT}",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_script_that_is_killed_and_run_again_makes_each_task_once(
    proxy: FaultyProxy,
) -> None:
    before: List[Event] = [Answer(503), Reset(), Hangup(), Answer(408)]
    after: List[Event] = [Answer(500), Answer(502), Reset(), Truncated()]
    proxy.fail_sometimes(before, after, 0.04)
    moments = random.Random()
    kills = 0
    lines: List[str] = []
    for last in (False, False, True, True):
        process = start(proxy)
        assert process.stdout is not None
        until = COUNT + 1 if last else moments.randint(1, COUNT // 2)
        lines = []
        with process:
            for read in process.stdout:
                lines.append(read)
                if len(lines) >= until:
                    process.kill()
                    kills += 1
                    break
        if last and "failed" not in "".join(lines):
            break
    assert kills == 2
    assert len(lines) == COUNT
    assert "failed" not in "".join(lines)
    assert proxy.numbers() == dict.fromkeys(range(COUNT), 1)


def test_a_script_that_fails_in_its_loop_sends_no_more_when_it_ends(
    proxy: FaultyProxy,
) -> None:
    """Also where a variable holds the results, as in most scripts."""

    script = (
        "import sys; from scaleapi import ScaleClient; "
        "from tests.faulty_proxy import numbered\n"
        "client = ScaleClient(sys.argv[2], api_instance_url=sys.argv[1])\n"
        "results = client.create_tasks('textcollection', numbered(1000), "
        "max_workers=2)\n"
        "for result in results:\n"
        "    if result.index == 20: raise KeyError\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, proxy.server.url, proxy.key],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert "KeyError" in done.stderr
    # Far fewer than what was read ahead.
    assert 21 <= len(proxy.server.received) <= 21 + 8
