"""Answers in words and numbers: text collection, entities, the old types."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleapi.sandbox.labeler import LabelerContext, respond
from scaleapi.sandbox.options import Options

IDS = st.text("0123456789abcdef", max_size=24)


def answer(
    task_type: str,
    params: Dict[str, Any],
    *,
    rapid: bool = False,
    task_id: str = "60cbc3fc6e5a3b0011f0a1d2",
    metadata: Any = None,
    form: Optional[str] = None,
    **options: Any,
) -> Dict[str, Any]:
    place = LabelerContext(
        image_size={"scaledata://1/2": (300, 400)}.get,
        publish=lambda name, content, mime_type: "http://sandbox/1",
        rapid=rapid,
        options=Options(**options),
    )
    task = {"task_id": task_id, "type": task_type, "params": params}
    return respond({**task, "metadata": metadata}, place, form)


def response(task_type: str, **params: Any) -> Any:
    return answer(task_type, params)["response"]


def entered(task_id: str = "1", **field: Any) -> Any:
    """Return the value of one field of a text collection."""
    params = {"fields": [{"field_id": "f", "title": "F", **field}]}
    found = answer("textcollection", params, task_id=task_id)
    return found["response"]["annotations"]["f"]


GENRE = {
    "type": "category",
    "field_id": "genre",
    "choices": [
        {"label": "Rap", "value": "rap"},
        {"label": "Rock", "subchoices": [{"label": "Hard", "value": "hard"}]},
    ],
}
NOTE = {"type": "text", "field_id": "note"}
SCORE = {"type": "number", "field_id": "score", "min": 4, "max": 4}
FIELDS = [GENRE, NOTE, SCORE]


def test_answers_are_under_their_field_ids() -> None:
    found = response("textcollection", fields=FIELDS)
    assert set(found) == {"annotations"}
    assert set(found["annotations"]) == {"genre", "note", "score"}
    assert found["annotations"]["score"] == 4


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ({"field_id": "who", "title": "Who wrote it?"}, r"[A-Z]\w+ [A-Z]\w+"),
        ({"field_id": "authorName"}, r"[A-Z]\w+ [A-Z]\w+"),
        ({"field_id": "total_price"}, r"\d+\.\d\d"),
        ({"field_id": "summary", "title": "Sum it up"}, r"[A-Z][a-z ]+\."),
        ({"field_id": "q1", "title": "Sum to be paid"}, r"\d+\.\d\d"),
        ({"field_id": "invoice_date", "title": "Date"}, r"2022-\d\d-\d\d"),
        ({"field_id": "contact", "title": "E-mail"}, r"\w+@example\.com"),
        ({"field_id": "x", "title": "What is it like?"}, r"[A-Z][a-z ]+\."),
        ({"field_id": "filename"}, r"[A-Z][a-z ]+\."),
    ],
)
def test_a_text_reads_like_an_answer_to_what_is_asked(
    field: Dict[str, Any], form: str
) -> None:
    texts = set()
    for number in range(10):
        params = {"fields": [{"type": "text", **field}]}
        found = answer("textcollection", params, task_id=str(number))["response"]
        texts.add(found["annotations"][field["field_id"]])
    assert [text for text in texts if not re.fullmatch(form, text)] == []
    assert len(texts) > 3


def test_a_description_of_an_old_field_says_what_is_asked() -> None:
    fields = {"a": "Name of the person", "b": "Price", "c": "Day of the invoice"}
    found = response("transcription", fields=fields)["fields"]
    assert re.fullmatch(r"\w+ \w+", found["a"])
    assert float(found["b"]) > 0
    assert datetime.fromisoformat(found["c"])


def test_a_number_without_bounds_can_be_a_sum() -> None:
    numbers = [entered(str(n), type="number", title="Total") for n in range(20)]
    assert max(numbers) > 10
    assert all(round(number, 2) == number for number in numbers)
    assert 1 <= entered(type="number", title="Total", min=1, max=2) <= 2


def test_a_rapid_project_gets_answers_with_their_fields_type_and_id() -> None:
    found = answer("textcollection", {"fields": FIELDS}, rapid=True)["response"]
    score = {"type": "number", "field_id": "score", "response": [[4]]}
    assert found["annotations"]["score"] == score
    genre = found["annotations"]["genre"]
    assert (genre["type"], genre["field_id"]) == ("category", "genre")
    assert genre["response"] in ([["rap"]], [["hard"]])


def test_a_rapid_field_that_needs_several_responses_gets_them() -> None:
    params = {"fields": [{**NOTE, "min_responses_required": "3"}]}
    found = answer("textcollection", params, rapid=True)["response"]
    assert len(found["annotations"]["note"]["response"]) == 3


@pytest.mark.parametrize("name", ["responses_required", "response_required"])
@pytest.mark.parametrize("count", [2, "3"])
@pytest.mark.parametrize("rapid", [False, True])
def test_several_respondents_answer_one_by_one(
    name: str, count: Any, rapid: bool
) -> None:
    params = {"fields": FIELDS, name: count}
    found = answer("textcollection", params, rapid=rapid)["response"]
    assert set(found) == {"responses"}
    assert len(found["responses"]) == int(count)
    for one in found["responses"]:
        assert set(one) == {"genre", "note", "score"}


@pytest.mark.parametrize("count", [1, "1", 0, "many", [2]])
@pytest.mark.parametrize("rapid", [False, True])
def test_one_respondent_is_a_list_of_one_where_the_task_asks_for_respondents(
    count: Any, rapid: bool
) -> None:
    params = {"fields": FIELDS, "responses_required": count}
    found = answer("textcollection", params, rapid=rapid)["response"]
    (one,) = found["responses"]
    assert set(found) == {"responses"}
    assert set(one) == {"genre", "note", "score"}


def test_responses_required_null_means_no_respondents() -> None:
    found = response("textcollection", fields=FIELDS, responses_required=None)
    assert set(found) == {"annotations"}


@pytest.mark.parametrize("name", ["responses_required", "response_required"])
def test_option_single_response_turns_the_list_of_one_into_values(name: str) -> None:
    def found(count: int, **options: Any) -> Any:
        params = {"fields": FIELDS, name: count}
        made = answer(
            "textcollection", params, single_response="annotations", **options
        )
        return made["response"]

    assert found(1)["annotations"]["score"] == 4
    assert found(1, rapid=True)["annotations"]["score"]["response"] == [[4]]
    assert len(found(2)["responses"]) == 2


NUMBERED = [{"value": 3}, {"value": True}, {"value": "x"}]


def test_choices_of_a_respondent_are_text_and_entered_values_are_not() -> None:
    choice = {"type": "category", "field_id": "k", "choices": NUMBERED}
    fields = [{**choice, "min_choices": 3}, SCORE]
    found = response("textcollection", fields=fields, responses_required=2)
    for one in found["responses"]:
        assert sorted(one["k"]) == ["3", "true", "x"]
        assert one["score"] == 4
    alone = response("textcollection", fields=fields)["annotations"]
    assert sorted(map(repr, alone["k"])) == ["'x'", "3", "True"]


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 12),
    fewest=st.none() | st.integers(1, 12),
    most=st.none() | st.integers(1, 12),
    task_id=IDS,
)
def test_the_number_of_chosen_leaves_is_within_its_bounds(
    count: int, fewest: Optional[int], most: Optional[int], task_id: str
) -> None:
    leaves = [{"label": str(number), "value": number} for number in range(count)]
    choices = [{"label": "all", "value": "all", "subchoices": leaves}]
    bounds = {"min_choices": fewest, "max_choices": most}
    chosen = entered(task_id, type="category", choices=choices, **bounds)
    assert len(set(chosen)) == len(chosen) >= 1
    assert set(chosen) <= set(range(count))
    assert len(chosen) <= (most or count)
    if fewest is not None and fewest <= min(count, most or count):
        assert len(chosen) >= fewest


def test_chosen_values_keep_their_type() -> None:
    choices = [{"label": "No", "value": False}]
    assert entered(type="category", choices=choices) == [False]
    assert entered(type="category", choices=[{"label": "A"}]) == ["A"]
    assert entered(type="category", choices=["plain"]) == ["plain"]
    assert entered(type="category", choices=[]) == []


def test_numbers_that_json_does_not_have_are_never_chosen() -> None:
    choices = [float("nan"), float("inf"), {"value": float("-inf")}, "a"]
    assert entered(type="category", choices=choices, min_choices=4) == ["a"]


@settings(deadline=None, max_examples=150)
@given(
    low=st.none() | st.integers(-50, 50) | st.floats(-50, 50),
    span=st.none() | st.integers(0, 50) | st.floats(0, 50),
    task_id=IDS,
)
def test_numbers_are_within_their_bounds(
    low: Optional[float], span: Optional[float], task_id: str
) -> None:
    high = None if span is None else (low or 0) + span
    value = entered(task_id, type="number", min=low, max=high)
    assert low is None or value >= low
    assert high is None or value <= high


@settings(deadline=None, max_examples=80)
@given(
    low=st.integers(-20, 20),
    step=st.sampled_from([0.1, 0.25, 0.5, 2, 5, "3"]),
    steps=st.integers(0, 30),
    task_id=IDS,
)
def test_numbers_are_whole_steps_away_from_the_minimum(
    low: int, step: Any, steps: int, task_id: str
) -> None:
    high = low + float(step) * steps
    value = entered(task_id, type="number", min=low, max=high, step=step)
    assert (value - low) / float(step) == pytest.approx(
        round((value - low) / float(step)), abs=1e-6
    )
    assert low <= value <= high + 1e-9


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"min": "7", "max": "7"}, 7),
        ({"max": -3, "min": -3}, -3),
        ({"min": 5, "max": 1}, 5),
        ({"min": 0.2, "max": 0.3}, 0.2),
        ({"min": 1.05, "max": 1.1, "digits": 1}, 1.1),
        ({"min": 1, "max": 2, "step": 5}, 1),
        ({"min": 0.1234567899, "max": 0.1234567899, "step": 1}, 0.1234567899),
    ],
)
def test_narrow_bounds_leave_one_number(field: Dict[str, Any], expected: Any) -> None:
    assert entered(type="number", **field) == expected


@pytest.mark.parametrize("longest", [0, 1, 7, "12", 500])
def test_a_text_is_not_longer_than_allowed(longest: Any) -> None:
    text = entered(type="text", max_characters=longest)
    assert isinstance(text, str)
    assert len(text) <= int(longest)


@settings(deadline=None, max_examples=60)
@given(options=st.integers(1, 20), ranked=st.none() | st.integers(1, 20), task_id=IDS)
def test_a_ranking_names_options_from_zero_each_at_most_once(
    options: int, ranked: Optional[int], task_id: str
) -> None:
    ranking = entered(
        task_id, type="ranking_order", num_options=options, num_items_to_rank=ranked
    )
    assert len(ranking) == min(ranked or options, options)
    assert len(set(ranking)) == len(ranking)
    assert set(ranking) <= set(range(options))


def test_a_ranking_of_all_options_is_a_permutation() -> None:
    ranking = entered(type="ranking_order", num_options="4")
    assert sorted(ranking) == [0, 1, 2, 3]


def test_the_other_fields_have_values_of_their_kind() -> None:
    assert isinstance(entered(type="boolean"), bool)
    moment = entered(type="datetime")
    assert datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ")
    assert entered(type="select", choices=["a"]) == ["a"]
    span = entered(type="timerange")
    assert 0 <= span["start"] < span["end"]
    assert isinstance(entered(type="hologram"), str)


FORM = {
    "type": "form",
    "field_id": "f",
    "fields": [
        {"type": "number", "field_id": "Rating 1", "min": -3, "max": -3},
        {"type": "number", "field_id": "Rating 0", "min": 0.5, "max": 0.5},
        {"type": "category", "field_id": "k", "choices": [7]},
        {"type": "boolean", "field_id": "b"},
        {"type": "form", "field_id": "deeper", "fields": [NOTE]},
    ],
}
FLAT = ["note", "Rating 1", "Rating 0", "k", "b", "score"]


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({}, {}),
        ({}, {"rapid": True}),
        ({"responses_required": 1}, {}),
        ({"responses_required": 2}, {}),
        ({"responses_required": 1}, {"single_response": "annotations"}),
    ],
)
def test_the_fields_of_a_form_are_beside_the_others_as_text(
    params: Dict[str, Any], options: Dict[str, Any]
) -> None:
    fields = [NOTE, FORM, SCORE]
    found = answer("textcollection", {"fields": fields, **params}, **options)
    for one in found["response"].get("responses", [found["response"]]):
        given = one.get("annotations", one)
        assert list(given) == FLAT
        if options.get("rapid"):
            assert {name: each["field_id"] for name, each in given.items()} == {
                name: name for name in FLAT
            }
            assert given["Rating 1"]["type"] == "number"
            given = {name: each["response"][0] for name, each in given.items()}
            given = {n: v if n == "k" else v[0] for n, v in given.items()}
        assert given["Rating 1"] == "-3"
        assert given["Rating 0"] == "0.5"
        assert given["k"] == ["7"]
        assert given["b"] in ("true", "false")
        assert given["score"] == 4


def test_forms_among_the_fields_of_the_old_types_are_flat_as_well() -> None:
    found = response("comparison", fields={"f": FORM, "g": SCORE})
    assert list(found["fields"]) == ["Rating 1", "Rating 0", "k", "b", "g"]


RATED = [{"type": "number", "field_id": "echo", "min": 1, "max": 5}, NOTE]


def test_ratings_are_under_the_names_of_the_files() -> None:
    urls = {"a.wav": "https://example.com/a.wav", "b.wav": "https://example.com/b.wav"}
    found = answer(
        "textcollection",
        {"fields": RATED, "responses_required": 3},
        metadata={"file_urls": urls},
        form="ratings",
    )["response"]
    assert list(found) == ["a.wav", "b.wav"]
    for rated in found.values():
        assert [set(one) for one in rated["responses"]] == [{"echo"}] * 3
        assert all(1 <= one["echo"] <= 5 for one in rated["responses"])


@pytest.mark.parametrize("metadata", [None, {}, {"file_urls": []}, {"file_urls": {}}])
def test_ratings_without_files_are_numbers(
    metadata: Any,
) -> None:
    found = answer("textcollection", {}, metadata=metadata, form="ratings")["response"]
    ((rating,),) = (file["responses"] for file in found.values())
    assert set(rating) == {"rating"} and 1 <= rating["rating"] <= 5


TEXT = "Yesterday Ada Smith met Zoë in São Paulo, and they worked at Acme."


def test_entities_are_the_words_at_their_place_in_the_text() -> None:
    labels = [{"name": "person"}, {"name": "place", "children": [{"name": "city"}]}]
    found = response("namedentityrecognition", text=TEXT, labels=labels)
    assert {each["label"] for each in found["annotations"]} == {"person", "city"}
    for entity in found["annotations"]:
        assert entity["text"] == TEXT[entity["start"] : entity["end"]] != ""
    assert found["relationships"] == []


def test_relationships_are_made_between_two_entities_if_asked_for() -> None:
    found = response(
        "namedentityrecognition",
        text=TEXT,
        labels=["person", "company"],
        relationships=[{"name": "works_at"}],
    )
    (relationship,) = found["relationships"]
    ids = {entity["id"] for entity in found["annotations"]}
    assert relationship["name"] == "works_at"
    assert {relationship["source_ref"], relationship["target_ref"]} == ids


def test_entities_are_found_in_an_attachment_that_is_text() -> None:
    attachments = [{"type": "text", "content": "Ada"}]
    params = {"attachments": attachments, "labels": ["person", "place"]}
    (entity,) = response("namedentityrecognition", **params)["annotations"]
    assert entity["text"] == "Ada"


def test_an_unreadable_attachment_has_no_entities() -> None:
    params = {"attachments": ["https://example.com/1.txt"], "labels": ["person"]}
    assert response("namedentityrecognition", **params)["annotations"] == []


def test_a_category_is_one_of_the_categories_of_the_task() -> None:
    assert response("categorization", categories=["a"]) == {"category": "a"}
    ids = {"123": "a"}
    found = response("categorization", categories=["a"], category_ids=ids)
    assert found == {"category": "a", "category_id": "123"}


def test_several_categories_are_a_list_with_their_ids() -> None:
    found = response(
        "categorization",
        categories=["a", "b"],
        allow_multiple=True,
        category_ids={"1": "a", "2": "b"},
    )
    named = {"a": "1", "b": "2"}
    assert found["category_id"] == [named[each] for each in found["category"]] != []


def test_each_taxonomy_gets_a_choice() -> None:
    taxonomies = {
        "colour": {"type": "category", "choices": ["red"]},
        "weight": {"type": "number", "min": 3, "max": 3},
        "odd": 7,
    }
    found = response("categorization", taxonomies=taxonomies)
    assert found == {"taxonomies": {"colour": "red", "weight": 3}}


def test_a_comparison_answers_only_what_is_asked_for() -> None:
    assert response("comparison", choices=["yes"]) == {"choice": "yes"}
    found = response("comparison", fields={"difference": "What differs?"})
    assert isinstance(found["fields"]["difference"], str)
    assert "choice" not in found
    typed = response("comparison", fields=[SCORE])
    assert typed == {"fields": {"score": 4}}


def test_a_transcription_has_fields_and_rows_if_they_are_asked_for() -> None:
    found = response("transcription", fields={"title": "Title of page"})
    assert set(found) == {"fields"}
    assert isinstance(found["fields"]["title"], str)
    rows = response("transcription", repeatable_fields={"username": "Name"})
    assert set(rows) == {"rows"}
    assert all(set(row) == {"username"} for row in rows["rows"])


def test_a_data_collection_has_all_its_fields() -> None:
    found = response("datacollection", fields={"hiring_page": "Where?"})
    assert set(found["fields"]) == {"hiring_page"}


@pytest.mark.parametrize("task_type", ["documenttranscription", "documentmodel"])
def test_a_document_has_features_on_its_pages(task_type: str) -> None:
    attachments: List[Any] = ["https://example.com/1.pdf", "scaledata://1/2"]
    features = [{"type": "block", "label": label} for label in ("barcode", "total")]
    found = answer(task_type, {"attachments": attachments, "features": features})
    pages = found["document_pages"]
    assert pages == [{"width": 800, "height": 1100}, {"width": 300, "height": 400}]
    annotations = found["response"]["annotations"]
    assert [each["label"] for each in annotations] == ["barcode", "total"]
    for each in annotations:
        place, page = each["location"], pages[each["page"]]
        assert place["type"] == "box"
        assert 0 <= place["left"] <= place["left"] + place["width"] <= page["width"]
        assert 0 <= place["top"] <= place["top"] + place["height"] <= page["height"]


def test_features_of_a_document_can_have_polygons_in_place_of_boxes() -> None:
    params = {"attachment": "a", "features": [{"type": "block", "label": "total"}]}
    found = answer("documenttranscription", params, form="document_polygons")
    (page,) = found["document_pages"]
    (feature,) = found["response"]["annotations"]
    assert set(feature["location"]) == {"type", "vertices"}
    assert feature["location"]["type"] == "polygon"
    for vertex in feature["location"]["vertices"]:
        assert 0 <= vertex["x"] <= page["width"] and 0 <= vertex["y"] <= page["height"]


@pytest.mark.parametrize("task_type", ["chat", "chatlite", "multichat", "multistage"])
def test_a_chat_has_responses(task_type: str) -> None:
    (said,) = response(task_type)["responses"]
    assert said["type"] == "PromptInput"
    assert said["output"]
