"""What the filters of a list match, for any number of values."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from scaleapi import ScaleClient
from tests.sandbox.calling import Caller

TEXT: Dict[str, Any] = {"attachments": [], "fields": []}


@pytest.fixture
def tasks(live: Caller) -> Caller:
    """A world with a pending and a canceled task, and a batch of each status."""
    live("POST", "projects", json={"type": "textcollection", "name": "p"})
    live("POST", "projects", json={"type": "chat", "name": "q"})
    for name in ("staged", "begun"):
        live("POST", "batches", json={"project": "p", "name": name})
    live("POST", "batches/begun/finalize")
    for number, tags in enumerate((["a", "b"], ["a,b"], [""])):
        body = {**TEXT, "project": "p", "unique_id": f"u{number}", "tags": tags}
        live("POST", "task/textcollection", json=body)
    _, chat = live("POST", "task/chat", json={"project": "q"})
    live("POST", f"task/{chat['task_id']}/cancel")
    return live


def total(call: Caller, query: str) -> int:
    status, page = call("GET", f"tasks?{query}")
    assert status == 200
    assert len(page["docs"]) == page["total"]
    return int(page["total"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("project=", 0),
        ("batch=", 0),
        ("unique_id=", 0),
        ("type=", 0),
        ("status=", 0),
        ("customer_review_status=", 0),
        ("tags=", 1),  # a tag may be empty
        ("unique_id=&unique_id=u0", 1),
        ("start_time=&limit=&next_token=&include_attachment_url=", 4),
    ],
)
def test_an_empty_filter_value_matches_only_empty_values(
    tasks: Caller, query: str, found: int
) -> None:
    assert total(tasks, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending&status=canceled", 4),
        ("status=canceled&status=pending", 4),
        ("status=canceled&status=error", 1),
        ("type=chat&type=textcollection", 4),
        ("type=chat&type=comparison", 1),
        ("project=p&project=q", 4),
        ("tags=a&tags=none", 1),
        ("tags=a,b", 2),
        ("status=pending&project=q", 0),
    ],
)
def test_a_repeated_key_matches_any_of_its_values(
    tasks: Caller, query: str, found: int
) -> None:
    assert total(tasks, query) == found


def test_batches_are_filtered_by_any_of_several_statuses(tasks: Caller) -> None:
    for query, found in (
        ("status=staging&status=in_progress", 2),
        ("status=in_progress&status=completed", 1),
        ("project=&status=staging", 0),
        ("project=p", 2),
    ):
        assert tasks("GET", f"batches?{query}")[1]["totalDocs"] == found


def test_two_thousand_unique_ids_are_found_in_one_request(tasks: Caller) -> None:
    client = ScaleClient(tasks.key, api_instance_url=tasks.url)
    wanted: List[str] = [f"u{number:040}" for number in range(2000)]
    found = list(client.get_tasks("p", unique_id=[*wanted, "u0", "u2"]))
    assert {task.unique_id for task in found} == {"u0", "u2"}


@pytest.mark.parametrize("name", ["customer_review_status", "tags"])
def test_a_value_of_many_commas_is_accepted(tasks: Caller, name: str) -> None:
    tasks("GET", f"tasks?{name}=" + "," * 40_000)
    many = ",".join(map(str, range(12_000)))
    assert total(tasks, f"{name}={many}") == 0
    too_many = ",".join(map(str, range(20_001)))
    assert tasks("GET", f"tasks?{name}={too_many}")[0] == 400


def test_totals_are_updated_by_every_change(tasks: Caller) -> None:
    by_time = "start_time=2020-01-01"
    for query in ("", by_time, f"tags=a&{by_time}"):
        before = total(tasks, query)
        body = {**TEXT, "project": "p", "tags": ["a"]}
        _, task = tasks("POST", "task/textcollection", json=body)
        assert total(tasks, query) == before + 1
        pending = total(tasks, f"{query}&status=pending")
        tasks("POST", f"task/{task['task_id']}/cancel")
        assert total(tasks, f"{query}&status=pending") == pending - 1
    tasks("DELETE", f"task/{task['task_id']}/tags", json=["a"])
    assert total(tasks, f"tags=a&{by_time}") == before
