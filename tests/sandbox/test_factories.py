"""Realistic documents: one for each type, reproducible, accepted by the sandbox."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from typing import Any, Dict, List, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scaleapi import Batch, File, Project, ScaleClient, Task
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.factories.examples import EXAMPLES
from scaleapi.sandbox.labeler import FORMS
from scaleapi.sandbox.routes.task_creation_validation import check_parameters
from scaleapi.tasks import TaskStatus, TaskType

KINDS = list(factories.KINDS)
STATUSES = ["pending", "completed", "canceled", "error"]
SEEDS = st.integers(0, 10_000)
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_every_type_of_the_client_has_an_example_of_its_own_name() -> None:
    assert {t.value for t in TaskType} <= set(KINDS)
    assert {factories.KINDS[t.value] for t in TaskType} == {t.value for t in TaskType}


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_accepted_by_create_task(kind: str) -> None:
    check_parameters(factories.KINDS[kind], factories.parameters(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_of_the_sandbox_has_the_same_form_as_that_of_the_factory(
    kind: str, sandbox: Sandbox, live_client: ScaleClient
) -> None:
    given = factories.parameters(kind)
    task = live_client.create_task(factories.KINDS[kind], **given)
    sandbox.complete(task, form=EXAMPLES[kind].form)
    task.refresh()
    made = factories.task(kind, "completed")
    there = task.as_dict()
    # Signed addresses are made for each request, so documents have none.
    del there["attachmentS3Downloads"]
    assert form(there["response"]) == form(made["response"])
    assert set(there) | {"project", "batch"} == set(made)
    assert there["params"] == made["params"]
    assert there["metadata"] == made["metadata"]


def form(value: Any) -> Any:
    """Return the keys of a value recursively; for lists, those of any element.

    Keys that are ids differ from task to task, so their values are like a list's.
    """
    if isinstance(value, dict) and any(UUID.fullmatch(key) for key in value):
        value = list(value.values())
    if isinstance(value, dict):
        return {key: form(inner) for key, inner in value.items()}
    if isinstance(value, list):
        forms = (json.dumps(form(inner), sort_keys=True) for inner in value)
        return sorted(set(forms))
    return "number" if isinstance(value, (int, float)) else type(value).__name__


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_a_kind_of_work_of_the_same_name(name: str) -> None:
    assert EXAMPLES[name].form == name
    assert factories.completed_response(name) == factories.completed_response(
        name, form=name
    )
    files = factories.result_files(name)
    response = factories.completed_response(name)
    assert sorted(files) == sorted(set(addresses(response)))


def test_a_form_can_be_combined_with_own_parameters() -> None:
    geometries = {"point": {"objects_to_annotate": ["ball"]}}
    asked: Dict[str, Any] = {"form": "tracks_list", "geometries": geometries}
    response = factories.completed_response("videoannotation", **asked)
    files = factories.result_files("videoannotation", **asked)
    assert factories.task("videoannotation", "completed", **asked)["response"] == (
        response
    )
    (element,) = json.loads(files[response["annotations"]["url"]].decode())
    assert {track["label"] for track in element["annotations"].values()} == {"ball"}
    with pytest.raises(ValueError, match="form must be one of .*; got 'square'"):
        factories.task("videoannotation", "completed", form="square")


def test_ratings_are_of_the_files_in_the_metadata() -> None:
    made = factories.task("ratings", "completed")
    assert set(made["response"]) == set(made["metadata"]["file_urls"])
    assert "metadata" not in made["params"]
    mine = {"file_urls": {"take-1": "https://example.com/1.wav"}}
    made = factories.task("ratings", "completed", metadata=mine)
    assert made["metadata"] == mine and set(made["response"]) == {"take-1"}
    assert all(len(each["responses"]) == 2 for each in made["response"].values())


def test_tracks_whose_keys_count_annotated_frames_come_with_the_rates() -> None:
    params = factories.task("tracks_annotated_keys", "completed")["params"]
    assert params["annotation_frame_rate"] == params["frame_rate"] == 5
    assert params["videoMetadata"]["video"]["fps"] == 29.97
    assert "videoMetadata" not in factories.task("tracks", "completed")["params"]


@pytest.mark.parametrize("kind", KINDS)
def test_task_and_completed_response_give_the_same_response(
    kind: str,
) -> None:
    response = factories.completed_response(kind, seed=3)
    assert response and any(response.values())
    assert factories.task(kind, "completed", seed=3)["response"] == response


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", STATUSES)
def test_the_same_arguments_give_the_same_document_and_another_seed_another(
    kind: str, status: str
) -> None:
    document = factories.task(kind, status, seed=1)
    assert document == factories.task(kind, status, seed=1)
    other = factories.task(kind, status, seed=2)
    assert document["task_id"] != other["task_id"]
    assert document["created_at"] < other["created_at"]
    json.dumps(document, allow_nan=False)


def test_ids_of_many_tasks_are_24_digits_and_differ() -> None:
    ids: Set[str] = {
        factories.task(kind, seed=seed)["task_id"]
        for kind in KINDS
        for seed in range(20)
    }
    # Two names of the same example still give different tasks.
    assert len(ids) == 20 * len(KINDS)
    assert all(len(i) == 24 and int(i, 16) >= 0 for i in ids)


@settings(deadline=None, max_examples=50)
@given(kind=st.sampled_from(KINDS), status=st.sampled_from(STATUSES), seed=SEEDS)
def test_a_document_has_the_keys_of_its_status(
    kind: str, status: str, seed: int
) -> None:
    document = factories.task(kind, status, seed=seed)
    assert document["status"] == status
    assert document["type"] == factories.KINDS[kind]
    assert ("completed_at" in document) == (status == "completed")
    assert ("response" in document) == (status in ("completed", "error"))
    assert (document["updated_at"] > document["created_at"]) == (status != "pending")


def test_a_task_in_error_names_its_attachment() -> None:
    document = factories.task("boxes", "error")
    (complaint,) = document["response"]["attachments"]
    assert complaint["attachment"] == document["params"]["attachment"]


def test_a_task_in_error_is_as_the_sandbox_leaves_one(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    made = factories.task("boxes", "error", project=None, batch=None)
    task = live_client.create_task(made["type"], **factories.parameters("boxes"))
    failed = sandbox.fail(task)
    assert failed["response"] == made["response"]
    assert set(failed) == set(made)


def test_enum_members_are_accepted_and_become_plain_text() -> None:
    document = factories.task(TaskType.ImageAnnotation, TaskStatus.Completed)
    assert document == factories.task("imageannotation", "completed")
    assert type(document["type"]) is type(document["status"]) is str


def test_fields_are_on_the_same_level_as_in_the_api() -> None:
    document = factories.task(
        "boxes",
        "completed",
        unique_id="cow-1",
        tags=["red"],
        customer_review_status="rejected",
        force=True,
        attachment_type=None,
        batch=None,
    )
    assert document["unique_id"] == "cow-1"
    assert document["tags"] == ["red"]
    assert document["customer_review_status"] == "rejected"
    assert document["params"]["force"] is True
    assert "batch" not in document
    assert "attachment_type" not in document["params"]
    assert "force" not in document


def test_a_response_follows_the_parameters_that_are_given() -> None:
    geometries = {"ellipse": {"objects_to_annotate": ["moon"]}}
    response = factories.completed_response("imageannotation", geometries=geometries)
    kinds = {(each["type"], each["label"]) for each in response["annotations"]}
    assert kinds == {("ellipse", "moon")}
    given = factories.task("boxes", "completed", params={"geometries": geometries})
    assert given["params"] == {"geometries": geometries}
    assert given["response"]["annotations"][0]["type"] == "ellipse"


def test_a_response_that_is_passed_is_kept() -> None:
    mine: Dict[str, Any] = {"annotations": []}
    assert factories.task("boxes", "completed", response=mine)["response"] == mine


GEOMETRIES = {
    "boxes": "box",
    "polygons": "polygon",
    "lines": "line",
    "points": "point",
    "cuboids": "cuboid",
    "ellipses": "ellipse",
}


@pytest.mark.parametrize("kind", GEOMETRIES)
def test_a_kind_of_geometry_has_annotations_of_that_geometry_only(kind: str) -> None:
    response = factories.completed_response(kind)
    found = {each["type"] for each in response["annotations"]}
    assert found == {GEOMETRIES[kind]}


def test_annotations_stay_within_the_size_that_is_given() -> None:
    for seed in range(10):
        response = factories.completed_response("boxes", seed=seed, image_size=(90, 60))
        for box in response["annotations"]:
            assert box["left"] + box["width"] <= 90
            assert box["top"] + box["height"] <= 60


ANSWERS: Dict[str, Any] = {
    "category": list,
    "text": str,
    "number": (int, float),
    "boolean": bool,
    "datetime": str,
    "ranking": list,
    "select": list,
    "timerange": dict,
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_kind_of_field_is_answered_in_its_own_form(kind: str) -> None:
    (field,) = factories.parameters(kind)["fields"]
    answers = factories.completed_response(kind)["annotations"]
    assert isinstance(answers[field["field_id"]], ANSWERS[kind])


def test_the_fields_of_a_form_are_answered_beside_the_others() -> None:
    answers = factories.completed_response("form")["annotations"]
    assert {name: type(value) for name, value in answers.items()} == {
        "name": str,
        "nights": str,
    }


def test_a_ranking_orders_all_options() -> None:
    answers = factories.completed_response("ranking")["annotations"]
    assert sorted(answers["ranking"]) == [0, 1, 2]


def test_each_of_several_respondents_answers() -> None:
    response = factories.completed_response("respondents")
    assert [set(each) for each in response["responses"]] == [{"sentiment", "score"}] * 3


def test_a_rapid_project_has_answers_of_another_form() -> None:
    answer = factories.completed_response("category", rapid=True)
    assert answer["annotations"]["sentiment"]["type"] == "category"


def test_entities_are_in_the_text_at_their_position() -> None:
    text = factories.parameters("entities", seed=5)["text"]
    for entity in factories.completed_response("entities", seed=5)["annotations"]:
        assert text[entity["start"] : entity["end"]] == entity["text"]


def addresses(value: Any) -> List[str]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in addresses(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in addresses(inner)]
    return [value] if str(value).startswith("https://example.com/results/") else []


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_a_response_are_those_it_refers_to_and_can_be_read(
    kind: str,
) -> None:
    files = factories.result_files(kind, seed=2)
    response = factories.completed_response(kind, seed=2)
    assert sorted(files) == sorted(set(addresses(response)))
    for address, content in files.items():
        # As with the API, only the content says what type it has.
        assert address.rpartition("/")[2].isdigit()
        if content.startswith(b"\x89PNG"):
            Image.open(io.BytesIO(content)).verify()
        elif content[4:8] != b"ftyp":
            assert json.loads(content.decode().rstrip("\0"))


def test_only_kinds_with_files_have_files() -> None:
    assert factories.result_files("boxes") == factories.result_files("ratings") == {}
    assert factories.result_files("tracks_inline") == {}
    assert len(factories.result_files("tracks")) == 2


def test_what_is_returned_can_be_changed_without_harm() -> None:
    factories.parameters("boxes")["geometries"]["box"].clear()
    factories.task("boxes")["params"]["geometries"].clear()
    factories.project()["param_history"][0]["geometries"].clear()
    check_parameters("imageannotation", factories.parameters("boxes"))
    assert factories.parameters("boxes")["geometries"]["box"]
    assert factories.project()["param_history"][0]["geometries"]


def test_batches_projects_and_files_have_the_keys_of_the_sandbox(
    client: ScaleClient,
) -> None:
    project = factories.project()
    params = project["param_history"][0]
    there = client.create_project(
        "streets",
        project["type"],
        params={n: v for n, v in params.items() if n not in ("version", "created_at")},
    ).as_dict()
    assert set(project) == set(there) - {"datasetId"}
    assert set(params) == set(there["param_history"][0])
    batch = client.create_batch("streets", "streets-0").as_dict()
    assert set(factories.batch()) == set(batch)
    file = client.upload_file(("street.png", b"x"), project_name="streets").as_dict()
    assert set(factories.file()) == set(file)
    assert factories.file()["mime_type"] == file["mime_type"]


def test_documents_become_objects_of_the_client() -> None:
    with ScaleClient("test_nobody") as client:
        task = Task(factories.task("boxes", "completed"), client)
        assert task.response["annotations"][0]["type"] == "box"
        assert Batch(factories.batch(status="completed"), client).status == "completed"
        assert Project(factories.project(), client).version == 0
        assert File(factories.file(), client).attachment_url.startswith("scaledata://")


def test_fields_of_batches_projects_and_files_can_be_replaced_and_removed() -> None:
    batch = factories.batch("b", metadata=None, calibration_batch=True)
    assert batch["name"] == "b" and "metadata" not in batch
    assert batch["calibration_batch"] is True
    assert factories.project(params=None)["param_history"] == []
    assert factories.project(params={"a": 1})["param_history"][0]["a"] == 1
    assert factories.project(type="ranking")["type"] == "textcollection"
    assert factories.file("a.pdf", size=7)["size"] == 7
    assert factories.file("a.pdf")["mime_type"] == "application/pdf"
    assert factories.file(seed=1)["id"] != factories.file(seed=2)["id"]
    assert factories.batch(seed=1)["name"] != factories.batch(seed=2)["name"]


def test_the_error_for_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="unknown type 'boxs'; the types and kinds are: .*boxes"
    ):
        factories.task("boxs")
    with pytest.raises(ValueError, match="status must be .*; got 'done'"):
        factories.task("boxes", "done")


@pytest.mark.parametrize("status", ["expired", "unassigned", "submitted"])
def test_a_status_that_no_enum_names_has_no_response(status: str) -> None:
    task = factories.task("boxes", status)
    assert task["status"] == status
    assert not {"response", "completed_at"} & set(task)


def test_no_server_is_started() -> None:
    script = (
        "import threading\n"
        "from scaleapi.sandbox import factories\n"
        "factories.task('boxes', 'completed')\n"
        "print(threading.active_count())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True
    )
    assert done.stdout.strip() == "1"
