"""Deliveries, which a test makes; the example dataset; the schema."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest
import requests

from scaleapi.sandbox import Sandbox
from scaleapi.sandbox.services.example_dataset import (
    DATASET,
    DELIVERY,
    FILES,
    SCHEMA,
    TASKS,
)
from tests.sandbox.v2.calling import Bearer, Caller


def delivered(live: Caller, *arguments: Any, **options: Any) -> Dict[str, Any]:
    sandbox = live.sandbox
    return sandbox.deliver(*arguments, **options, api_key=live.key)


def completed(live: Caller, number: int = 1, project: str = "talks") -> List[str]:
    ids = [live.task(project)["task_id"] for _ in range(number)]
    for task_id in ids:
        live.sandbox.complete(task_id)
    return ids


def test_a_delivery_has_the_completed_tasks_that_no_other_has(live: Caller) -> None:
    live.project()
    live.project("others")
    first = completed(live, 2)
    completed(live, 1, "others")
    live.task()
    one = delivered(live, "talks", "one")
    second = completed(live, 3)
    two = delivered(live, "talks")
    assert (one["task_count"], two["task_count"]) == (2, 3)
    assert (one["name"], two["name"]) == ("one", "talks 2")
    project = live.get("project", project_name="talks")
    found = live.get("deliveries", project_name="talks")["deliveries"]
    assert found == [{**each, "project": project["id"]} for each in (two, one)]
    expanded = live.get("deliveries", project_id=project["id"], expand="project")
    assert expanded["deliveries"][0]["project"] == project
    for delivery, ids in ((one, first), (two, second)):
        by_id = {"delivery_id": delivery["id"]}
        by_name = {"delivery_name": delivery["name"], "project_name": "talks"}
        for query in (by_id, by_name, {**by_id, **by_name}):
            answer = live.get("delivery", **query)
            assert answer["delivery"] == {**delivery, "project": project["id"]}
            assert [t["task_id"] for t in answer["tasks"]] == ids[::-1]


def test_a_delivery_shows_tasks_as_they_are_asked_for(live: Caller) -> None:
    live.project()
    completed(live, 3)
    delivery_id = delivered(live, "talks")["id"]
    query = {"delivery_id": delivery_id, "expand": ["project", "batch", "delivery"]}
    answer = live.get("delivery", **query, opts="annotation_details", limit=2)
    assert answer["tasks"][0]["project"]["name"] == "talks"
    assert answer["delivery"]["project"]["name"] == "talks"
    assert answer["tasks"][0]["threads"][0]["annotations"][0]["type"] == "integer"
    pages = live.pages("delivery", "tasks", delivery_id=delivery_id, limit=2)
    assert [len(page) for page in pages] == [2, 1]


def test_chosen_tasks_are_delivered(live: Caller) -> None:
    live.project()
    ids = completed(live, 3)
    pending = live.task()["task_id"]
    assert delivered(live, "talks", tasks=ids[:2])["task_count"] == 2
    for wrong in (ids[1:], [pending], ["none"], []):
        with pytest.raises(ValueError, match="not delivered yet"):
            delivered(live, "talks", "wrong", tasks=wrong)
    assert len(live.get("deliveries", project_name="talks")["deliveries"]) == 1
    assert delivered(live, "talks")["task_count"] == 1


def test_what_cannot_be_delivered_is_an_error_that_says_why(live: Caller) -> None:
    live.project()
    live.project("pictures", "imageannotation")
    completed(live, 2)
    for arguments, error, text in (
        (("none",), ValueError, "no project 'none'"),
        (("pictures",), ValueError, "chat projects only"),
        ((5,), TypeError, "project must be a str; got 5"),
        (("talks", 5), TypeError, "name must be a str; got 5"),
    ):
        with pytest.raises(error, match=text):
            delivered(live, *arguments)
    with pytest.raises(TypeError, match="tasks must be a list; got 'x'"):
        delivered(live, "talks", tasks="x")
    with pytest.raises(TypeError, match="task must be a Task"):
        delivered(live, "talks", tasks=[5])
    delivered(live, "talks", "one")
    completed(live)
    with pytest.raises(ValueError, match="has a delivery 'one' already"):
        delivered(live, "talks", "one")


def test_deliveries_are_made_over_http_too(live: Caller) -> None:
    live.project()
    (task_id,) = completed(live)

    def control(**values: Any) -> requests.Response:
        url = f"{live.origin}/control/deliveries"
        return requests.post(url, json={**values, "api_key": live.key}, timeout=30)

    assert control(project="none").status_code == 404
    assert control(project="talks", tasks="x").status_code == 400
    assert control().status_code == 400
    made = control(project="talks", name="n", tasks=[task_id])
    assert made.status_code == 200, made.text
    assert made.json()["task_count"] == 1
    assert live.get("delivery", delivery_id=made.json()["id"])["tasks"]


def test_by_default_the_world_is_that_of_the_test_key(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.create_project("talks", "chat")  # type: ignore[arg-type]
        client.create_task("chat", project="talks")  # type: ignore[arg-type]
    assert sandbox.deliver("talks")["task_count"] == 1


def test_deliveries_are_filtered_by_time(live: Caller) -> None:
    live.project()
    for moment in ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"):
        live.sandbox.clock.set(moment)
        completed(live)
        delivered(live, "talks")

    def names(**query: str) -> List[str]:
        answer = live.get("deliveries", project_name="talks", **query)
        return [each["name"] for each in answer["deliveries"]]

    assert names() == ["talks 2", "talks 1"]
    assert names(delivered_after="2024-01-15") == ["talks 2"]
    assert names(delivered_before="2024-01-15") == ["talks 1"]


def test_a_delivery_that_is_not_named_or_not_there_is_refused(live: Caller) -> None:
    live.project()
    live.project("others")
    completed(live)
    delivery = delivered(live, "talks", "one")
    assert live.refused("GET", "deliveries")[0] == 400
    assert live.refused("GET", "delivery")[0] == 400
    assert live.refused("GET", "delivery", delivery_name="one")[0] == 400
    by_id = {"delivery_id": delivery["id"]}
    for query in (
        {"delivery_id": "none"},
        {"delivery_name": "two", "project_name": "talks"},
        {"delivery_name": "one", "project_name": "others"},
        {**by_id, "delivery_name": "two"},
        {**by_id, "project_name": "others"},
        {**by_id, "project_name": "none"},
    ):
        assert live.refused("GET", "delivery", **query)[0] == 404, query


def test_the_list_of_delivered_tasks_has_null_where_they_are_not(live: Caller) -> None:
    live.project()
    (done,) = completed(live)
    delivery = delivered(live, "talks")
    undelivered = completed(live)[0]
    pending = live.task()["task_id"]
    answer = live.get("delivery/tasks", project_name="talks")
    assert answer["total"] == 3 and "next_token" not in answer
    by_id = {doc["task_id"]: doc for doc in answer["docs"]}
    assert by_id[pending]["response"] is by_id[pending]["delivery_id"] is None
    assert by_id[undelivered]["delivered_at"] is None
    assert by_id[undelivered]["response"]["threads"]
    doc = by_id[done]
    assert doc["delivery_id"] == delivery["id"]
    assert doc["delivered_at"] == delivery["delivered_at"]
    assert doc["response_schema_id"] == SCHEMA["id"]
    (rating,) = doc["response"]["threads"][0]["annotations"]
    assert set(rating) == {"key", "value"}
    query = {"project_name": "talks", "delivery_id": delivery["id"]}
    assert live.get("delivery/tasks", **query)["docs"] == [doc]
    pages = live.pages("delivery/tasks", "docs", project_name="talks", limit=2)
    assert [len(page) for page in pages] == [2, 1]
    query = {"project_name": "talks", "status": "pending"}
    assert live.get("delivery/tasks", **query)["total"] == 1
    assert live.refused("GET", "delivery/tasks")[0] == 400
    query = {"project_name": "talks", "delivery_id": "none"}
    assert live.refused("GET", "delivery/tasks", **query)[0] == 404


def test_every_world_has_the_example_dataset(live: Caller) -> None:
    assert live.get("datasets") == {"datasets": [DATASET]}
    of_dataset = {"dataset_id": DATASET["id"]}
    of_delivery = {"delivery_id": DELIVERY["id"]}
    deliveries = live.get("datasets/deliveries", **of_dataset)
    assert deliveries == {"deliveries": [DELIVERY]}
    expanded = live.get("datasets/deliveries", **of_dataset, expand="dataset")
    assert expanded["deliveries"][0]["dataset"] == DATASET
    delivery = live.get("datasets/delivery", **of_delivery)
    assert delivery == {"delivery": DELIVERY, "tasks": TASKS}
    for query in (of_dataset, of_delivery, {**of_dataset, **of_delivery}):
        assert live.get("datasets/tasks", **query) == {"tasks": TASKS}
        late = live.get("datasets/tasks", **query, delivered_after="2025-01-01")
        assert late == {"tasks": []}
    pages = live.pages("datasets/tasks", "tasks", **of_dataset, limit=2)
    assert [task for page in pages for task in page] == TASKS
    assert len(pages) == 2
    query = {"task_id": TASKS[0]["task_id"]}
    assert live.get("datasets/task", **query) == TASKS[0]
    both = live.get("datasets/task", **query, expand=["dataset", "delivery"])
    assert both["dataset"] == DATASET
    assert both["delivery"] == {**DELIVERY, "dataset": DATASET}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("deliveries", "dataset_id"),
        ("delivery", "delivery_id"),
        ("tasks", "dataset_id"),
        ("tasks", "delivery_id"),
        ("task", "task_id"),
    ],
)
def test_what_a_dataset_does_not_have_is_404(
    live: Caller, path: str, name: str
) -> None:
    assert live.refused("GET", f"datasets/{path}")[0] == 400
    assert live.refused("GET", f"datasets/{path}", **{name: "none"})[0] == 404


def test_the_address_of_an_attachment_is_signed_and_serves_it(live: Caller) -> None:
    for task in TASKS:
        attachment = task["response"]["recording"]["attachment_id"]
        path = f"datasets/task/{task['task_id']}/response_url/{attachment}"
        answer = live.send("GET", path, allow_redirects=False)
        assert (answer.status_code, answer.content) == (302, b"")
        url = answer.headers["location"]
        assert "Signature=" in url
        for auth in (None, Bearer(live.key)):  # clients that follow it send the key
            fetched = requests.get(url, auth=auth, timeout=30)
            assert fetched.content == FILES[attachment]
            assert fetched.headers["content-security-policy"] == "sandbox"
        assert requests.get(url[:-1], timeout=30).status_code == 403


def test_an_unknown_attachment_is_404(live: Caller) -> None:
    task_id, other = TASKS[0]["task_id"], list(FILES)[1]
    for path in (f"none/response_url/{other}", f"{task_id}/response_url/{other}"):
        assert live.refused("GET", f"datasets/task/{path}")[0] == 404


def test_a_schema_is_a_json_schema_as_text(live: Caller) -> None:
    schema = live.get("schema", schema_id=SCHEMA["id"])["schema"]
    assert schema["name"] and schema["createdAt"]
    assert json.loads(schema["json"])["type"] == "object"
    assert live.refused("GET", "schema", schema_id="f" * 24)[0] == 404
    for wrong in ("x" * 24, "f" * 23, "f" * 25):
        assert live.refused("GET", "schema", schema_id=wrong)[0] == 400
    assert live.refused("GET", "schema")[0] == 400
