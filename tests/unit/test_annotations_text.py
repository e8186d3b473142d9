"""Answers in their four forms, entities, and the older types of tasks."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from scaleapi.annotations import Answer, parse

FIELDS: List[Dict[str, Any]] = [
    {
        "type": "category",
        "field_id": "genre",
        "choices": [
            {"label": "Rap", "value": "rap"},
            {"label": "Song", "subchoices": [{"label": "Folk", "value": 3}, "pop"]},
            {"label": "Yes", "value": True},
        ],
    },
    {"type": "ranking_order", "field_id": "Rank Summaries"},
    {"type": "form", "fields": [{"type": "number", "field_id": "Rating 0"}]},
]


def answers(response: Any, fields: Any = FIELDS) -> Any:
    task = {"task_id": "1", "params": {"fields": fields}, "response": response}
    return parse(task).answers


@pytest.mark.parametrize(
    "response",
    [
        pytest.param({"annotations": {"genre": ["rap"], "note": "fine"}}, id="A"),
        pytest.param(
            {
                "annotations": {
                    "genre": {
                        "type": "category",
                        "field_id": "genre",
                        "response": [["rap"]],
                    },
                    "note": {
                        "type": "text",
                        "field_id": "note",
                        "response": [["fine"]],
                    },
                }
            },
            id="B",
        ),
        pytest.param({"responses": [{"genre": ["rap"], "note": "fine"}]}, id="C"),
        pytest.param(
            {"a.wav": {"responses": [{"genre": ["rap"], "note": "fine"}]}}, id="D"
        ),
    ],
)
def test_a_field_has_one_view_in_all_four_forms(response: Any) -> None:
    # api-notes: text-responses
    found = answers(response)
    assert list(found) == ["genre", "note"]
    assert (found["genre"].value, found["genre"].values) == ("rap", ("rap",))
    assert found["genre"].by_respondent == (["rap"],)
    assert found["genre"].labels == ("Rap",)
    assert found["genre"].field is FIELDS[0]
    assert (found["note"].value, found["note"].values) == ("fine", ("fine",))
    assert found["note"].labels == ("fine",)
    assert "nothing" not in found
    with pytest.raises(KeyError):
        found["nothing"]


def test_the_values_of_answers_can_be_read_in_their_repr() -> None:
    one = {"genre": ["rap"], "note": "fine"}
    assert repr(answers({"annotations": one})) == f"Answers({one})"
    two = repr(answers({"responses": [one, {"note": "ok"}]}))
    assert two == "Answers({'genre': (['rap'], None), 'note': ('fine', 'ok')})"
    described = {"type": "category", "field_id": "a", "response": []}
    assert repr(answers({"annotations": {"a": described}})) == "Answers({'a': ()})"


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ({"choice": "yes"}, "Annotations(choice='yes')"),
        ({"error": "no image"}, "Annotations(error='no image')"),
        ({"mood": 1, "annotations": []}, "Annotations(1 unknown_keys)"),
        (
            {"annotations": [], "global_attributes": {"night": "no"}},
            "Annotations(1 global_attributes)",
        ),
    ],
)
def test_the_repr_says_what_a_response_has(response: Any, text: str) -> None:
    assert repr(parse(response)) == text


def test_texts_can_be_read_in_the_repr() -> None:
    entity = {"start": 0, "end": 3, "text": "Ada", "label": "person"}
    found = parse({"annotations": [entity]}).entities
    assert repr(found[0]) == "Entity(label='person', text='Ada', start=0, end=3)"
    found = parse({"responses": [{"type": "PromptInput", "output": "Hello"}]}).messages
    assert repr(found[0]) == "Message(type='PromptInput', output='Hello')"


def test_an_answer_has_the_very_value_of_the_document() -> None:
    chosen = ["rap"]
    assert answers({"annotations": {"genre": chosen}})["genre"].raw is chosen


def test_several_respondents_are_kept_apart() -> None:
    response = {
        "responses": [{"note": "ok"}, {"genre": ["3"]}, {"genre": ["rap", "pop"]}]
    }
    found = answers(response)
    assert found["genre"].by_respondent == (None, ["3"], ["rap", "pop"])
    assert found["genre"].value == "3"
    assert found["genre"].labels == ("Folk",)  # 3 in the task, and text in the answer
    assert found["note"].by_respondent == ("ok", None, None)


def test_several_values_and_several_answers_are_given() -> None:
    found = answers({"annotations": {"genre": ["rap", 3, True, "pop", "new"]}})
    assert found["genre"].value == ["rap", 3, True, "pop", "new"]
    assert found["genre"].labels == ("Rap", "Folk", "Yes", "pop", "new")
    described = {"type": "text", "field_id": "t", "response": [["a"], ["b"]]}
    assert answers({"annotations": {"t": described}})["t"].by_respondent == (
        ["a"],
        ["b"],
    )


def test_an_expected_response_may_have_plain_values_and_nothing_around_it() -> None:
    found = parse({"Score": {"type": "number", "field_id": "Score", "response": 9.5}})
    assert found.answers["Score"].value == 9.5


@pytest.mark.parametrize(
    ("value", "ranking"),
    [
        ([2, 0, 1], (2, 0, 1)),
        (["2", "0", "1"], (2, 0, 1)),
        ("0", ()),
        (["a", "b"], None),
        ("text", None),
    ],
)
def test_a_ranking_is_read_from_numbers_and_from_text(value: Any, ranking: Any) -> None:
    response = {"annotations": {"Rank Summaries": value}}
    assert answers(response)["Rank Summaries"].ranking == ranking
    assert answers({"annotations": {"Rating 0": "0"}})["Rating 0"].ranking is None


def test_the_fields_of_a_form_stand_beside_the_others() -> None:
    # api-notes: fields
    found = answers({"annotations": {"Rating 0": "-3", "Rating 1": "0"}})
    assert [found[name].value for name in found] == ["-3", "0"]
    assert found["Rating 0"].field["type"] == "number"


def test_answers_about_files_are_kept_apart() -> None:
    response = {
        "a.wav": {"responses": [{"rating": 4}, {"echo": 3, "degree": 5}]},
        "b.wav": {"responses": [{"rating": 1}]},
        "is_customer_fix": False,
    }
    found = parse(response)
    assert found.answers_by_file["a.wav"]["rating"].by_respondent == (4, None)
    assert found.answers_by_file["b.wav"]["rating"].value == 1
    assert found.answers["rating"].by_respondent == (4, None, 1)
    assert found.unknown_keys == {"is_customer_fix": False}


def test_a_field_may_have_the_name_of_something_else() -> None:
    fields = [{"type": "text", "field_id": name} for name in ("url", "combined")]
    response = {"annotations": {"url": "https://a/1", "combined": {}}}
    found = answers(response, fields)
    assert found["url"].value == "https://a/1"
    assert isinstance(found["combined"], Answer)


def test_entities_and_their_relationships() -> None:
    # api-notes: entities
    ada = {"id": "e1", "start": 4, "end": 13, "text": "Ada Smith", "label": "person"}
    acme = {"id": "e2", "start": 20, "end": 24, "text": "Acme", "label": "company"}
    works = {"id": "r1", "source_ref": "e1", "target_ref": "e2", "name": "works_at"}
    lost = {"id": "r2", "source_ref": "e1", "target_ref": "e9"}
    found = parse({"annotations": [ada, acme], "relationships": [works, lost]})
    first, second = found.entities
    assert (first.id, first.label, first.text) == ("e1", "person", "Ada Smith")
    assert (first.start, first.end, first.attributes) == (4, 13, {})
    one, other = found.relationships
    assert (one.name, one.source, one.target) == ("works_at", first, second)
    assert (other.name, other.target) == (None, None)
    assert (found.shapes, found.unknown) == ((), ())


def test_the_older_types_have_attributes_of_their_own() -> None:
    # api-notes: older-types
    one = parse({"category": "a", "category_id": "123"})
    assert (one.categories, one.category_ids) == (("a",), ("123",))
    assert parse({"category": ["a", "b"]}).categories == ("a", "b")
    assert parse({"taxonomies": {"color": "red"}}).taxonomies == {"color": "red"}
    comparison = parse({"choice": "yes", "fields": {"difference": "none"}})
    assert (comparison.choice, comparison.fields) == ("yes", {"difference": "none"})
    transcription = parse(
        {"fields": {"title": "T"}, "rows": [{"name": "a"}, {"name": "b"}]}
    )
    assert transcription.fields == {"title": "T"}
    assert transcription.rows == ({"name": "a"}, {"name": "b"})
    assert len(transcription.answers) == 0


def test_the_elements_of_a_chat_are_no_respondents() -> None:
    # api-notes: chat
    found = parse({"responses": [{"type": "PromptInput", "output": "Hello"}]})
    assert [(each.type, each.output) for each in found.messages] == [
        ("PromptInput", "Hello")
    ]
    assert len(found.answers) == 0


@pytest.mark.parametrize(
    ("field", "given", "value", "values"),
    [
        pytest.param({"type": "number"}, 2.50, 2.5, (2.5,), id="number"),
        pytest.param({"type": "number"}, 0, 0, (0,), id="zero"),
        pytest.param({"type": "boolean"}, False, False, (False,), id="boolean"),
        pytest.param({"type": "boolean"}, ["yes"], "yes", ("yes",), id="as a choice"),
        pytest.param(
            {"type": "select", "choices": [{"label": "A", "value": "a"}]},
            ["a"],
            "a",
            ("a",),
            id="select",
        ),
        pytest.param(
            {"type": "category", "allow_multiple": True},
            ["a", "b"],
            ["a", "b"],
            ("a", "b"),
            id="several choices",
        ),
        pytest.param(
            {"type": "datetime"},
            "2021-02-03T04:05:06.000Z",
            "2021-02-03T04:05:06.000Z",
            ("2021-02-03T04:05:06.000Z",),
            id="datetime",
        ),
        pytest.param(
            {"type": "timerange"},
            {"start": 0, "end": 1.5},
            {"start": 0, "end": 1.5},
            ({"start": 0, "end": 1.5},),
            id="timerange",
        ),
        pytest.param({"type": "text"}, "None", "None", ("None",), id="the text None"),
        pytest.param({"type": "text"}, "", "", ("",), id="an empty text"),
    ],
)
def test_the_answer_to_each_type_of_field_is_as_it_came(
    field: Any, given: Any, value: Any, values: Any
) -> None:
    described = {"type": field["type"], "field_id": "f", "response": [given]}
    for response in (
        {"annotations": {"f": given}},
        {"annotations": {"f": described}},
        {"responses": [{"f": given}]},
        {"a.wav": {"responses": [{"f": given}]}},
    ):
        answer = answers(response, [{"field_id": "f", **field}])["f"]
        assert (answer.value, answer.values) == (value, values)
        assert [type(each) for each in answer.values] == [type(e) for e in values]
