"""Keys of answers that the client does not read."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from scaleapi import (
    ScaleClient,
    ScaleDuplicateResource,
    ScaleInvalidRequest,
)
from scaleapi.sandbox import Sandbox
from tests.sandbox.calling import Caller


def batches(call: Caller, number: int) -> None:
    call("POST", "projects", json={"name": "p", "type": "categorization"})
    for n in range(number):
        call("POST", "batches", json={"project": "p", "name": f"b{n}"})


def pages(page: Dict[str, Any]) -> List[Any]:
    return [page[key] for key in ("totalPages", "hasNextPage", "nextPage")]


@pytest.mark.parametrize(
    "number, offset, expected",
    [
        (0, 0, [1, False, None]),
        (3, 0, [1, False, None]),
        (4, 0, [2, True, 2]),
        (7, 3, [3, True, 3]),
        (7, 6, [3, False, None]),
        (6, 3, [2, False, None]),
        (6, 9, [2, False, None]),
        (7, 4, [3, False, None]),
    ],
)
def test_pages_of_batches_are_counted_from_one(
    live: Caller, number: int, offset: int, expected: List[Any]
) -> None:
    batches(live, number)
    _, page = live("GET", "batches", params={"limit": 3, "offset": offset})
    assert pages(page) == expected
    assert page["hasNextPage"] is page["has_more"]


def test_following_next_page_returns_every_batch_once(live: Caller) -> None:
    batches(live, 101)
    names, page_number = [], 1
    while page_number:
        offset = (page_number - 1) * 100
        _, page = live("GET", "batches", params={"limit": 100, "offset": offset})
        names += [batch["name"] for batch in page["docs"]]
        page_number = page["nextPage"] if page["hasNextPage"] else 0
    assert names == [f"b{n}" for n in reversed(range(101))]


def test_page_numbers_of_batches_count_only_filtered_batches(live: Caller) -> None:
    batches(live, 4)
    query = {"limit": 3, "project": "none"}
    assert pages(live("GET", "batches", params=query)[1]) == [1, False, None]


def test_lists_of_tasks_have_no_page_numbers(live: Caller) -> None:
    _, page = live("GET", "tasks")
    assert set(page) == {"docs", "total", "limit", "offset", "has_more"}


@pytest.mark.parametrize("way", ["upload", "import"])
def test_a_reference_id_can_be_used_once_in_a_project(
    live_client: ScaleClient, way: str
) -> None:
    def made(**given: Any) -> Dict[str, Any]:
        if way == "upload":
            return live_client.upload_file(b"x", reference_id="r", **given).as_dict()
        url = "https://example.com/1.png"
        return live_client.import_file(url, reference_id="r", **given).as_dict()

    for name in ("p1", "p2"):
        live_client.create_project(name, "imageannotation")
    files = [made(project_name="p1"), made(project_name="p2"), made()]
    assert [f["project_names"] for f in files] == [["p1"], ["p2"], []]
    assert {f["reference_id"] for f in files} == {"r"}
    assert len({f["id"] for f in files}) == 3
    for given in ({"project_name": "p1"}, {"project_name": "p2"}, {}):
        with pytest.raises(ScaleDuplicateResource, match='"r" already exists'):
            made(**given)
    # Uploads and imports share the ids.
    with pytest.raises(ScaleDuplicateResource, match='in project "p1"'):
        live_client.upload_file(b"x", reference_id="r", project_name="p1")
    with pytest.raises(ScaleDuplicateResource):
        live_client.import_file("https://e.com/1.png", reference_id="r")


def test_a_reference_id_of_another_world_can_be_used(sandbox: Sandbox) -> None:
    for key in ("test_ref_1", "test_ref_2", "live_ref_3"):
        client = ScaleClient(key, api_instance_url=sandbox.url)
        assert client.upload_file(b"x", reference_id="r").as_dict()["size"] == 1


@pytest.mark.parametrize("metadata", [{"row": 1, "é": [None]}, {}])
def test_the_metadata_of_an_import_is_an_object_or_json_text(
    client: ScaleClient, metadata: Dict[str, Any]
) -> None:
    for given in (metadata, json.dumps(metadata)):
        file = client.import_file("https://example.com/1.png", metadata=given)
        assert file.as_dict()["metadata"] == metadata


@pytest.mark.parametrize("wrong", ["", "row 1", "[1]", "1", '"{}"', "NaN", 1, [1]])
def test_other_metadata_of_an_import_is_rejected(
    client: ScaleClient, wrong: Any
) -> None:
    with pytest.raises(ScaleInvalidRequest, match='"metadata" must be'):
        client.import_file("https://example.com/1.png", metadata=wrong)


def test_the_limit_of_metadata_applies_to_json_text(client: ScaleClient) -> None:
    metadata = json.dumps({"a": "x" * 8192})
    with pytest.raises(ScaleInvalidRequest, match="8192"):
        client.import_file("https://example.com/1.png", metadata=metadata)
