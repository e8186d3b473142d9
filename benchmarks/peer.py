"""Runs one workload with one peer, in a process of its own.

Started by run.py, in the environment of the peer, with a JSON object as its only
argument; prints a JSON object. Reads memory from ``/proc``, so Linux only.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, Dict, Iterable, Iterator

KEY = "test_benchmark"
PAGE = 100
NEW_TASK: Dict[str, Any] = {
    "project": "herd",
    "batch": "week 9",
    "instruction": "Draw a tight box around each animal, and name what it is.",
    "callback_url": "https://herd.example.com/hooks/scale",
    "attachment_type": "image",
    "attachment": "https://herd.example.com/5f0c6e2a9b7d4c1188aa03de.jpg",
    "geometries": {
        "box": {
            "objects_to_annotate": ["cow", "calf", "bull", "dog"],
            "min_height": 8,
            "min_width": 8,
        }
    },
    "metadata": {"camera": 7, "rain": False, "place": "gate 3"},
    "tags": ["north", "dawn"],
}


class Bare:
    """A loop over urllib3, written by hand with care: the least that can be done."""

    def __init__(self, url: str, trusted: str, threads: int, fast: bool) -> None:
        import ssl

        import urllib3

        self._url = url
        self._pool = urllib3.PoolManager(
            maxsize=threads,
            # Made once: reading the roots costs more than hundreds of requests.
            ssl_context=ssl.create_default_context(cafile=trusted),
        )
        self._headers = urllib3.make_headers(basic_auth=f"{KEY}:")
        self._headers["Content-Type"] = "application/json"
        self._decode, self._encode = json.loads, lambda body: json.dumps(body).encode()
        if fast:
            import orjson

            self._decode, self._encode = orjson.loads, orjson.dumps

    def _send(self, method: str, path: str, **more: Any) -> Any:
        more.setdefault("headers", self._headers)
        answer = self._pool.request(method, f"{self._url}/{path}", **more)
        assert answer.status == 200, answer.status
        return self._decode(answer.data)

    def get(self, task_id: str) -> str:
        return self._send("GET", f"task/{task_id}")["task_id"]

    def create(self, _: int) -> str:
        body = self._encode(NEW_TASK)
        return self._send("POST", "task/imageannotation", body=body)["task_id"]

    def pages(self, project: str) -> Iterator[Any]:
        query: Dict[str, Any] = {"project": project, "limit": PAGE}
        page: Dict[str, Any] = {"has_more": True}
        while page["has_more"]:
            page = self._send("GET", "tasks", fields=query)
            yield page["docs"]
            query["next_token"] = page.get("next_token")

    def tasks(self, project: str) -> Iterable[Any]:
        return itertools.chain.from_iterable(self.pages(project))

    def look(self, task: Any) -> str:
        assert task["status"] == "completed"
        return task["task_id"]

    def upload(self, path: str) -> None:
        start = (
            b"--limit\r\nContent-Disposition: form-data; "
            b'name="file"; filename="upload.bin"\r\n\r\n'
        )
        end = b"\r\n--limit--\r\n"
        size = len(start) + os.path.getsize(path) + len(end)
        headers = {
            **self._headers,
            "Content-Type": "multipart/form-data; boundary=limit",
            "Content-Length": str(size),
        }
        with open(path, "rb") as file:
            pieces = iter(lambda: file.read(2**16), b"")
            body = itertools.chain([start], pieces, [end])
            self._send("POST", "files/upload", body=body, headers=headers)


class Naive(Bare):
    """A loop over a `requests.Session` as most people write it."""

    def __init__(self, url: str, trusted: str, threads: int, fast: bool) -> None:
        import requests

        self._url = url
        self._session = requests.Session()
        self._session.auth = (KEY, "")
        self._session.verify = trusted
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=threads)
        self._session.mount("https://", adapter)

    def _send(self, method: str, path: str, fields: Any = None, **more: Any) -> Any:
        url = f"{self._url}/{path}"
        answer = self._session.request(method, url, params=fields, **more)
        answer.raise_for_status()
        return answer.json()

    def create(self, _: int) -> str:
        return self._send("POST", "task/imageannotation", json=NEW_TASK)["task_id"]

    def upload(self, path: str) -> None:
        with open(path, "rb") as file:
            self._send("POST", "files/upload", files={"file": file})


class Client:
    """`ScaleClient`, of whichever package this environment has."""

    def __init__(self, url: str, trusted: str, threads: int, fast: bool) -> None:
        from scaleapi import ScaleClient
        from scaleapi.tasks import TaskType

        self._client = ScaleClient(KEY, api_instance_url=url, verify=trusted)
        self._kind = TaskType.ImageAnnotation

    def get(self, task_id: str) -> str:
        return self._client.get_task(task_id).id

    def create(self, _: int) -> str:
        return self._client.create_task(self._kind, **NEW_TASK).id

    def tasks(self, project: str) -> Iterable[Any]:
        return self._client.get_tasks(project_name=project, limit=PAGE)

    def look(self, task: Any) -> str:
        assert task.status == "completed"
        return task.id

    def upload(self, path: str) -> None:
        with open(path, "rb") as file:
            self._client.upload_file(file=file, project_name="herd")


PEERS: Dict[str, Any] = {
    "urllib3": Bare,
    "requests": Naive,
    "official": Client,
    "ours": Client,
}


def resident(peak: bool = False) -> int:
    """Return the KiB of memory that this process has, or has had at most."""
    name = "VmHWM:" if peak else "VmRSS:"
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name):
                return int(line.split()[1])
    raise LookupError(name)


class Meter:
    """Clock, CPU and memory between `start` and `stop`."""

    def start(self) -> None:
        gc.collect()
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # resets the peak
        self._memory = resident()
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def stop(self) -> None:
        wall = time.perf_counter() - self._wall
        cpu = time.process_time() - self._cpu
        peak = resident(peak=True)
        gc.collect()
        self.figures = {
            "wall": wall,
            "cpu": cpu,
            "peak_kib": peak - self._memory,
            "kept_kib": resident() - self._memory,
        }


# A piece of work returns how many things it did between start and stop.


def page(peer: Any, meter: Meter, job: Any) -> int:
    """Page through a project, several times if it is small."""
    project = f"{job.project}-{job.items}"
    for task in itertools.islice(peer.tasks(project), PAGE):
        peer.look(task)
    passes = range(job.passes)
    meter.start()
    seen = sum(
        1 for _ in passes for task in peer.tasks(project) if peer.look(task) is not None
    )
    meter.stop()
    return seen // job.passes


def create(peer: Any, meter: Meter, job: Any) -> int:
    """Create tasks, with threads that share the client."""
    if job.threads == 1:
        meter.start()
        ids = {peer.create(number) for number in range(job.items)}
        meter.stop()
    else:
        with ThreadPoolExecutor(job.threads) as pool:
            meter.start()
            ids = set(pool.map(peer.create, range(job.items)))
            meter.stop()
    return len(ids)


def script(peer: Any, meter: Meter, job: Any) -> int:
    """Create, fetch and list, as a script does."""
    meter.start()
    for number in range(job.items):
        task_id = peer.create(number)
        assert peer.get(task_id) == task_id
        peer.look(next(iter(peer.tasks("herd-100"))))
    meter.stop()
    return job.items


def upload(peer: Any, meter: Meter, job: Any) -> int:
    meter.start()
    peer.upload(job.file)
    meter.stop()
    return 1


def stream(peer: Any, meter: Meter, job: Any) -> int:
    """Iterate over all tasks without keeping them; measured from the first page on."""
    seen = 0
    for task in peer.tasks(f"herd-{job.items}"):
        peer.look(task)
        seen += 1
        if seen == PAGE:
            meter.start()
    meter.stop()
    return seen


def hold(peer: Any, meter: Meter, job: Any) -> int:
    """Keep all tasks."""
    meter.start()
    kept = list(peer.tasks(f"herd-{job.items}"))
    meter.stop()
    return len(kept)


WORK = {work.__name__: work for work in (page, create, script, upload, stream, hold)}


def main() -> None:
    job = SimpleNamespace(**json.loads(sys.argv[1]))
    if not job.fast:
        sys.modules["orjson"] = None  # type: ignore[assignment]  # cannot be imported
    peer = PEERS[job.peer](job.url, job.trusted, job.threads, job.fast)
    peer.get("warm-up")
    meter = Meter()
    done = WORK[job.work](peer, meter, job)
    print(json.dumps({"done": done, **meter.figures}))


if __name__ == "__main__":
    main()
