"""What reading conversations costs: ``python benchmarks/conversations.py``.

Decodes a page of 100 tasks of v2, and reads the ids and all annotations of its threads,
turns and messages: with this client and with the official client. The same code reads
with both, each in a process of its own. It ends with 1 if this client takes more than 3
times the time of `json.loads`, which reads nothing, or more than a tenth of that of the
official client.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict

# An isolated interpreter does not look beside the script.
sys.path.append(str(Path(__file__).resolve().parent))

REPEATS = 7
MOST_OF_JSON = 3.0
MOST_OF_OFFICIAL = 0.1
_VALUES: Dict[str, Any] = {
    "integer": 4,
    "text": "The first answer names its sources, and the second does not.",
    "boolean": True,
    "category": "better",
}


def annotation(number: int, kind: str) -> Dict[str, Any]:
    return {
        "id": f"annotation_{number:04}_{kind}",
        "key": f"rating_{kind}",
        "type": kind,
        "title": "How good is it?",
        "value": _VALUES[kind],
    }


def message(number: int, role: str) -> Dict[str, Any]:
    rated = ("integer", "text") if role == "assistant" else ()
    return {
        "role": role,
        "content": {"text": f"This is message {number}. " * 8},
        "source_id": f"source_{number}",
        "annotations": [annotation(number, kind) for kind in rated],
    }


def task(number: int) -> Dict[str, Any]:
    """Return a task of one turn: a question, two answers, eight annotations."""
    turn = {
        "id": f"turn_{number}",
        "messages": [
            message(number, role) for role in ("user", "assistant", "assistant")
        ],
        "annotations": [annotation(number, kind) for kind in _VALUES],
    }
    return {
        "task_id": f"{number:024x}",
        "project": f"{1:024x}",
        "batch": f"{2:024x}",
        "status": "completed",
        "created_at": "2024-01-02T03:04:05.678Z",
        "completed_at": "2024-01-03T03:04:05.678Z",
        "metadata": {},
        "threads": [{"id": f"thread_{number}", "turns": [turn], "annotations": []}],
    }


PAGE = json.dumps({"tasks": [task(number) for number in range(100)]})


def read(page: str) -> int:
    """Return the number of annotations of a page, after reading all of them."""
    from scaleapi.api_client.v2.models.get_tasks_response import GetTasksResponse

    found = []
    for task in GetTasksResponse.from_json(page).tasks:
        found.append((task.task_id, None))
        for thread in task.threads:
            levels = [thread, *thread.turns]
            levels += [m for turn in thread.turns for m in turn.messages]
            for level in levels:
                for each in level.annotations:
                    actual = each.actual_instance
                    found.append((actual.key, actual.value))
    return len(found) - 100


def milliseconds(work: Callable[[str], Any], times: int) -> float:
    """Return the least time that a function takes for the page."""
    work(PAGE)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work(PAGE)
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def run_peer() -> None:
    assert read(PAGE) == 800
    print(
        json.dumps(
            {"json": milliseconds(json.loads, 50), "read": milliseconds(read, 50)}
        )
    )


def main() -> int:
    import environments

    parser = argparse.ArgumentParser(description="What reading conversations costs.")
    parser.add_argument("--official", help="an interpreter with the official client")
    parser.add_argument("--candidate", help="an interpreter with this client")
    options = parser.parse_args()
    ours = options.candidate or environments.environment(
        "ours", *environments.OURS, path=environments.ROOT
    )
    official = options.official or environments.environment(
        "official", *environments.OFFICIAL
    )
    of_json, of_official = [], []
    for _ in range(REPEATS):
        mine = json.loads(environments.output(ours, __file__, "peer"))
        theirs = json.loads(environments.output(official, __file__, "peer"))
        of_json.append(mine["read"] / mine["json"])
        of_official.append(mine["read"] / theirs["read"])
        print(
            f"json.loads {mine['json']:.2f} ms, this client {mine['read']:.2f} ms, "
            f"official client {theirs['read']:.2f} ms",
            flush=True,
        )
    for name, ratios, most in (
        ("json.loads", of_json, MOST_OF_JSON),
        ("the official client", of_official, MOST_OF_OFFICIAL),
    ):
        median = statistics.median(ratios)
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        print(f"{median:.3f} times {name} ({spread}), at most {most}")
    too_slow = statistics.median(of_json) > MOST_OF_JSON
    return int(too_slow or statistics.median(of_official) > MOST_OF_OFFICIAL)


if __name__ == "__main__":
    if sys.argv[1:] == ["peer"]:
        run_peer()
        raise SystemExit(0)
    raise SystemExit(main())
