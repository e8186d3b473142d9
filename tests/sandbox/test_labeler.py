"""Properties of the made-up answers of every type of task."""

from __future__ import annotations

import functools
import json
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.labeler import FORMS, LabelerContext, respond
from scaleapi.sandbox.options import OPTIONS, Option, Options
from scaleapi.tasks.enums import TaskType

TYPES = [member.value for member in TaskType]
GEOMETRIES = ["box", "polygon", "line", "point", "cuboid", "ellipse"]


class Desk:
    """A labeler context that keeps what is published."""

    def __init__(
        self,
        size: Optional[Tuple[int, int]],
        rapid: bool = False,
        **options: Any,
    ) -> None:
        self.files: List[Tuple[str, bytes, str]] = []
        self.place = LabelerContext(
            image_size=lambda _: size,
            publish=self._publish,
            rapid=rapid,
            options=Options(**options),
        )

    def _publish(self, name: str, content: bytes, mime_type: str) -> str:
        self.files.append((name, content, mime_type))
        return f"http://sandbox/{len(self.files)}"

    def respond(
        self,
        task_type: str,
        params: Any,
        task_id: str = "1",
        form: Optional[str] = None,
        metadata: Any = None,
    ) -> Any:
        task = {"task_id": task_id, "type": task_type, "params": params}
        return respond({**task, "metadata": metadata}, self.place, form)


def strict(value: Any) -> str:
    """Return JSON that any reader takes: no NaN, no infinities."""
    return json.dumps(value, allow_nan=False)


EVERYTHING: Dict[str, Any] = {
    "attachment": "https://example.com/1.jpg",
    "geometries": {kind: {"objects_to_annotate": ["cow"]} for kind in GEOMETRIES},
    "objects_to_annotate": ["cow"],
    "labels": ["cow"],
    "fields": [{"type": "text", "field_id": "note"}],
    "text": "Ada Smith",
    "categories": ["ripe"],
    "choices": ["yes"],
    "features": [{"type": "block", "label": "barcode"}],
}


@pytest.mark.parametrize("task_type", TYPES)
def test_every_type_of_the_client_gets_an_answer_that_is_not_empty(
    task_type: str,
) -> None:
    answer = Desk(None).respond(task_type, EVERYTHING)
    assert answer["response"]
    assert any(answer["response"].values())


@pytest.mark.parametrize("task_type", TYPES)
def test_only_documents_have_pages_beside_the_response(task_type: str) -> None:
    answer = Desk(None).respond(task_type, EVERYTHING)
    pages = {"document_pages"} if task_type.startswith("document") else set()
    assert set(answer) == {"response"} | pages


def test_an_unknown_type_gets_no_answer() -> None:
    assert Desk(None).respond("sculpture", {}) == {}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("task_type", [*TYPES, "sculpture"])
def test_every_form_is_given_to_a_task_of_any_type(task_type: str, form: str) -> None:
    answer = Desk(None).respond(task_type, EVERYTHING, form=form)
    assert any(answer["response"].values())


def test_the_error_for_an_unknown_form_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="form must be one of .*ratings.*; got 'bars'"):
        Desk(None).respond("textcollection", {}, form="bars")


def test_another_task_gets_another_answer() -> None:
    desk = Desk(None)
    first = desk.respond("imageannotation", EVERYTHING, task_id="1")
    assert first != desk.respond("imageannotation", EVERYTHING, task_id="2")


def test_evaluation_tasks_with_different_ids_get_different_answers() -> None:
    place = Desk(None).place
    tasks: List[Dict[str, Any]] = [
        {"id": each, "type": "chat", "params": {}} for each in ("1", "2", "1")
    ]
    first, second, again = (respond(task, place) for task in tasks)
    assert first == again != second


