"""The objects of v2 over their documents."""

from __future__ import annotations

import copy
import json
import pickle
import weakref
from datetime import datetime, timedelta, timezone
from typing import Any, Iterator, Tuple

import pytest

from scaleapi import ScaleTypeError, ScaleValueError, V2Task, export
from scaleapi.api_client import v2
from scaleapi.v2.records import Record, UnknownValue
from scaleapi.v2.times import parsed_time
from tests.v2.documents import (
    AUDIO_FILE,
    BARE_TASK,
    BASIC_FILE,
    BATCH,
    COMMON,
    DATASET_DELIVERY,
    DELIVERY,
    FULL_ANNOTATIONS,
    FULL_TASK,
    IMAGE_FILE,
    PROJECT,
    VALUES,
)

UTC = timezone.utc
KINDS = {
    kind: getattr(v2, "Annotation" + kind.title().replace("_", "")) for kind in VALUES
}


def annotation(kind: str) -> Any:
    return v2.Annotation.from_dict(
        next(a for a in FULL_ANNOTATIONS if a["key"] == kind)
    )


@pytest.mark.parametrize("document", [BARE_TASK, FULL_TASK], ids=["bare", "full"])
class TestRoundTrips:
    def test_the_document_is_that_of_the_api(self, document: Any) -> None:
        task = V2Task.from_dict(document)
        assert task.to_dict() is document
        assert task.as_dict() is task.model_dump() is document
        assert json.loads(json.dumps(task.to_dict())) == document

    def test_json_is_one_line_and_can_be_read_back(self, document: Any) -> None:
        task = V2Task.from_dict(document)
        text = task.to_json()
        assert "\n" not in text
        assert V2Task.from_json(text) == task == V2Task.from_json(text.encode())
        assert task.model_dump_json() == text
        assert V2Task.model_validate(json.loads(text)) == task
        assert "'task_id': 'task_1'" in task.to_str()

    @pytest.mark.parametrize("used", [False, True])
    def test_copies_and_pickles_are_equal(self, document: Any, used: bool) -> None:
        task = V2Task.from_dict(document)
        if used:
            assert task.threads and task.threads[0].turns[0].messages
        for again in (
            copy.copy(task),
            copy.deepcopy(task),
            pickle.loads(pickle.dumps(task)),
        ):
            assert again == task
            assert type(again) is V2Task
            assert again.threads[0].turns == task.threads[0].turns

    def test_all_of_it_can_be_read(self, document: Any) -> None:
        task = V2Task.from_dict(document)
        turn = task.threads[0].turns[0]
        answer = turn.messages[1]
        assert turn.messages[0].role is v2.MessageRole.USER
        assert answer.source_id == "source_assistant"
        assert answer.content.text == "It is 42."
        assert answer.content.chunks[0].actual_instance.text == "It"
        assert isinstance(answer.content.chunks[0], v2.ChunkText)
        assert answer.content.reference_texts[0].category == "y"
        assert answer.content.reasoning[0].content == "Six times seven"
        assert answer.model_parameters.max_completion_tokens == 5.0
        evaluation = answer.rubric_evaluations[0].criteria_evaluations[0]
        assert (evaluation.criterion_definition_id, evaluation.score) == ("c", 1)
        assert turn.rubrics[0].criteria_definitions[0].criterion == "short"
        assert task.threads[0].submissions[0].submitted_at.tzinfo == UTC
        assert task.errors[0].type is v2.ErrorType.LANGUAGE_MISMATCH
        assert task.sensitive_content_reports[0].message == "y"
        assert task.created_at == datetime(2024, 1, 2, 3, 4, 5, 678000, UTC)


def test_bare_annotations_are_generic() -> None:
    turn = V2Task.from_dict(BARE_TASK).threads[0].turns[0]
    overall, likert, justification, rating = turn.annotations
    assert {type(each) for each in turn.annotations} == {v2.BaseAnnotation}
    assert isinstance(overall, v2.Annotation)
    assert (overall.key, overall.value, overall.id, overall.type) == (
        *("overall", 5, None, None),
    )
    assert overall.actual_instance.value == 5
    assert justification.value == "The first is right."
    assert (rating.key, rating.title) == (None, "Is it short?")
    assert rating.value["who"] == "anna"
    assert rating.metadata.criteria.actual_instance == "criteria_1"
    assert likert.metadata is None


