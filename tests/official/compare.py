"""Holds the package against the official client, which is fetched from PyPI.

    tox -e official

First the official client drives our sandbox and must not notice. Then the same
script of calls runs under both clients against a server that records, and all
that goes over the wire must be the same, but for what `DIFFERENCES` names.

The official package goes into an environment of its own; it is never imported
into ours.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any, Dict, List

from scaleapi.sandbox import Sandbox

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.faultserver import Answer, FaultServer, Received  # noqa: E402

OFFICIAL = "scaleapi==2.18.4"

#: Call -> why it sends something else than the official client. Each is on the
#: page docs/differences.rst, and nothing else may differ.
DIFFERENCES = {
    "get_task, odd id": "ids are quoted as one segment of the path",
    "set_task_metadata, empty": "an empty object is sent as such",
    "set_task_tags, empty": "an empty list is sent as such",
    "update_project, nothing": "an empty object is sent as such",
    "raw post, empty": "an empty object is sent as such",
    "base with a slash": "a slash at the end of the base address is dropped",
}

#: A document with all that any object reads from one.
DOCUMENT: Dict[str, Any] = {
    "task_id": "t1",
    "id": "i1",
    "name": "n",
    "status": "staging",
    "type": "chat",
    "project": "p",
    "created_at": "",
    "updated_at": "",
    "metadata": {},
    "version": 1,
    "template_variables": {},
    "param_history": [],
    "attachment_url": "scaledata://a/1",
    "expected_response": {},
    "email": "a@b",
    "role": "member",
    "numWorkers": 0,
    "isSingleton": False,
    "workers": [],
    "projectId": "p1",
    "projectName": "p",
    "batchType": "Production",
    "total": 0,
    "completed": 0,
    "groups": [],
}
PAGE = {"total": 0, "totalDocs": 0, "limit": 100, "offset": 0, "has_more": False}
LISTS = re.compile(
    r"(GET /v1/(projects|teams|studio/batches|studio/projects/[^/]*/groups)"
    r"|POST /v1/(teams/.*|studio/batches/.*))$"
)


def answer(request: Received) -> Answer:
    """Answer any request with something that either client takes."""
    path = request.target.partition("?")[0]
    if LISTS.match(f"{request.method} {path}"):
        return Answer(200, [DOCUMENT])
    if path.startswith("/v1/studio/assignments"):
        return Answer(200, {"a@b": ["p"]})
    if path in ("/v1/tasks", "/v1/batches") and request.method == "GET":
        return Answer(200, {**PAGE, "docs": [DOCUMENT]})
    if path.startswith("/v2/"):
        return Answer(204)
    return Answer(200, DOCUMENT)


def sent(python: str, folder: str) -> Dict[str, List[Any]]:
    """Run the script of calls; return name of each -> what it sent."""
    with FaultServer() as server:
        server.play(answer)
        command = [python, str(HERE / "calls.py"), server.url]
        subprocess.run(command, check=True, cwd=folder)
    found: Dict[str, List[Any]] = {}
    for request in server.received:
        if request.target == "/v1/mark":
            requests = found.setdefault(request.headers["x-name"], [])
        else:
            requests.append(essence(request))
    return found


def essence(request: Received) -> Any:
    """Return what matters of a request, in a form that can be compared."""
    headers = dict(request.headers)
    headers.pop("host")
    # Ours keeps connections; the bytes of JSON may differ, not what they say.
    for name in ("connection", "content-length"):
        headers.pop(name, None)
    headers["user-agent"] = re.sub(
        r"^scaleapi/\S+", "scaleapi/VERSION", headers["user-agent"]
    )
    kind, _, boundary = headers.get("content-type", "").partition("; boundary=")
    body: Any = request.body
    if request.target.startswith("/v2/"):
        # The official client never asks for compression there.
        headers.pop("accept-encoding", None)
        return [request.method, request.target, headers, body and json.loads(body)]
    if boundary:
        headers["content-type"] = kind
        body = request.body.replace(boundary.encode(), b"BOUNDARY").decode()
    elif body:
        # As pairs, so that the order of the keys counts.
        body = json.loads(body, object_pairs_hook=lambda pairs: pairs)
    return [request.method, request.target, headers, body]


def compare_wire(official: str, folder: str) -> None:
    """Hold what both clients send against each other."""
    theirs, ours = sent(official, folder), sent(sys.executable, folder)
    assert list(theirs) == list(ours)
    wrong = []
    for name, requests in theirs.items():
        if (requests != ours[name]) != (name in DIFFERENCES):
            wrong.append(f"{name}:\n  official {requests}\n  ours     {ours[name]}")
    if wrong:
        sys.exit("\n".join(["What is sent differs:", *wrong]))
    print(f"{len(theirs)} calls, {len(DIFFERENCES)} of them different on purpose")


def main() -> None:
    """Make the environment, let the official client drive, compare."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        bin_folder = Path(folder, "Scripts" if sys.platform == "win32" else "bin")
        python = str(bin_folder / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", OFFICIAL], check=True)
        with Sandbox() as sandbox:
            keys = [sandbox.api_key, sandbox.live_api_key]
            command = [python, str(HERE / "drive.py"), sandbox.url, *keys]
            # Not in the checkout, where it would find our package first.
            subprocess.run(command, check=True, cwd=folder)
        compare_wire(python, folder)


if __name__ == "__main__":
    main()
