"""One object, however many ask for it at once."""

from __future__ import annotations

from typing import Any

import pytest

from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleResourceNotFound,
    ScaleTypeError,
    ScaleValueError,
    TaskType,
)
from tests.faulty_proxy import TEXT

CALLS = {
    "project": lambda client, _: client.get_or_create_project(
        "p 1/2", TaskType.TextCollection, {"instruction": "i"}, studio=True
    ),
    "batch": lambda client, n: client.get_or_create_batch(
        "p", "b 1/2", metadata={"n": n}
    ),
    "task": lambda client, n: client.get_or_create_task(
        TaskType.TextCollection, unique_id="u", project="p", metadata={"n": n}, **TEXT
    ),
}


@pytest.fixture
def client(live_client: ScaleClient) -> ScaleClient:
    live_client.create_project("p", "textcollection", studio=True)
    live_client.create_project("q", "textcollection", studio=True)
    return live_client


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_get_or_create_gives_thirty_threads_the_same_object(
    client: ScaleClient, call: Any
) -> None:
    results = client.map(lambda n: call(client, n), range(30), max_workers=30)
    documents = [result.value.as_dict() for result in results if result.value]
    assert len(documents) == 30
    assert all(document == documents[0] for document in documents)


def test_get_or_create_uses_all_arguments(client: ScaleClient) -> None:
    project = client.get_or_create_project(
        "r", "textcollection", {"instruction": "i"}, studio=True
    )
    assert project.instruction == "i"
    batch = client.get_or_create_batch("r", "b", callback="a@b.c", metadata={"k": 1})
    assert batch.metadata == {"k": 1} and batch.as_dict()["callback"] == "a@b.c"
    flags = client.get_or_create_batch("r", "c", self_label_batch=True)
    assert flags.as_dict()["self_label_batch"] is True
    task = client.get_or_create_task("textcollection", unique_id="u", batch="b", **TEXT)
    assert (task.project, task.batch, task.unique_id) == ("r", "b", "u")


def test_get_or_create_rejects_another_type_or_project(client: ScaleClient) -> None:
    with pytest.raises(
        ScaleDuplicateResource, match="type is 'textcollection', not"
    ) as e:
        client.get_or_create_project("p", "chat")
    assert e.value.attempts == 1
    client.create_batch("p", "b")
    with pytest.raises(ScaleDuplicateResource, match="to project 'p', not 'q'") as e:
        client.get_or_create_batch("q", "b")
    assert (e.value.code, e.value.attempts) == (409, 1)
    assert "already" in e.value.body and "Date" in e.value.headers
    task = client.create_task("textcollection", project="p", unique_id="u", **TEXT)
    with pytest.raises(ScaleDuplicateResource, match="project is 'p', not 'q'") as e:
        client.get_or_create_task("textcollection", unique_id="u", project="q", **TEXT)
    assert (e.value.attempts, e.value.unique_id) == (1, "u")
    with pytest.raises(ScaleDuplicateResource, match="type is 'textcollection', not"):
        client.get_or_create_task(
            "categorization", unique_id="u", attachment="x", categories=["a"]
        )
    assert client.get_or_create_task("textcollection", unique_id="u", **TEXT) == task


def test_get_or_create_raises_other_errors_unchanged(client: ScaleClient) -> None:
    with pytest.raises(ScaleResourceNotFound):
        client.get_or_create_batch("nowhere", "b")
    with pytest.raises(ScaleValueError):
        client.get_or_create_task("textcollection", unique_id="", **TEXT)
    with pytest.raises(ScaleTypeError):
        client.get_or_create_task("textcollection", unique_id=None, **TEXT)  # type: ignore[arg-type]
