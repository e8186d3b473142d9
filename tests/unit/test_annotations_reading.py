"""Reading of responses: every form, any data, and nothing is changed."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi import EvaluationTask, Task
from scaleapi.annotations import Annotations, Box, parse
from scaleapi.sandbox import factories

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from([10**400, -(10**400), 1e308, "0", "12.5"])
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
_NAMES = """
annotation_frame_rate annotations attributes camera_responses camera_used
category choice choices clips combined cuboids description dimensions
document_pages edges end error events field_id fields fps frames geometries
geometry global_attributes height id image index key label labelMapping
labeled labels left location name objects output page params paths
point_objects point_segmentations points_2d points_3d position relationships
response responses results rotation rows source_ref start startTime subchoices
target_ref task task_id taxonomies text timestamp top type url uuid value
values vertices video videoMetadata width x x1 x2 y y1 y2 yaw z
"""
NAMES = _NAMES.split()
KINDS = st.sampled_from(
    ["box", "polygon", "line", "point", "ellipse", "cuboid", "form"]
)
#: JSON in which the keys of responses occur, in the wrong places and with odd values.
ODD_RESPONSES = st.recursive(
    SCALARS | KINDS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
        | st.dictionaries(st.sampled_from(["x", "y", "z"]), SCALARS)
    ),
    max_leaves=40,
)


BOX = {"left": 1, "top": 2, "width": 3, "height": 4}


def everything(value: Any) -> Iterator[Any]:
    """Yield all that can be read from an object of the package."""
    if isinstance(value, (str, int, float, type(None))):
        yield value
    elif isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from everything(each)
    else:
        yield repr(value)
        if hasattr(value, "__iter__"):
            for each in value:
                yield from everything(value[each] if isinstance(each, str) else each)
        for name in dir(type(value)):
            is_view = type(value).__module__.startswith("scaleapi.annotations")
            if is_view and not name.startswith("_"):
                found = getattr(value, name)
                if not callable(found) and name not in ("raw", "field"):
                    yield from everything(found)


def as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(ODD_RESPONSES | ANY_JSON)
def test_reading_never_raises_and_changes_nothing(document: Any) -> None:
    before = as_text(document)
    for _ in everything(parse(document)):
        pass
    for _ in everything(parse({"task_id": "1", "response": document})):
        pass
    for _ in everything(parse({"response": {"annotations": document}})):
        pass
    for _ in everything(parse({}, {"annotations": document, "events": document})):
        pass
    assert as_text(document) == before


@given(st.lists(ODD_RESPONSES, max_size=5))
def test_no_annotation_of_a_list_is_lost(annotations: List[Any]) -> None:
    found = parse({"annotations": annotations})
    shown = [
        *(shape.raw for shape in found.shapes),
        *(entity.raw for entity in found.entities),
        *(cuboid.raw for cuboid in found.cuboids_3d),
        *(frame.raw for frame in found.frames),
        *found.unknown,
    ]
    for raw in annotations:
        in_parts = isinstance(raw, dict) and ("clips" in raw or "paths" in raw)
        in_tracks = isinstance(raw, dict) and isinstance(raw.get("annotations"), dict)
        assert any(raw is each for each in shown) or in_parts or in_tracks


def loaded(kind: str) -> Tuple[Dict[str, Any], Annotations]:
    """Return a task, and what its response and its files say."""
    task = factories.task(kind, "completed")
    files = {
        url: json.loads(content.rstrip(b"\0"))
        for url, content in factories.result_files(kind).items()
        if content[:1] in (b"[", b"{")
    }
    urls = parse(task).result_urls
    return task, parse(task, {key: files[url] for key, url in urls.items()})


#: Responses with the threads of v2, which `scaleapi.v2` reads.
CONVERSATIONS = ["rlhf", "rubrics", "sft"]


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_the_threads_of_a_conversation_are_kept(kind: str) -> None:
    task, found = loaded(kind)
    assert found.unknown_keys == task["response"]
    assert list(found.unknown_keys) == ["threads"]


@pytest.mark.parametrize("kind", sorted({*factories.KINDS} - {*CONVERSATIONS}))
def test_the_response_to_each_kind_of_task_is_understood(kind: str) -> None:
    task, found = loaded(kind)
    before = copy.deepcopy(task)
    assert any(len(getattr(found, name)) for name in _PARTS)
    assert found.unknown == ()
    assert found.unknown_keys == {}
    assert found.result_urls == {}
    assert task == before


_PARTS = [
    "shapes",
    "tracks",
    "frames",
    "events",
    "segments",
    "answers",
    "entities",
    "cuboids_3d",
    "fields",
    "rows",
    "categories",
    "taxonomies",
    "messages",
    "clips",
    "paths",
]


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        [],
        {"task_id": "1", "status": "pending", "params": {}},
        {"task_id": "1", "response": None},
        {"task_id": "1", "response": {}},
        {"annotations": {}},
        {"annotations": None},
    ],
)
def test_a_task_without_a_response_gives_an_empty_object(document: Any) -> None:
    found = parse(document)
    assert not any(len(getattr(found, name)) for name in _PARTS)
    assert (found.unknown, found.unknown_keys, found.global_attributes) == ((), {}, {})


def test_a_task_a_document_a_response_and_a_file_are_read_alike() -> None:
    box = {"type": "box", "label": "cow", "left": 1, "top": 2, "width": 3, "height": 4}
    response = {"annotations": [box]}
    document = {"task_id": "1", "params": {}, "response": response}
    task = Task(json=document, client=None)
    callback = {"task_id": "1", "response": response, "task": document}
    for given_form in (task, document, response, [box], callback):
        assert parse(given_form).boxes[0].raw is box
    assert task.get_annotations().raw is response
    evaluation = EvaluationTask({"id": "1", "expected_response": response}, None)
    assert parse(evaluation.expected_response).boxes[0].raw is box


def test_results_stand_in_place_of_their_addresses() -> None:
    urls = {"url": "https://example.com/1"}
    task = {"task_id": "1", "response": {"annotations": urls, "events": urls}}
    assert parse(task).result_urls == {
        "annotations": "https://example.com/1",
        "events": "https://example.com/1",
    }
    box = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}
    found = parse(task, {"annotations": [{"annotations": [box]}], "events": []})
    assert [frame.boxes[0].raw for frame in found.frames] == [box]
    assert found.result_urls == {}
    assert found.raw == {"annotations": urls, "events": urls}


def test_what_is_not_known_is_kept_as_it_came() -> None:
    spiral = {"type": "spiral", "label": "shell", "turns": 3}
    response = {"annotations": [spiral, 7], "mood": "good"}
    found = parse(response)
    assert found.unknown == (spiral, 7)
    assert found.unknown[0] is spiral
    assert found.unknown_keys == {"mood": "good"}
    assert parse("text").unknown == ("text",)


@pytest.mark.parametrize("key", ["annotations", "data", "url", "location", "frames"])
@pytest.mark.parametrize("in_list", [False, True])
def test_a_response_may_be_nested_deeper_than_calls(key: str, in_list: bool) -> None:
    # Newer versions of Python decode such a response.
    nested: Any = {"type": "box"}
    for _ in range(3 * sys.getrecursionlimit()):
        around = {"url": "https://example.com/a", key: [nested] if in_list else nested}
        nested = around
    for response in (nested, {"annotations": nested}, {"events": nested}):
        found = parse({"task_id": "1", "params": {}, "response": response})
        for name in _PARTS:
            assert len(getattr(found, name)) < 5
        assert len(found.unknown) < 5
        assert found.global_attributes == {}


def test_tracks_are_found_below_any_number_of_objects() -> None:
    nested: Any = {"7c1e": {"label": "ball", "frames": [{"key": 0, **BOX}]}}
    for _ in range(3 * sys.getrecursionlimit()):
        nested = {"annotations": nested}
    found = parse({**nested, "global_attributes": {"weather": "rain"}})
    assert [track.label for track in found.tracks] == ["ball"]
    assert found.global_attributes == {"weather": "rain"}


def test_a_failed_task_says_why() -> None:
    # api-notes: attachment-error
    found = parse(factories.task("imageannotation", "error"))
    assert found.error is not None and "attachments" in found.error


def test_the_objects_are_read_only_and_equal_if_they_say_the_same() -> None:
    box = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}
    found = parse([box]).boxes[0]
    assert found == parse([dict(box)]).boxes[0]
    assert found != parse([{**box, "left": 2}]).boxes[0]
    for name in ("left", "label", "raw", "right"):
        with pytest.raises(AttributeError):
            setattr(found, name, 5)
    with pytest.raises(AttributeError):
        parse([box]).boxes = ()  # type: ignore[misc]
    assert isinstance(found, Box)


@pytest.mark.parametrize(
    "kind", ["boxes", "video", "video_tracks", "lidar", "respondents"]
)
def test_the_objects_can_be_pickled_and_copied(kind: str) -> None:
    _, found = loaded(kind)
    assert found.frames == found.frames
    for copied in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert copied.shapes == found.shapes
        assert repr(copied) == repr(found)
        assert [len(frame.shapes) for frame in copied.frames] == [
            len(frame.shapes) for frame in found.frames
        ]


def test_nothing_is_built_before_it_is_asked_for() -> None:
    class Watched(Dict[str, Any]):
        reads = 0

        def get(self, key: Any, default: Any = None) -> Any:
            self.reads += 1
            return super().get(key, default)

    response = Watched(annotations=[])
    found = parse({"task_id": "1", "response": response})
    assert response.reads == 0
    assert found.boxes == ()


def test_importing_the_package_loads_neither_the_drawing_nor_another_library() -> None:
    script = "import sys, scaleapi.annotations; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True
    )
    imported = done.stdout.split()
    ours = {name for name in imported if name.startswith("scaleapi")}
    assert not {"scaleapi.annotations.drawing", "scaleapi.exceptions"} & ours
    assert not {"requests", "PIL", "dataclasses", "json"} & set(imported)


def test_a_bare_address_is_that_of_a_file() -> None:
    url = "https://example.com/1"
    assert parse({"annotations": url, "events": url}).result_urls == {
        "annotations": url,
        "events": url,
    }
    beside = {"annotations": {"url": url, "events": url}}
    assert parse(beside).result_urls == {"annotations": url, "events": url}
    assert parse({"annotations": url}).unknown == ()
    assert parse({"annotations": "see " + url}).result_urls == {}
    assert parse({"annotations": "see " + url}).unknown == ("see " + url,)