# Names with a meaning, and values of which most are wrong for them.
NAMES = [
    "attachment",
    "attachments",
    "geometries",
    "objects_to_annotate",
    "labels",
    "fields",
    "text",
    "categories",
    "category_ids",
    "taxonomies",
    "choices",
    "features",
    "repeatable_fields",
    "type",
    "value",
    "field_id",
    "title",
    "label",
    "choice",
    "name",
    "subchoices",
    "children",
    "instance_label",
    "box",
    "polygon",
    "line",
    "point",
    "cuboid",
    "ellipse",
    "min_width",
    "min_height",
    "min_vertices",
    "max_vertices",
    "can_rotate",
    "integer_pixels",
    "camera_intrinsics",
    "annotation_attributes",
    "allowed_labels",
    "min",
    "max",
    "step",
    "digits",
    "min_choices",
    "max_choices",
    "max_characters",
    "num_options",
    "num_items_to_rank",
    "responses_required",
    "min_responses_required",
    "allow_multiple",
    "events_to_annotate",
    "frame_rate",
    "lidar_task",
    "relationships",
    "content",
    "response_required",
    "attachment_type",
    "annotation_frame_rate",
    "videoMetadata",
    "video",
    "fps",
    "annotation_attributes",
    "global",
    "conditions",
    "label_condition",
    "with_labels",
    "pitch_and_roll_enabled",
    "file_urls",
]
WORDS = [
    "category",
    "number",
    "linked",
    "text",
    "boolean",
    "datetime",
    "ranking_order",
    "select",
    "timerange",
    "form",
    "angle",
    "video",
    "false",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "1e999",
    "30",
    "-5",
    "0.1",
    "true",
    "image",
]
NUMBERS = [0, -1, 3, 0.5, 1e308, -1e308, 10**400, float("nan"), float("inf")]
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
    | st.just("\ud800")
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=12,
)


def a_value_of(option: Option) -> Any:
    """Return a strategy for the values of an option."""
    if option.values:
        return st.sampled_from(option.values)
    return st.booleans() if isinstance(option.default, bool) else st.integers(0, 9)


PARAMS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8) | JSON


@settings(deadline=None, max_examples=250)
@given(
    task_type=st.sampled_from(TYPES),
    params=PARAMS,
    task_id=JSON,
    size=st.none() | st.tuples(st.integers(-1, 40), st.integers(-1, 40)),
    rapid=st.booleans(),
    form=st.none() | st.sampled_from(sorted(FORMS)),
    options=st.fixed_dictionaries(
        {}, optional={name: a_value_of(option) for name, option in OPTIONS.items()}
    ),
    metadata=JSON,
)
def test_any_json_gets_the_same_strict_json_each_time(
    task_type: str,
    params: Any,
    task_id: Any,
    size: Optional[Tuple[int, int]],
    rapid: bool,
    form: Optional[str],
    options: Dict[str, Any],
    metadata: Any,
) -> None:
    desk, twin = Desk(size, rapid, **options), Desk(size, rapid, **options)
    answer = desk.respond(task_type, params, task_id, form, metadata)
    again = twin.respond(task_type, params, task_id, form, metadata)
    # Parameters are returned as they were sent, unusual numbers too.
    strict(answer.get("response"))
    assert json.dumps(answer) == json.dumps(again)
    assert desk.files == twin.files
    for _, content, mime_type in desk.files:
        if mime_type == "application/json":
            strict(json.loads(content.decode().rstrip("\0")))


FIELD_TYPES = [
    "category",
    "text",
    "number",
    "boolean",
    "datetime",
    "ranking_order",
    "select",
    "timerange",
    "form",
    "odd",
]
ODD_OPTIONS = dict.fromkeys(("choices", "min", "max", "step", "digits"), JSON)
ODD_FIELD = st.fixed_dictionaries(
    {"type": st.sampled_from(FIELD_TYPES), "field_id": st.sampled_from("ab")},
    optional={
        **ODD_OPTIONS,
        "min_choices": SCALARS,
        "max_choices": SCALARS,
        "max_characters": SCALARS,
        "num_options": SCALARS,
        "num_items_to_rank": SCALARS,
        "fields": JSON,
    },
)


