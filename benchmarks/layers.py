"""CPU time of a create, layer by layer, in one process, taking turns.

Started by run.py in the environment of our client, with a JSON object as its only
argument. It prints, layer by layer, the ratios to the bare urllib3 loop.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, List

# An isolated interpreter does not look beside the script.
sys.path.append(str(Path(__file__).resolve().parent))

from peer import KEY, NEW_TASK, Bare

CREATES = 200


def spied(client: Any) -> Any:
    """Return what a create asks of its session, and what the session sends.

    Both are caught where users patch them, in `request` and `send`.
    """
    session = client.api.session
    request, send = session.request, session.send
    caught: Dict[str, Any] = {}

    def catch_request(**arguments: Any) -> Any:
        caught["asked"] = arguments
        return request(**arguments)

    def catch_send(prepared: Any, **settings: Any) -> Any:
        caught["prepared"] = prepared
        return send(prepared, **settings)

    session.request, session.send = catch_request, catch_send
    try:
        client.create_task("imageannotation", **NEW_TASK)
    finally:
        del session.request, session.send
    return caught["asked"], caught["prepared"]


def layers(job: Any) -> Dict[str, Callable[[], Any]]:
    """Return name of a layer -> a create that begins there; each ends in a dict."""
    from scaleapi import ScaleClient

    bare = Bare(job.url, job.trusted, 1, fast=False)
    full = Bare(job.url, job.trusted, 1, fast=False)
    client = ScaleClient(KEY, api_instance_url=job.url, verify=job.trusted)
    session = client.api.session
    asked, prepared = spied(client)
    url = asked["url"]
    settings = session.merge_environment_settings(url, {}, None, job.trusted, None)
    full._headers = dict(prepared.headers)
    del full._headers["Content-Length"]
    adapter = session.get_adapter(url)

    def encode() -> None:
        # What the layers below would have done, had they been asked.
        prepared.body = json.dumps(NEW_TASK).encode()

    def send_adapter() -> Any:
        encode()
        answer = adapter.send(prepared, timeout=60, verify=job.trusted)
        return json.loads(answer.content)

    def send_session() -> Any:
        encode()
        answer = session.send(prepared, timeout=60, **settings)
        return json.loads(answer.content)

    def request_session() -> Any:
        answer = session.request(**asked)
        return json.loads(answer.content)

    return {
        "the bare urllib3 loop": lambda: bare.create(0),
        "the same with the headers that requests sends": lambda: full.create(0),
        "our ``HTTPAdapter``: ``send``": send_adapter,
        "``Session.send`` of requests": send_session,
        "``Session.request``, with our ``prepare_request``": request_session,
        "``client.api.post_request``: attempts, errors": lambda: (
            client.api.post_request("task/imageannotation", body=NEW_TASK)
        ),
        "``client.create_task``: the whole": lambda: client.create_task(
            "imageannotation", **NEW_TASK
        ),
    }


def main() -> None:
    job = SimpleNamespace(**json.loads(sys.argv[1]))
    sys.modules["orjson"] = None  # type: ignore[assignment]  # cannot be imported
    found = layers(job)
    for create in found.values():
        create()
    ratios: Dict[str, List[float]] = {name: [] for name in found}
    for _ in range(job.rounds):
        spent = {}
        for name, create in found.items():
            started = time.process_time()
            for _ in range(CREATES):
                create()
            spent[name] = time.process_time() - started
        base = next(iter(spent.values()))
        for name, seconds in spent.items():
            ratios[name].append(seconds / base)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
