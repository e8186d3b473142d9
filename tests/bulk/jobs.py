"""What other processes do for the tests: functions of a module, and a script.

As a script it creates numbered tasks by content, and ends when it is killed:

    python -m tests.bulk.jobs ADDRESS KEY COUNT
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from scaleapi import ScaleClient, ScaleInvalidRequest, ScaleServiceUnavailable
from tests.faulty_proxy import numbered


def square(number: int) -> int:
    return number * number


def process_id(_: Any) -> int:
    return os.getpid()


def fail(number: int) -> None:
    raise ValueError(number)


def unpicklable(_: Any) -> Any:
    return lambda: None


def die(_: Any) -> None:
    os._exit(1)


def status_of(task: Any) -> Any:
    task.refresh()
    return task


class Trouble(Exception):
    """An error that pickle cannot bring back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def trouble(_: Any) -> None:
    raise Trouble(1, 2)


class Burdened(ScaleInvalidRequest):
    """An error class of its own, with a value that cannot be pickled."""

    def __init__(self, message: str, *, lock: Any) -> None:
        super().__init__(message)
        self.lock = lock


def refused(_: Any) -> None:
    """Raise an error as the client does, with a value that cannot be pickled."""
    error = Burdened("no such field", lock=threading.Lock())
    error.attempts, error.unique_id, error.body = 3, "u", "{}"
    raise error


def refused_plainly(_: Any) -> None:
    """Raise an error of a class that all know, with a lock in it."""
    error: Any = ScaleServiceUnavailable("later", 503)
    error.attempts, error.unique_id, error.lock = 4, "v", threading.Lock()
    raise error


def main() -> None:
    address, key, count = sys.argv[1:]
    import scaleapi._transport.retry

    scaleapi._transport.retry._MAX_BACKOFF_S = 0.02
    client = ScaleClient(key, api_instance_url=address)
    payloads = (numbered(1, n)[0] for n in range(int(count)))
    results = client.create_tasks("textcollection", payloads, unique_id="content")
    for result in results:
        print(result.index, result.status, flush=True)


if __name__ == "__main__":
    main()
