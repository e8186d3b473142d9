"""`dry_run=True`: nothing is sent, and what can be known here is found."""

from __future__ import annotations

import io
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Dict, List

import pytest

from scaleapi import ScaleClient, ScaleValueError, Task, TaskType
from scaleapi.bulk.results import BulkResult
from tests.faultserver import FaultServer

TASK = {"attachment": "http://x/y.jpg", "categories": ["cow"]}
TEXT = [{"type": "text", "content": "c"}]


@pytest.fixture
def unsent(fault_server: FaultServer) -> Any:
    """A client, and the certainty that nothing has arrived at the end of the test."""
    yield ScaleClient("live_1", None, fault_server.url, auto_unique_id=True)
    assert fault_server.connections == 0


def created(client: ScaleClient, *payloads: Any, **options: Any) -> List[BulkResult]:
    results = list(
        client.create_tasks("categorization", payloads, dry_run=True, **options)
    )
    assert [r.index for r in results] == list(range(len(payloads)))
    for result in results:
        assert result.value is None
        assert (result.error is None) == (result.status == "checked")
        assert getattr(result.error, "attempts", 0) == 0
    return results


def errors(client: ScaleClient, *payloads: Any, **options: Any) -> List[str]:
    return [str(r.error or "") for r in created(client, *payloads, **options)]


def test_payloads_that_can_be_sent_are_checked(unsent: ScaleClient) -> None:
    results = created(
        unsent,
        TASK,
        {**TASK, "categories": ("cow", TaskType.Categorization), "unique_id": "u"},
        {**TASK, "categories": {"cow"}, "anything": 5},
        {"project": "p"},
        {"batch": "b", "priority": "10"},
    )
    assert [r.status for r in results] == ["checked"] * 5
    assert all(r.payload["unique_id"] for r in results)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("a", "a payload must be a dict; got 'a'"),
        ({"categories": ["a"]}, '"attachment" is required'),
        ({"attachment": "", "categories": ["a"]}, '"attachment" is required'),
        ({**TASK, "attachment": 5}, '"attachment" must be a string'),
        ({**TASK, "tags": [5]}, '"tags" must be an array of strings'),
        ({**TASK, "unique_id": 5}, '"unique_id" must be a string'),
        ({"project": "p", "attachment": 5}, '"attachment" must be a string'),
        ({**TASK, "metadata": []}, '"metadata" must be an object'),
        ({**TASK, "metadata": {"a": "é" * 5200}}, "not be larger than 10240 bytes"),
        ({**TASK, "a": [1, {"b": float("inf")}]}, "a[1].b: inf is not in JSON"),
        ({**TASK, "a": object()}, "a: object"),
        ({**TASK, "a": "\ud800"}, ""),
        ({5: 6, **TASK}, "keywords must be strings"),
    ],
)
def test_a_payload_that_would_fail_does(
    unsent: ScaleClient, payload: Any, message: str
) -> None:
    ids: Any
    for ids in ("auto", None):
        first, second = errors(unsent, payload, TASK, unique_id=ids)
        assert message in first
        assert not second


def test_it_agrees_with_the_sandbox(client: ScaleClient) -> None:
    payloads: List[Dict[str, Any]] = [
        {**TASK, **change}
        for change in (
            {},
            {"attachment": None},
            {"attachment": 1},
            {"categories": "a"},
            {"categories": None, "taxonomies": {}},
            {"instruction": 5},
            {"metadata": 5},
            {"metadata": {"a": "x" * 10_300}},
            {"callback_url": ""},
            {"tags": "a"},
            {"labels": 5},
        )
    ]
    checked = errors(client, *payloads)
    sent = list(client.create_tasks("categorization", payloads))
    assert [bool(error) for error in checked] == [r.status == "failed" for r in sent]
    for error, result in zip(checked, sent):
        assert error.rpartition(": ")[2] in str(result.error or "")
    assert len({r.status for r in sent}) == 2


@pytest.mark.parametrize(
    ("task_type", "message"),
    [
        (
            "categorisation",
            "no task type 'categorisation'; do you mean 'categorization'",
        ),
        ("new", "this version knows no task type 'new'"),
    ],
)
def test_an_unknown_type_fails_for_each_payload(
    unsent: ScaleClient, task_type: str, message: str
) -> None:
    results = unsent.create_tasks(task_type, [TASK, TASK], dry_run=True)
    assert all(message in str(r.error) for r in results)


def test_one_unique_id_for_payloads_that_differ_is_found(unsent: ScaleClient) -> None:
    payloads = [
        {**TASK, "unique_id": "u"},
        5,
        {**TASK, "unique_id": "u"},
        {**TASK, "unique_id": "u", "priority": 1},
        {**TASK, "unique_id": "u", "bad": float("nan")},
        {**TASK, "unique_id": ""},
        {**TASK, "unique_id": ""},
    ]
    results = created(unsent, *payloads)
    assert [r.status for r in results] == [
        *("checked", "failed", "checked", "failed", "failed", "checked", "checked")
    ]
    assert isinstance(results[3].error, ScaleValueError)
    assert "'u' is that of the payload with index 0" in str(results[3].error)
    assert "nan is not in JSON" in str(results[4].error)
    same = created(unsent, TASK, TASK, {**TASK, "priority": 1}, unique_id="content")
    assert [r.status for r in same] == ["checked"] * 3
    made = errors(unsent, TASK, {**TASK, "priority": 1}, unique_id=lambda _: "made")
    assert "'made'" in made[1]