@settings(deadline=None, max_examples=100)
@given(fields=st.lists(ODD_FIELD, max_size=4), rapid=st.booleans())
def test_fields_with_unexpected_options_are_answered(
    fields: List[Dict[str, Any]], rapid: bool
) -> None:
    answer = Desk(None, rapid).respond("textcollection", {"fields": fields})
    answered = set(answer["response"]["annotations"])
    # Not a form but its fields are answered, whatever their ids are.
    plain = {field["field_id"] for field in fields if field["type"] != "form"}
    assert plain <= answered
    if all(field["type"] != "form" for field in fields):
        assert answered == plain
    strict(answer)


ODD_GEOMETRY = st.fixed_dictionaries(
    {"objects_to_annotate": JSON | st.just(["cow"])},
    optional={
        "min_width": SCALARS,
        "min_height": SCALARS,
        "min_vertices": SCALARS,
        "max_vertices": SCALARS,
        "can_rotate": SCALARS,
        "integer_pixels": SCALARS,
        "camera_intrinsics": SCALARS,
    },
)


@settings(deadline=None, max_examples=80)
@given(
    task_type=st.sampled_from(
        ["imageannotation", "videoannotation", "videoplaybackannotation"]
    ),
    geometries=st.dictionaries(st.sampled_from(GEOMETRIES), ODD_GEOMETRY),
    attributes=JSON,
)
def test_geometries_with_unexpected_options_are_drawn(
    task_type: str, geometries: Dict[str, Any], attributes: Any
) -> None:
    params = {"geometries": geometries, "annotation_attributes": attributes}
    desk = Desk((30, 20))
    strict(desk.respond(task_type, params))
    for _, content, _ in desk.files:
        strict(json.loads(content.decode()))


@functools.lru_cache(maxsize=None)
def hostile() -> Dict[str, Any]:
    """Short parameters that ask for very large answers; no labeler changes them."""
    long = "x" * 990
    labels = [f"{long}{number}" for number in range(300)]
    deep: List[Any] = []
    inner = deep
    for _ in range(5000):
        inner.append({"choice": "a", "subchoices": []})
        inner = inner[0]["subchoices"]
    fields = [
        {
            "type": kind,
            "field_id": f"{kind}{number}",
            "choices": deep if number % 2 else labels[:10],
            "min_choices": 10**9,
            "num_options": "1e300",
            "min_responses_required": 10**9,
        }
        for kind in ("category", "ranking_order", "form")
        for number in range(150)
    ]
    return {
        "attachments": ["https://example.com/1.jpg"] * 3000,
        "geometries": {
            kind: {"objects_to_annotate": labels, "min_vertices": 10**300}
            for kind in GEOMETRIES
        },
        "annotation_attributes": {
            f"{long}{number}": {
                "type": "category",
                "choices": labels,
                "allow_multiple": True,
                "global": number % 5 == 0,
            }
            for number in range(50)
        },
        "objects_to_annotate": labels,
        "labels": [{"choice": label, "instance_label": True} for label in labels],
        "categories": labels,
        "choices": labels,
        "features": labels,
        "events_to_annotate": labels,
        "fields": fields,
        "text": "word " * 100_000,
        "responses_required": 10**9,
    }


@pytest.mark.parametrize("task_type", TYPES)
def test_hostile_parameters_get_an_answer_of_bounded_size(task_type: str) -> None:
    desk = Desk((90_000, 90_000))
    answer = desk.respond(task_type, hostile())
    published = sum(len(content) for _, content, _ in desk.files)
    assert len(strict(answer)) + published < 10_000_000


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("frame_rate", [1, 1e9])
def test_hostile_parameters_get_every_form_in_a_bounded_size(
    form: str, frame_rate: float
) -> None:
    desk = Desk((90_000, 90_000))
    params = {**hostile(), "frame_rate": frame_rate, "attachments": []}
    urls = {"x" * 990 + str(number): "" for number in range(3000)}
    answer = desk.respond(
        "videoannotation", params, form=form, metadata={"file_urls": urls}
    )
    published = sum(len(content) for _, content, _ in desk.files)
    assert len(strict(answer["response"])) + published < 10_000_000