@pytest.mark.parametrize("kind", VALUES)
def test_an_annotation_has_the_class_of_its_type(kind: str) -> None:
    found = annotation(kind)
    assert type(found) is KINDS[kind]
    assert type(found.actual_instance) is KINDS[kind]
    assert found.type == v2.AnnotationType(kind)
    assert {name: getattr(found, name) for name in COMMON} == COMMON
    assert type(KINDS[kind].from_dict({"key": "a"})) is KINDS[kind]
    assert pickle.loads(pickle.dumps(found)) == found


def test_the_values_of_annotations() -> None:
    assert annotation("integer").possible_values == [[1, 2, 3]]
    assert annotation("ranked_groups").value == [["b"], ["a", "c"]]
    assert annotation("labeled_text").value[0].label == "verb"
    criteria = annotation("rubric_criteria").value
    assert criteria.weight == 2
    assert criteria.additional_properties == {"anything": "else"}
    assert criteria.anything == "else"
    assert annotation("rubric_rating").value.color == "red"
    container = annotation("workspace_container").value
    assert container.workspace_config.workspace_token == "secret"
    assert container.output_files[0].scale_url == "https://example.com/f"
    assert container.stdout_output.content == "42"
    assert isinstance(annotation("file").value, v2.ImageFile)


def test_an_annotation_with_several_files() -> None:
    document = {"type": "file", "value": [BASIC_FILE, AUDIO_FILE]}
    files = v2.Annotation.from_dict(document).value
    assert [type(each) for each in files] == [v2.BasicFile, v2.AudioFile]
    assert files.actual_instance[1].duration == 1.5


@pytest.mark.parametrize("value", [None, 3, "text", ["text"]])
@pytest.mark.parametrize("kind", VALUES)
def test_a_value_of_another_form_is_left_as_it_is(kind: str, value: Any) -> None:
    assert v2.Annotation.from_dict({"type": kind, "value": value}).value == value


def test_the_kind_of_a_file_follows_from_its_fields() -> None:
    content = V2Task.from_dict(FULL_TASK).threads[0].turns[0].messages[1].content
    basic, image, audio = content.attachments
    assert (type(basic), basic.name) == (v2.BasicFile, "a")
    assert (type(image), image.file_size_in_bytes) == (v2.ImageFile, 7)
    assert (type(audio), audio.actual_instance.duration) == (v2.AudioFile, 1.5)
    assert all(isinstance(each, v2.DetailedFile) for each in content.attachments)
    assert type(v2.DetailedFile.from_dict({"transcript_url": "x"})) is v2.AudioFile
    assert type(v2.ImageFile.from_dict(IMAGE_FILE)) is v2.ImageFile


def test_a_chunk_with_a_text_needs_no_type() -> None:
    content = v2.MessageContent(chunks=[{"text": "It"}, {"type": "new"}])
    assert [type(each) for each in content.chunks] == [v2.ChunkText, v2.Chunk]


def test_an_id_or_an_object_where_both_are_possible() -> None:
    task = V2Task.from_dict({**BARE_TASK, "project": PROJECT, "batch": "batch_1"})
    assert task.project.name == "My Chat Project"
    assert task.project.actual_instance == v2.Project.from_dict(PROJECT)
    assert task.batch == "batch_1"
    assert type(task.batch.actual_instance) is str
    assert pickle.loads(pickle.dumps(task.batch)).actual_instance == "batch_1"
    assert v2.Batch.from_dict(BATCH).project.actual_instance == "project_1"
    assert v2.Delivery.from_dict({**DELIVERY, "project": PROJECT}).project.id
    delivery = v2.DatasetDelivery.from_dict(DATASET_DELIVERY)
    assert delivery.dataset == "dataset_1"
    assert delivery.metadata.turn_count == 2


@pytest.mark.parametrize("name", ["Task", "Thread", "Turn", "Message", "Annotation"])
def test_what_is_missing_is_none(name: str) -> None:
    cls = getattr(v2, name)
    record = cls.from_dict({})
    for field in cls.__annotations__:
        if field[0] != "_":
            assert getattr(record, field) is None
    with pytest.raises(AttributeError, match="has no attribute 'treads'"):
        _ = record.treads


def test_what_is_unknown_is_kept() -> None:
    task = V2Task.from_dict({"task_id": "1", "new": {"a": 1}, "status": "frozen"})
    assert task.new == {"a": 1}
    assert "new" in dir(task) and "threads" in dir(task)
    assert task.status == "frozen"
    assert (task.status.value, task.status.name) == ("frozen", "frozen")
    assert type(task.status.value) is str
    assert isinstance(pickle.loads(pickle.dumps(task.status)), UnknownValue)
    assert json.dumps({"status": task.status}) == '{"status": "frozen"}'
    message = v2.Message.from_dict({"role": "robot", "annotations": [{"type": "new"}]})
    assert message.role.value == "robot"
    assert type(message.annotations[0]) is v2.BaseAnnotation
    schema = v2.GetSchemaResponse.from_dict({"schema": {"json": "{}", "name": "n"}})
    assert (schema.var_schema.var_json, schema.var_schema.name) == ("{}", "n")


