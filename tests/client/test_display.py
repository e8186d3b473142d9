"""What users see of objects: completion, suggestions, reprs."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import subprocess
import sys
from typing import Any, Callable
from unittest import mock

import pytest

from scaleapi import (
    Api,
    BulkResults,
    Counts,
    Project,
    ScaleClient,
    Task,
    Teammate,
)
from scaleapi.sandbox import Sandbox

DOCUMENT = {
    "task_id": "1",
    "status": "completed",
    "params": {"geometries": {}},
    "customer_review_status": "accepted",
    "a b": 1,
    "_id": 2,
    5: 6,
}
KEYS = {"task_id", "status", "params", "customer_review_status"}


def test_dir_of_a_task_lists_the_keys_of_its_document() -> None:
    shown = dir(Task(DOCUMENT, None))
    assert {*KEYS, "id", "cancel", "refresh", "as_dict"} <= set(shown)
    assert not {"a b", "_id", 5, "geometries"} & set(shown)
    assert shown == sorted(set(shown))


def test_dir_of_a_task_follows_refresh_and_attributes(client: ScaleClient) -> None:
    task = client.create_task("chat")
    assert "response" not in dir(task)
    task.refresh()
    assert "response" in dir(task)
    task.mine = 1
    assert "mine" in dir(task)


def test_setting_an_attribute_of_a_task_does_not_change_its_document(
    client: ScaleClient,
) -> None:
    task = client.create_task("chat")
    task.status = "mine"
    assert task.as_dict()["status"] == "pending"
    task.wait(timeout=10)
    assert (task.status, task.as_dict()["status"]) == ("mine", "completed")
    del task.status
    assert task.status == "completed"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_dir_and_attributes_of_a_copied_task_are_the_same(
    copied: Callable[[Any], Any],
) -> None:
    task = Task(DOCUMENT, None)
    made = copied(task)
    again = pickle.loads(made) if isinstance(made, bytes) else made
    assert dir(again) == dir(task)
    assert again.status == "completed"


def test_every_name_in_dir_of_a_task_is_an_attribute() -> None:
    task = Task(DOCUMENT, None)
    members = dict(inspect.getmembers(task))
    assert {key: members[key] for key in KEYS} == {key: DOCUMENT[key] for key in KEYS}
    assert hasattr(mock.create_autospec(task), "customer_review_status")


@pytest.mark.parametrize(
    "name",
    [
        "_ipython_canary_method_should_not_exist_",
        "_ipython_display_",
        "_repr_mimebundle_",
        "__array_interface__",
        "_id",
    ],
)
def test_task_has_no_attributes_that_tools_probe_for(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(Task(DOCUMENT, None), name)
    assert str(caught.value) == f"'Task' object has no attribute {name}"


def test_repr_and_dir_of_a_task_work_before_init() -> None:
    task = Task.__new__(Task)
    assert "cancel" in dir(task)
    assert repr(task) == "Task(None)"
    with pytest.raises(AttributeError):
        task.status  # noqa: B018  (the property raises)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("statis", "status"), ("cancle()", "cancel"), ("zzz", None)],
)
def test_misspelled_attribute_of_a_task_gets_a_suggestion(
    wrong: str, right: "str | None"
) -> None:
    script = f"from scaleapi import Task\nTask({DOCUMENT!r}, None).{wrong}"
    done = subprocess.run(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True
    )
    last = done.stderr.strip().splitlines()[-1]
    name = wrong.rstrip("()")
    told = f"AttributeError: 'Task' object has no attribute {name}"
    if right and sys.version_info >= (3, 10):
        told += f". Did you mean: '{right}'?"
    assert last == told


def test_repr_of_client_and_api_has_the_address_and_no_secret() -> None:
    address = "https://me:hunter2@host.example/v1"
    client = ScaleClient("live_secret", api_instance_url=address)
    assert repr(client) == "ScaleClient('https://[password]@host.example/v1')"
    assert repr(client.api) == "Api('https://[password]@host.example/v1')"
    assert repr(Api("live_secret")) == "Api('https://api.scale.com/v1')"
    assert repr(Api.__new__(Api)) == "Api(None)"


def test_repr_of_sandbox_has_address_and_number_of_requests() -> None:
    sandbox = Sandbox()
    assert repr(sandbox) == "Sandbox(not running)"
    with sandbox:
        sandbox.faults.add(status=503, path="/task/*")
        with ScaleClient(sandbox.api_key, api_instance_url=sandbox.url) as client:
            client.projects()
        assert repr(sandbox) == f"Sandbox('{sandbox.url}', requests=1, faults=1)"
        assert "status=503" in repr(sandbox.faults)
        assert "'/task/*'" in repr(sandbox.faults)
    assert repr(sandbox) == "Sandbox(not running)"
    assert repr(Sandbox.__new__(Sandbox)) == "Sandbox(not running)"


def test_repr_of_clock_has_time_and_offset() -> None:
    clock = Sandbox().clock
    assert re.fullmatch(r"Clock\('\d{4}-\d\d-\d\dT[\d:.]{12}Z'\)", repr(clock))
    clock.advance(86400)
    assert repr(clock).endswith("Z', ahead_s=86400.0)")
    clock.set("2020-01-01")
    assert repr(clock).startswith("Clock('2020-01-01T00:00:00.")
    clock.reset()
    assert "ahead" not in repr(clock)


def test_repr_of_bulk_results_has_the_counts(client: ScaleClient) -> None:
    def half(number: int) -> int:
        if number == 2:
            raise ValueError("no half")
        return number // 2

    results = client.map(half, [0, 1, 2])
    assert repr(results) == f"BulkResults('calls', not begun, {Counts(0, 3)})"
    next(results)
    counts = Counts(1, 3, 0, {"done": 1})
    assert repr(results) == f"BulkResults('calls', under way, {counts})"
    list(results)
    counts = Counts(3, 3, 1, {"done": 2, "failed": 1})
    assert repr(results) == f"BulkResults('calls', ended, {counts})"
    with pytest.raises(ValueError) as caught:
        client.map(half, [0], max_workers=0)
    made = next(
        each.locals["self"]
        for each in caught.traceback
        if isinstance(each.locals.get("self"), BulkResults)
    )
    assert repr(made) == "BulkResults(None, ended, None)"


def test_objects_of_different_classes_are_never_equal() -> None:
    assert Project({"name": "e"}, None) != Teammate({"email": "e"}, None)
    assert len({Teammate({"email": "e"}, None), Teammate({"email": "e"}, None)}) == 1
