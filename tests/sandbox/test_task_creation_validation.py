"""What the sandbox rejects before it creates a task, and with which text."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.routes.task_creation_validation import check_parameters
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.tasks.enums import TaskType

TYPES = [member.value for member in TaskType]

ATTACHMENT = {"attachment": "https://example.com/1.jpg"}
ATTACHMENTS = {"attachments": ["https://example.com/1.jpg"]}
GEOMETRIES = {"geometries": {"box": {"objects_to_annotate": ["cow"]}}}
OBJECTS = {"objects_to_annotate": ["cow"]}
LABELS = {"labels": ["cow"]}
FORM = {"fields": [{"type": "text", "field_id": "note", "title": "Note"}]}
TABLE = {"fields": {"title": "Title of page"}}
TEXT = {"text": "Ada Smith"}
CATEGORIES = {"categories": ["ripe"]}
TAXONOMIES = {"taxonomies": {"colour": {"type": "category"}}}
CHOICES = {"choices": ["yes", "no"]}
ROWS = {"repeatable_fields": {"username": "Name"}}
LIDAR_TASK = {"lidar_task": "60cbc3fc6e5a3b0011f0a1d2"}
FEATURES = {"features": [{"type": "block", "label": "barcode"}]}

# Type -> alternatives, in the order in which they are required.
# api-notes: required-parameters
DEMANDS: Dict[str, Any] = {
    "imageannotation": [[ATTACHMENT], [GEOMETRIES]],
    "annotation": [[ATTACHMENT], [OBJECTS]],
    "polygonannotation": [[ATTACHMENT], [OBJECTS]],
    "lineannotation": [[ATTACHMENT], [OBJECTS]],
    "pointannotation": [[ATTACHMENT], [OBJECTS]],
    "cuboidannotation": [[ATTACHMENT], [OBJECTS]],
    "laneannotation": [[ATTACHMENT], [OBJECTS]],
    "segmentannotation": [[ATTACHMENT], [LABELS]],
    "videoannotation": [[ATTACHMENTS, ATTACHMENT], [GEOMETRIES]],
    "videoplaybackannotation": [[ATTACHMENT, ATTACHMENTS], [GEOMETRIES]],
    "videoboxannotation": [[ATTACHMENTS, ATTACHMENT], [OBJECTS]],
    "videocuboidannotation": [[ATTACHMENTS, ATTACHMENT], [OBJECTS]],
    "lidarannotation": [[ATTACHMENTS], [LABELS]],
    "lidarsegmentation": [[ATTACHMENTS, LIDAR_TASK], [LABELS]],
    "lidarlinking": [[LIDAR_TASK]],
    "lidartopdown": [[ATTACHMENTS, ATTACHMENT], [GEOMETRIES]],
    "sensorfusion": [],
    "federal2dvideoannotation": [],
    "textcollection": [[ATTACHMENTS], [FORM]],
    "namedentityrecognition": [[TEXT, ATTACHMENTS], [LABELS]],
    "categorization": [[ATTACHMENT], [CATEGORIES, TAXONOMIES]],
    "comparison": [[ATTACHMENTS], [CHOICES, TABLE]],
    "transcription": [[ATTACHMENT], [TABLE, ROWS]],
    "datacollection": [[ATTACHMENT], [TABLE]],
    "documenttranscription": [[ATTACHMENT, ATTACHMENTS], [FEATURES]],
    "documentmodel": [[ATTACHMENT, ATTACHMENTS]],
    "chat": [],
    "chatexperimental": [],
    "chatlite": [],
    "multichat": [],
    "multistage": [],
}


def enough(task_type: str) -> Dict[str, Any]:
    params: Dict[str, Any] = {}
    for alternatives in DEMANDS[task_type]:
        params.update(alternatives[0])
    return params


def refusal(task_type: str, params: Dict[str, Any], **options: bool) -> str:
    with pytest.raises(ApiError) as caught:
        check_parameters(task_type, params, **options)
    assert caught.value.status == 400
    prefix = "Parameter is invalid, reason: "
    assert caught.value.text.startswith(prefix)
    return caught.value.text[len(prefix) :]


def test_every_task_type_is_in_this_table() -> None:
    assert sorted(DEMANDS) == sorted(TYPES)


@pytest.mark.parametrize("task_type", TYPES)
def test_missing_parameters_are_reported_one_by_one_in_the_order_of_the_table(
    task_type: str,
) -> None:
    params: Dict[str, Any] = {}
    for alternatives in DEMANDS[task_type]:
        (first,) = alternatives[0]
        assert refusal(task_type, params) == f'"{first}" is required'
        params.update(alternatives[0])
    check_parameters(task_type, params)


@pytest.mark.parametrize("task_type", TYPES)
def test_each_alternative_alone_is_enough(task_type: str) -> None:
    for position, alternatives in enumerate(DEMANDS[task_type]):
        for alternative in alternatives:
            params = dict(alternative)
            for others in DEMANDS[task_type][:position]:
                params.update(others[0])
            for others in DEMANDS[task_type][position + 1 :]:
                params.update(others[0])
            check_parameters(task_type, params)


@pytest.mark.parametrize("missing", [None, ""])
def test_null_and_empty_text_count_as_missing(missing: Any) -> None:
    params = {"attachments": missing, **FORM}
    assert refusal("textcollection", params) == '"attachments" is required'


def test_an_empty_list_counts_as_given() -> None:
    check_parameters("textcollection", {"attachments": [], "fields": []})


WRONG: List[Tuple[str, Dict[str, Any], str]] = [
    ("textcollection", TABLE, '"fields" must be an array'),
    ("transcription", FORM, '"fields" must be an object'),
    ("datacollection", FORM, '"fields" must be an object'),
    ("comparison", {"fields": "difference"}, '"fields" must be an object'),
    ("comparison", {"choices": {"a": 1}}, '"choices" must be an array'),
    ("imageannotation", {"attachment": ["u"]}, '"attachment" must be a string'),
    ("imageannotation", {"attachment": 7}, '"attachment" must be a string'),
    ("imageannotation", {"geometries": ["box"]}, '"geometries" must be an object'),
    ("annotation", {"objects_to_annotate": "cow"}, '"objects_to_annotate" must be'),
    ("segmentannotation", {"labels": {"cow": 1}}, '"labels" must be an array'),
    ("segmentannotation", {"labels": ["x"] * 51}, '"labels" must have at most 50'),
    ("namedentityrecognition", {"text": ["a"]}, '"text" must be a string'),
    ("categorization", {"categories": "ripe"}, '"categories" must be an array'),
    ("categorization", {"taxonomies": ["a"]}, '"taxonomies" must be an object'),
    ("documentmodel", {"attachments": "u"}, '"attachments" must be an array'),
    ("documenttranscription", {"features": {}}, '"features" must be an array'),
    ("lidarlinking", {"lidar_task": 7}, '"lidar_task" must be a string'),
    ("transcription", {"repeatable_fields": []}, '"repeatable_fields" must be an obj'),
    ("chat", {"annotation_attributes": []}, '"annotation_attributes" must be an'),
    ("chat", {"instruction": 7}, '"instruction" must be a string'),
    ("chat", {"callback_url": {}}, '"callback_url" must be a string'),
    ("chat", {"unique_id": 7}, '"unique_id" must be a string'),
    ("chat", {"project": ["p"]}, '"project" must be a string'),
    ("chat", {"batch": False}, '"batch" must be a string'),
    ("chat", {"tags": "red"}, '"tags" must be an array'),
    ("chat", {"tags": ["red", 7]}, '"tags" must be an array of strings'),
    ("chat", {"metadata": ["a"]}, '"metadata" must be an object'),
]


@pytest.mark.parametrize(
    ("task_type", "wrong", "words"),
    WRONG,
    ids=[f"{task_type}-{next(iter(wrong))}" for task_type, wrong, _ in WRONG],
)
def test_the_error_for_a_parameter_of_the_wrong_type_names_the_right_type(
    task_type: str, wrong: Dict[str, Any], words: str
) -> None:
    assert refusal(task_type, {**enough(task_type), **wrong}).startswith(words)


def test_a_missing_parameter_is_reported_before_a_wrong_one() -> None:
    params = {"attachments": "u", "unique_id": 7}
    assert refusal("textcollection", params) == '"fields" is required'


ACCEPTED = [
    ("imageannotation", {"geometries": {"box": {"min_width": "30"}}}),
    ("imageannotation", {"force": True, "nobody_knows_this": [1, {}]}),
    ("imageannotation", {"labels": "not a parameter of this type"}),
    ("segmentannotation", {"labels": ["x"] * 50}),
    ("comparison", FORM),
    ("comparison", CHOICES),
    ("chat", {"tags": [], "metadata": {}, "unique_id": "", "instruction": None}),
    ("imageannotation", {"attachments": ""}),
]


@pytest.mark.parametrize(("task_type", "params"), ACCEPTED)
def test_parameters_of_real_scripts_are_accepted(
    task_type: str, params: Dict[str, Any]
) -> None:
    check_parameters(task_type, {**enough(task_type), **params})


@pytest.mark.parametrize("task_type", TYPES)
def test_the_expected_response_of_a_quality_task_is_required_last(
    task_type: str,
) -> None:
    params = enough(task_type)
    words = '"expected_response" is required'
    assert refusal(task_type, params, quality=True) == words
    params["expected_response"] = {"annotations": {}}
    check_parameters(task_type, params, quality=True)


def test_a_quality_task_needs_no_parameters_that_describe_the_work() -> None:
    answer: Dict[str, Any] = {"expected_response": {"annotations": {}}}
    check_parameters("textcollection", {**ATTACHMENTS, **answer}, quality=True)
    check_parameters("categorization", {**ATTACHMENT, **answer}, quality=True)
    words = '"attachments" is required'
    assert refusal("textcollection", answer, quality=True) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = [*enough("imageannotation"), "attachments", "tags", "metadata", "labels"]
NAMES += ["fields", "choices", "unique_id", "text", "expected_response"]


@settings(deadline=None, max_examples=80)
@given(
    task_type=st.sampled_from(TYPES) | st.text(max_size=5),
    params=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6),
    quality=st.booleans(),
)
def test_any_parameters_are_accepted_or_rejected_with_an_error_of_the_api(
    task_type: str, params: Dict[str, Any], quality: bool
) -> None:
    try:
        check_parameters(task_type, params, quality=quality)
    except ApiError as refused:
        assert refused.status == 400
        assert refused.text.startswith('Parameter is invalid, reason: "')