@pytest.mark.parametrize(
    "document",
    [
        {"threads": 7, "created_at": 7, "status": 7, "project": 7, "errors": "x"},
        {"threads": [None, 3], "created_at": "soon", "status": [], "metadata": []},
        {"threads": {"a": 1}, "created_at": "2024-99-01T00:00:00Z", "batch": [1]},
    ],
)
def test_what_has_another_form_is_left_as_it_is(document: Any) -> None:
    task = V2Task.from_dict(document)
    for name, value in document.items():
        assert getattr(task, name) == value


def _paths(value: Any, path: Tuple[Any, ...] = ()) -> Iterator[Tuple[Any, ...]]:
    """Yield the path of everything in a document."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield (*path, key)
        if isinstance(each, (dict, list)):
            yield from _paths(each, (*path, key))


def _read_all(value: Any) -> None:
    """Read each field of each object."""
    if isinstance(value, list):
        for each in value:
            _read_all(each)
    elif isinstance(value, Record):
        assert repr(value)
        for cls in type(value).__mro__:
            for name in vars(cls).get("__annotations__", ()):
                if name[0] != "_":
                    _read_all(getattr(value, name))


@pytest.mark.parametrize("odd", [None, 7, "x", [[None]], {"type": ["x"]}])
def test_whatever_a_field_has_all_of_the_task_can_be_read(odd: Any) -> None:
    text = json.dumps(FULL_TASK)
    for path in _paths(FULL_TASK):
        document = json.loads(text)
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = odd
        task = V2Task.from_dict(document)
        _read_all(task)
        assert V2Task.from_json(task.to_json()) == task


def test_odd_keys_and_texts_do_no_harm() -> None:
    document = {
        "": 1,
        "_json": 2,
        "to_dict": 3,
        "__class__": 4,
        "text": "\ud800 \u2028",
    }
    record = v2.Message.from_dict(document)
    assert record.to_dict() is document
    assert record == v2.Message.from_json(record.to_json())
    assert getattr(record, "") == 1
    assert record.to_json().encode()
    assert type(record) is v2.Message
    assert "text" in repr(record) and "to_dict" in dir(record)
    assert v2.Message(self=1).to_dict() == {"self": 1}


def test_known_values_are_members() -> None:
    task = V2Task.from_dict(BARE_TASK)
    assert task.status is v2.TaskStatus.COMPLETED
    assert task.status == "completed"
    assert task.status.value == "completed"
    assert v2.Batch.from_dict(BATCH).status is v2.BatchStatus.IN_PROGRESS


def test_records_can_be_made_from_fields() -> None:
    task = V2Task(
        task_id="1",
        status=v2.TaskStatus.PENDING,
        project=v2.Project(id="p"),
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        threads=[v2.Thread(id="t", turns=())],
        metadata={"a": [v2.MessageRole.USER]},
    )
    assert task.to_dict() == {
        "task_id": "1",
        "status": "pending",
        "project": {"id": "p"},
        "created_at": "2024-01-01T00:00:00+00:00",
        "threads": [{"id": "t", "turns": []}],
        "metadata": {"a": ["user"]},
    }
    assert task.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    schema = v2.GetSchemaResponseSchema(var_json="{}")
    assert schema.to_dict() == {"json": "{}"}
    again = V2Task(batch=V2Task.from_dict(BARE_TASK).batch, status=task.status)
    assert type(again.to_dict()["batch"]) is str


def test_fields_that_are_set_are_in_the_document() -> None:
    document = {"task_id": "1", "threads": [{"id": "t"}], "reviewer": "a"}
    task = V2Task.from_dict(document)
    assert task.threads[0].id == "t"
    task.reviewer = "b"  # no field of this version
    task.status = v2.TaskStatus.COMPLETED
    task.threads = [v2.Thread(id="u")]
    task.created_at = datetime(2024, 1, 1, tzinfo=UTC)
    task.threads[0].id = "w"
    task.note = "mine"
    assert task.to_dict() == {
        "task_id": "1",
        "status": "completed",
        "threads": [{"id": "w"}],
        "reviewer": "b",
        "created_at": "2024-01-01T00:00:00+00:00",
    }
    assert task.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert task.status is v2.TaskStatus.COMPLETED
    assert task.note == "mine"


def test_records_of_other_classes_or_documents_differ() -> None:
    assert V2Task.from_dict(BARE_TASK) != V2Task.from_dict(FULL_TASK)
    assert v2.Thread.from_dict({}) != v2.Turn.from_dict({})
    with pytest.raises(TypeError, match="unhashable"):
        hash(v2.Thread.from_dict({}))
    assert weakref.ref(v2.Thread.from_dict({})) is not None


def test_what_is_set_on_a_copy_is_not_set_on_the_original() -> None:
    batch = v2.Batch(id="1", name="a")
    request = v2.CreateBatchRequest(name="a")
    for original in (batch, request):
        assert original.name == "a"
        again = copy.copy(original)
        again.name = "b"
        assert (original.name, again.name) == ("a", "b")
        assert original.to_dict()["name"] == "a"


def test_a_repr_is_short_and_shows_no_secret() -> None:
    assert repr(V2Task.from_dict(FULL_TASK)) == (
        "V2Task(task_id='task_1', status='completed')".replace("V2", "")
    )
    found = annotation("workspace_container")
    assert "secret" not in repr(found) + repr(found.value.workspace_config)
    assert repr(v2.GetTasksResponse(tasks=[{}, {}])) == "GetTasksResponse(2 tasks)"
    assert "value=['b', 'a']" in repr(annotation("ranked_choices"))
    paused = v2.PauseBatch200Response(batch={"id": "1"}, message="Paused.")
    assert repr(paused) == "PauseBatch200Response(message='Paused.')"
    assert repr(v2.BasicFile.from_dict(BASIC_FILE)) == (
        "BasicFile(name='a', mime_type='text/plain')"
    )
    assert len(repr(v2.MessageContent(text="a" * 999))) < 80
    assert repr(v2.Task.__new__(v2.Task)) == "Task()"


@pytest.mark.parametrize("bad", [None, 3, "text", [1]])
def test_what_is_no_document_is_refused(bad: Any) -> None:
    with pytest.raises(ScaleTypeError, match="document must be a dict"):
        V2Task.from_dict(bad)
    with pytest.raises(ScaleTypeError, match="document must be a dict"):
        V2Task.from_json("[1]")
    with pytest.raises(ScaleValueError, match="not JSON"):
        V2Task.from_json("{")
    with pytest.raises(ScaleTypeError, match="text must be a str"):
        V2Task.from_json(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-02", datetime(2024, 1, 2)),
        ("2024-01-02 03:04", datetime(2024, 1, 2, 3, 4)),
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2024-01-02t03:04:05.6z", datetime(2024, 1, 2, 3, 4, 5, 600000, UTC)),
        (
            "2024-01-02T03:04:05.123456789+00:00",
            datetime(2024, 1, 2, 3, 4, 5, 123456, UTC),
        ),
        ("2024-01-02T03:04:05-00:00", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (
            "2024-01-02T03:04:05,5+0530",
            datetime(
                *(2024, 1, 2, 3, 4, 5, 500000),
                timezone(timedelta(hours=5, minutes=30)),
            ),
        ),
        (
            "2024-01-02T03:04-05",
            datetime(2024, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=-5))),
        ),
        ("2024-01-02T", None),
        ("2024-02-30", None),
        ("2024-01-02T03:04:05Z ", None),
        ("20240102", None),
        ("", None),
    ],
)
def test_times(text: str, expected: Any) -> None:
    found = parsed_time(text)
    assert found == expected
    if expected is not None:
        assert found is not None and found.tzinfo == expected.tzinfo


def test_the_export_takes_tasks_of_v2(tmp_path: Any) -> None:
    tasks = [V2Task.from_dict(BARE_TASK), V2Task.from_dict(FULL_TASK)]
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(f"{task.to_json()}\n" for task in tasks), "utf-8")
    read = list(export.read_tasks(path))
    assert [task.as_dict() for task in read] == [BARE_TASK, FULL_TASK]
    assert [V2Task.from_dict(task.as_dict()) for task in read] == tasks
    expanded = [V2Task.from_dict({**BARE_TASK, "project": PROJECT, "batch": BATCH})]
    for rows in ("tasks", "annotations", "answers"):
        report = export.write_csv(
            [*tasks, *expanded], tmp_path / f"{rows}.csv", rows=rows
        )
        assert report.tasks == 3
    text = (tmp_path / "tasks.csv").read_text("utf-8")
    assert "task_1" in text and "It is 42." in text
