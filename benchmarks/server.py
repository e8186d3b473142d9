"""A stand-in for the API that needs almost no CPU, in a process of its own.

    python server.py --round-trip-ms 20

Speaks HTTPS with keep-alive on a free port of 127.0.0.1. It prints one line of
JSON, ``{"url": ..., "certificate": ...}``, and serves until its standard input
ends. For each line that it reads there it prints its counters, and resets them.

A project called ``herd-N`` has N tasks of 3 KB, one called ``brief-N`` has N of
what ``limited_response`` leaves of them. One called ``dated-N`` has N tasks of 2 KB,
of which one was created every second, and obeys the filters of the time of creation.
Nothing that a request says is remembered; bodies are counted and thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, List, Optional
from urllib.parse import parse_qs

#: Documents that differ in more than their id; encoded once.
VARIETY = 100
PAGE = 100
#: Round trips that it takes to open a connection: one for TCP, one for TLS 1.3.
OPENING = 2
#: When the newest task of a dated project was created.
NEWEST = datetime(2026, 3, 2, 8, 15, 30, 125000)
SECOND = timedelta(seconds=1)
OBJECTS = ("cow", "calf", "bull", "dog", "tractor", "gate")

HEADERS = (
    b"HTTP/1.1 %b\r\n"
    b"Date: Tue, 24 Nov 2026 12:00:00 GMT\r\n"
    b"Server: nginx\r\n"
    b"X-Powered-By: Express\r\n"
    b"Vary: Accept-Encoding\r\n"
    b'ETag: W/"b5-8zJv0oUqZ2lCw0yYtLr1Xh2bK1g"\r\n'
    b"Strict-Transport-Security: max-age=31536000\r\n"
    b"Connection: keep-alive\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n"
    b"\r\n"
)


def document(rng: random.Random, *, completed: bool) -> Dict[str, Any]:
    """Return a task without its id; 3 KB of JSON if it is completed."""
    task: Dict[str, Any] = {
        "type": "imageannotation",
        "status": "completed" if completed else "pending",
        "created_at": "2026-03-02T08:15:30.125Z",
        "updated_at": "2026-03-02T09:44:02.871Z",
        "callback_url": "https://herd.example.com/hooks/scale",
        "callback_succeeded": completed,
        "unique_id": f"cow-{rng.randrange(10**9):09d}",
        "instruction": "Draw a tight box around each animal, and name what it is.",
        "project": "herd",
        "batch": "week 9",
        "is_test": True,
        "tags": ["north", "dawn"],
        "metadata": {"camera": rng.randrange(12), "rain": False, "place": "gate 3"},
        "params": {
            "attachment_type": "image",
            "attachment": f"https://herd.example.com/{rng.getrandbits(96):024x}.jpg",
            "geometries": {
                "box": {
                    "objects_to_annotate": OBJECTS,
                    "min_height": 8,
                    "min_width": 8,
                }
            },
            "annotation_attributes": {
                "lying": {
                    "description": "Does it lie?",
                    "type": "category",
                    "choices": ["yes", "no", "hidden"],
                }
            },
            "padding": 12,
            "with_labels": True,
        },
    }
    if completed:
        task["completed_at"] = task["updated_at"]
        task["response"] = {"annotations": [box(rng) for _ in range(10)]}
    return task


def brief(rng: random.Random) -> Dict[str, Any]:
    """Return a task with the keys of ``limited_response`` only."""
    task = document(rng, completed=True)
    return {name: task[name] for name in ("status", "metadata", "project")}


def box(rng: random.Random) -> Dict[str, Any]:
    return {
        "uuid": f"{rng.getrandbits(128):032x}",
        "type": "box",
        "label": rng.choice(OBJECTS),
        "left": round(rng.uniform(0, 1800), 1),
        "top": round(rng.uniform(0, 900), 1),
        "width": rng.randrange(20, 400),
        "height": rng.randrange(20, 400),
        "attributes": {
            "lying": rng.choice(("yes", "no", "hidden")),
            "sure": round(rng.random(), 4),
        },
    }


class Answers:
    """The bodies, encoded in advance except for the ids."""

    def __init__(self) -> None:
        rng = random.Random(20)
        self._serial = itertools.count(1)
        whole = [document(rng, completed=True) for _ in range(VARIETY)]
        self._listed = list(map(_after_id, whole))
        for task in whole:
            task["response"]["annotations"][4:] = []
            task["params"]["instruction"] = task["instruction"] * 7
            del task["created_at"]
        self._dated = list(map(_after_id, whole))
        self._brief = [_after_id(brief(rng)) for _ in range(VARIETY)]
        self._created = _after_id(document(rng, completed=False))

    def to(self, method: bytes, path: bytes, query: bytes) -> Optional[bytes]:
        """Return the body that answers a request; None if there is no such route."""
        route = path.split(b"/")[2:]  # of /v1/...
        if method == b"GET" and route == [b"tasks"]:
            return self._page(parse_qs(query.decode()))
        if method == b"GET" and route[0] == b"task":
            return b'{"task_id":"' + route[1] + self._listed[0]
        if method == b"POST" and route[0] == b"task":
            return b'{"task_id":"%024x' % next(self._serial) + self._created
        if method == b"POST" and route == [b"files", b"upload"]:
            return b'{"id":"f1","attachment_url":"scaledata://f1","project_names":[]}'
        return None

    def _page(self, query: Dict[str, List[str]]) -> bytes:
        kind, _, number = query["project"][0].partition("-")
        if kind == "dated":
            return self._dated_page(int(number), query)
        documents = self._brief if kind == "brief" else self._listed
        total = int(number)
        first = int(query.get("next_token", ["0"])[0])
        limit = int(query.get("limit", [str(PAGE)])[0])
        end = min(total, first + limit)
        tasks = b",".join(
            b'{"task_id":"%024x%b' % (place, documents[place % VARIETY])
            for place in range(first, end)
        )
        return _page_of(tasks, total, limit, end if end < total else None)

    def _dated_page(self, number: int, query: Dict[str, List[str]]) -> bytes:
        """Return a page of the tasks between two times, the bounds included."""
        newest, oldest = 0, number - 1
        if "end_time" in query:
            newest = max(newest, -(-_age(query["end_time"][0]) // SECOND))
        if "start_time" in query:
            oldest = min(oldest, _age(query["start_time"][0]) // SECOND)
        total = max(oldest + 1 - newest, 0)
        first = int(query.get("next_token", [str(newest)])[0])
        limit = int(query.get("limit", [str(PAGE)])[0])
        end = min(oldest + 1, first + limit)
        tasks = b",".join(
            b'{"task_id":"%024x","created_at":"%bZ%b'
            % (
                number - place,
                (NEWEST - place * SECOND).isoformat(timespec="milliseconds").encode(),
                self._dated[place % VARIETY],
            )
            for place in range(first, end)
        )
        return _page_of(tasks, total, limit, end if end <= oldest else None)


def _page_of(tasks: bytes, total: int, limit: int, following: Optional[int]) -> bytes:
    token = b',"next_token":"%d"' % following if following is not None else b""
    return b'{"docs":[%b],"total":%d,"limit":%d,"offset":0,"has_more":%b%b}' % (
        tasks,
        total,
        limit,
        b"true" if token else b"false",
        token,
    )


def _age(text: str) -> timedelta:
    """Return how long before the newest task a time is."""
    return NEWEST - datetime.fromisoformat(text[:-1])


def _after_id(task: Dict[str, Any]) -> bytes:
    """Return the JSON of a task from behind its id."""
    return b'",' + json.dumps(task).encode()[1:]


class Counters:
    """What has happened since they were read last."""

    def __init__(self) -> None:
        self._zero()

    def _zero(self) -> None:
        self.connections = 0
        self.requests = 0
        self._cpu = time.process_time()

    def read(self) -> Dict[str, float]:
        counted = {
            "connections": self.connections,
            "requests": self.requests,
            "cpu": time.process_time() - self._cpu,
        }
        self._zero()
        return counted


class Connection(asyncio.Protocol):
    """One connection: requests one after another, bodies of a stated length."""

    def __init__(self, answers: Answers, counters: Counters, delay: float) -> None:
        self._answers = answers
        self._counters = counters
        self._delay = delay
        self._received = b""
        self._body_left = 0
        self._request: List[bytes] = []
        self._is_new = True

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._request:
            self._received += data
            head, end, data = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            self._received = b""
            line, *fields = head.split(b"\r\n")
            self._request = line.split(b" ")
            self._body_left = next(
                (
                    int(value)
                    for name, _, value in (field.partition(b":") for field in fields)
                    if name.lower() == b"content-length"
                ),
                0,
            )
        self._body_left -= len(data)
        if self._body_left <= 0:
            method, target, _ = self._request
            self._request = []
            self._answer(method, target)

    def _answer(self, method: bytes, target: bytes) -> None:
        path, _, query = target.partition(b"?")
        body = self._answers.to(method, path, query)
        status = b"200 OK" if body is not None else b"404 Not Found"
        body = body or b"{}"
        answer = HEADERS % (status, len(body)) + body
        self._counters.requests += 1
        self._counters.connections += self._is_new
        # The time that it took to open the connection is added to the first
        # answer, which makes no difference to who waits for it.
        delay = self._delay * (1 + OPENING) if self._is_new else self._delay
        self._is_new = False
        if delay:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


def make_certificate(folder: Path) -> ssl.SSLContext:
    """Write a self-signed certificate for 127.0.0.1."""
    words = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        "-days 7 -subj /CN=benchmark -addext subjectAltName=IP:127.0.0.1 "
        "-keyout key.pem -out certificate.pem"
    )
    subprocess.run(words.split(), cwd=str(folder), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(folder / "certificate.pem"), str(folder / "key.pem"))
    return context


async def serve(folder: Path, delay: float) -> None:
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    answers, counters = Answers(), Counters()
    server = await loop.create_server(
        lambda: Connection(answers, counters, delay),
        "127.0.0.1",
        0,
        ssl=make_certificate(folder),
        backlog=256,
    )
    port = server.sockets[0].getsockname()[1]

    def listen_to_parent() -> None:
        for _ in sys.stdin:
            print(json.dumps(counters.read()), flush=True)
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=listen_to_parent, daemon=True).start()
    place = {
        "url": f"https://127.0.0.1:{port}/v1",
        "certificate": (folder / "certificate.pem").read_text(),
    }
    print(json.dumps(place), flush=True)
    await over.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="A cheap stand-in of the API.")
    parser.add_argument("--round-trip-ms", type=float, default=0.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(serve(Path(folder), options.round_trip_ms / 1000))


if __name__ == "__main__":
    main()