def test_options_count_as_in_a_real_run(unsent: ScaleClient) -> None:
    with pytest.raises(ValueError, match="max_workers"):
        unsent.create_tasks("x", [], dry_run=True, max_workers=0)
    with pytest.raises(TypeError, match="single"):
        unsent.create_tasks("x", {}, dry_run=True)  # type: ignore[arg-type]
    seen: List[Any] = []
    stopped = unsent.create_tasks(
        "x", [TASK] * 500, dry_run=True, stop_on_error=True, progress=seen.append
    )
    assert len(list(stopped)) < 500
    assert seen[-1].statuses["failed"] == seen[-1].done


def test_no_executor_is_used(unsent: ScaleClient) -> None:
    with ProcessPoolExecutor(1) as pool:
        unpicklable: Any = unsent
        unpicklable.note = lambda: None
        results = created(unsent, TASK, executor=pool)
    assert [r.status for r in results] == ["checked"]


def test_what_a_user_has_set_on_the_transport_is_not_asked(
    unsent: ScaleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise AssertionError

    for name in ("post_request", "request", "get_request"):
        monkeypatch.setattr(unsent.api, name, fails)
    # Such as a decorator that tries again; it would send with the client itself.
    monkeypatch.setattr(unsent, "create_task", partial(unsent.create_task))
    monkeypatch.setattr("requests.Session.request", fails)
    assert errors(unsent, TASK) == [""]


def test_the_client_sends_afterwards(client: ScaleClient) -> None:
    created(client, TASK)
    assert client.get_tasks_count("p") == 0
    assert [r.status for r in client.create_tasks("categorization", [TASK])] == [
        "created"
    ]


def test_a_subclass_that_sends_nothing_itself_is_checked(
    fault_server: FaultServer,
) -> None:
    class Mine(ScaleClient):
        def create_task(self, task_type: Any, **kwargs: Any) -> Task:
            return Task({"task_id": "1"}, self)

    mine = Mine("test_1", None, fault_server.url)
    assert errors(mine, TASK) == [""]


def test_cancellations(unsent: ScaleClient) -> None:
    inputs: List[Any] = [Task({"task_id": "1"}, unsent), "2", 3]
    results = list(unsent.cancel_tasks(inputs, True, dry_run=True))
    assert [r.status for r in results] == ["checked", "checked", "failed"]
    assert "must be a Task or an id" in str(results[2].error)


def test_uploads_leave_files_as_they_are(unsent: ScaleClient, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    stream = io.BytesIO(b"abcdef")
    stream.seek(2)
    closed = io.BytesIO()
    closed.close()
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(120_000_001)
    reading, writing = os.pipe()
    with open(writing, "wb") as end:
        end.write(b"once")
    with open(reading, "rb") as once:
        inputs: List[Any] = [
            path,
            stream,
            ("name", b"abc"),
            tmp_path / "missing",
            closed,
            io.StringIO("text"),
            large,
            stream,
            once,
        ]
        results = list(unsent.upload_files(inputs, dry_run=True))
        assert once.read() == b"once"
    assert [r.status == "checked" for r in results] == [
        *(True, True, True, False, False, False, False, False, True)
    ]
    assert "cannot open" in str(results[3].error)
    assert str(results[6].error) == "file: has more than 120 MB"
    assert stream.tell() == 2
    bad = {"a": object()}
    results = list(unsent.upload_files([path], dry_run=True, metadata=bad))
    assert [r.status for r in results] == ["failed"]


def test_imports(unsent: ScaleClient) -> None:
    inputs: List[Any] = ["http://x/y", "", None, Path("a")]
    results = list(unsent.import_files(inputs, dry_run=True))
    assert [r.status for r in results] == ["checked", "failed", "failed", "failed"]
    large = {"a": "x" * 8200}
    results = list(unsent.import_files(["http://x"], dry_run=True, metadata=large))
    assert "8192 bytes" in str(results[0].error)


def test_the_summary_reads_the_rest_and_shows_the_first_failures(
    unsent: ScaleClient, client: ScaleClient
) -> None:
    results = unsent.create_tasks("categorization", [TASK, *[{}] * 14], dry_run=True)
    assert next(results).status == "checked"
    text = results.summary().splitlines()
    assert text[0] == ("new tasks (dry run: nothing was sent): 1 checked, 14 failed")
    assert text[1].startswith('  index 1: task of type categorization: "attachment" is')
    assert len(text) == 12
    assert text[-1] == "  and 4 more"
    assert results.summary() == "\n".join(text)
    assert unsent.cancel_tasks([], dry_run=True).summary().endswith(": none")
    sent = client.create_tasks("categorization", [TASK])
    assert sent.summary() == "new tasks: 1 created"
