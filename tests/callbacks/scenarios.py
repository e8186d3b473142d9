"""What every server with a receiver must do, with the sandbox as the sender."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List

import requests

from scaleapi.callbacks import CallbackEvent, Receiver
from scaleapi.sandbox import Sandbox
from tests.callbacks.bodies import LIVE, TEST, task_body
from tests.callbacks.servers import TIMEOUT_S, request, send

Serve = Callable[[Receiver], Any]
COW = {
    "attachment": "https://example.com/1.jpg",
    "categories": ["cow", "K\u00fch \u725b"],
}


def check_with_the_sandbox(serve: Serve) -> None:
    """Redelivery, order, both modes, audits and batches, over a real socket."""
    events: List[CallbackEvent] = []
    fail: List[bool] = []

    def handle(event: CallbackEvent) -> None:
        if fail and fail.pop():
            raise RuntimeError("this one comes again")
        events.append(event)

    with Sandbox() as sandbox:
        keys = {"live": sandbox.live_callback_key, "test": sandbox.callback_key}
        client = sandbox.client(live=True)
        receiver = Receiver(keys, handle, client=client)
        with client, serve(receiver) as url:
            check_one_after_another(sandbox, client, url, events, fail)


def check_one_after_another(
    sandbox: Sandbox, client: Any, url: str, events: List[CallbackEvent], fail: Any
) -> None:
    def told() -> List[CallbackEvent]:
        assert sandbox.wait_for_callbacks(TIMEOUT_S)
        found = events[:]
        events.clear()
        return found

    task = client.create_task("categorization", callback_url=url, **COW)
    assert told() == []
    # Text that is not ASCII; the first two tries fail.
    fail[:] = [True, True]
    sandbox.complete(task, {"category": "K\u00fch \u725b"})
    assert told() == []
    sandbox.clock.advance(24 * 3600)
    (event,) = told()
    assert event.task == task
    assert event.task is not None
    assert (event.live, event.task.status) == (True, "completed")
    assert event.response == {"category": "K\u00fch \u725b"}
    event.task.refresh()
    assert event.task.callback_succeeded is True

    # An audit sends the same task again: it is no repeat. A second one neither.
    for accepted, status in (
        (True, "accepted"),
        (False, "rejected"),
        (True, "accepted"),
    ):
        task.audit(accepted)
        (event,) = told()
        assert event.task is not None
        assert event.task.customer_review_status == status

    with sandbox.client() as test_client:
        test = test_client.create_task("categorization", callback_url=url, **COW)
        (event,) = told()
        assert (event.task, event.live) == (test, False)

    client.create_project("cows", "categorization")
    client.create_batch("cows", "w\u00f6che 9", callback=url)
    tasks = [
        client.create_task(
            "categorization", batch="w\u00f6che 9", callback_url=url, **COW
        )
        for _ in range(5)
    ]
    client.finalize_batch("w\u00f6che 9")
    for each in reversed(tasks):
        sandbox.complete(each)
    found = told()
    assert [event.task for event in found] == [*reversed(tasks), None]
    assert found[-1].batch is not None
    assert (found[-1].batch.name, found[-1].batch.status) == (
        "w\u00f6che 9",
        "completed",
    )


def check_with_an_attacker(serve: Serve) -> None:
    """Wrong keys, methods and lengths, over a real socket."""
    events: List[CallbackEvent] = []
    receiver = Receiver({"live": LIVE}, events.append, max_body_bytes=100_000)
    body = task_body()
    key = f"Scale-Callback-Auth: {LIVE}"
    length = f"Content-Length: {len(body)}"
    chunked = "Transfer-Encoding: chunked"
    with serve(receiver) as url:

        def status(sent: bytes, *headers: str, method: str = "POST") -> int:
            return send(url, request(url, sent, *headers, method=method))

        assert status(body, length) == 401
        assert status(body, length, "Scale-Callback-Auth:") == 401
        assert status(body, length, f"Scale-Callback-Auth: {TEST}") == 401
        assert status(body, length, key, key) == 401
        assert status(b"", key, method="GET") == 405
        assert status(b"{" * len(body), length, key) == 400
        assert status(b"x" * 200_000, "Content-Length: 200000", key) == 413
        # Lying lengths: what is longer than said is not read as part of the body.
        assert status(body, f"Content-Length: {len(body) - 1}", key) == 400
        assert status(body, "Content-Length: -1", key) == 400
        # Django reads the length itself, and answers 500.
        assert status(body, "Content-Length: 5, 6", key) in (400, 500)
        assert status(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), chunked) == 401
        assert events == []
        assert status(body + b"more", length, key) == 200
    assert [event.raw for event in events] == [body]


def check_fifty_at_once(serve: Serve) -> None:
    """Fifty tasks, each delivered three times at the same time."""
    events: List[CallbackEvent] = []
    receiver = Receiver({"live": LIVE}, events.append)
    headers = {"scale-callback-auth": LIVE}

    with serve(receiver) as url:

        def post(number: int) -> int:
            body = task_body({"n": number % 50, "text": "\u725b" * 1000})
            return requests.post(
                url, data=body, headers=headers, timeout=TIMEOUT_S
            ).status_code

        with ThreadPoolExecutor(50) as pool:
            statuses = set(pool.map(post, range(150)))
    assert statuses <= {200, 503}
    assert sorted(event.response["n"] for event in events) == list(range(50))
