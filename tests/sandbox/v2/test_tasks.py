"""Chat tasks of v2: creation, lists, and the conversations in them."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import pytest

from scaleapi.sandbox.labeler.conversation_details import OPTS
from tests.sandbox.v2.calling import Caller

TYPES = {
    "integer": int,
    "boolean": bool,
    "text": str,
    "category": str,
    "ranked_choices": list,
    "rubric_criteria": dict,
    "rubric_rating": dict,
}


def annotations(value: Any) -> Iterator[Dict[str, Any]]:
    """Yield the annotations at every level."""
    if isinstance(value, list):
        for each in value:
            yield from annotations(each)
    elif isinstance(value, dict):
        yield from value.get("annotations", [])
        for inner in value.values():
            yield from annotations(inner)


def completed(live: Caller, project: str = "talks", **values: Any) -> str:
    """Make a completed task; return its id."""
    task_id: str = live.task(project, **values)["task_id"]
    live.sandbox.complete(task_id)
    return task_id


def shown(live: Caller, task_id: str, *opts: str) -> Any:
    return live.get("task", task_id=task_id, opts=list(opts))


def test_a_chat_task_of_v2_is_one_of_v1_and_the_other_way_round(live: Caller) -> None:
    live.project()
    made = live.task(
        template_variables={"prompt": "Hello?"},
        metadata={"a": None},
        callback_url="a@example.com",
        unique_id="u",
    )
    project = live.get("project", project_name="talks")
    assert made == {
        "task_id": made["task_id"],
        "project": project["id"],
        "status": "pending",
        "created_at": made["created_at"],
        "metadata": {"a": None},
        "threads": [],
    }
    of_v1 = live.v1("GET", f"task/{made['task_id']}")
    assert of_v1["params"]["template_variables"] == {"prompt": "Hello?"}
    assert of_v1["callback_url"] == "a@example.com"
    assert (of_v1["unique_id"], of_v1["type"]) == ("u", "chat")
    other = live.v1("POST", "task/chat", project="talks", metadata={"b": 1})
    assert shown(live, other["task_id"])["metadata"] == {"b": 1}
    listed = live.get("tasks", project_name="talks")["tasks"]
    assert [t["task_id"] for t in listed] == [other["task_id"], made["task_id"]]


def test_a_unique_id_makes_one_task_whatever_the_version(live: Caller) -> None:
    live.project()
    task_id = live.task(unique_id="u")["task_id"]
    values = {"project_name": "talks", "unique_id": "u"}
    status, text = live.refused("POST", "task/chat", **values)
    assert (status, text.endswith(f"({task_id}).")) == (409, True)
    live.v1("POST", "task/chat", project="talks", unique_id="v")
    assert live.refused("POST", "task/chat", **{**values, "unique_id": "v"})[0] == 409
    assert len(live.get("tasks", project_name="talks")["tasks"]) == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"project_name": None}, 400),
        ({"project_name": "none"}, 404),
        ({"project_name": "pictures"}, 404),
        ({"project_id": "none"}, 404),
        ({"batch_name": "none"}, 404),
        ({"batch_name": 5}, 400),
        ({"batch_name": "of others"}, 400),
        ({"template_variables": []}, 400),
        ({"metadata": "x"}, 400),
        ({"callback_url": 5}, 400),
        ({"unique_id": 5}, 400),
    ],
)
def test_a_wrong_chat_task_is_not_made(
    live: Caller, changes: Dict[str, Any], status: int
) -> None:
    live.project()
    live.project("others")
    live.project("pictures", "imageannotation")
    live.post("batch", name="of others", project_name="others")
    values = {"project_name": "talks", **changes}
    assert live.refused("POST", "task/chat", **values)[0] == status
    assert live.get("tasks", project_name="talks") == {"tasks": []}


def test_under_a_test_key_a_task_is_completed_at_once(test: Caller) -> None:
    test.project()
    made = test.task()
    assert (made["status"], made["threads"]) == ("pending", [])
    task = shown(test, made["task_id"])
    assert task["status"] == "completed" and task["completed_at"] and task["threads"]


def test_a_task_that_v2_does_not_show_is_404(live: Caller) -> None:
    live.project("pictures", "imageannotation")
    picture = live.v1(
        "POST",
        "task/categorization",
        project="pictures",
        attachment="https://example.com/1.jpg",
        categories=["a"],
    )
    alone = live.v1("POST", "task/chat")
    for task_id in (picture["task_id"], alone["task_id"], "61d0f4a29b3c7e0012ab34cd"):
        assert live.refused("GET", "task", task_id=task_id)[0] == 404
        values = {"task_id": task_id, "metadata": {}}
        assert live.refused("POST", "task/metadata", **values)[0] == 404
    assert live.refused("GET", "task")[0] == 400


def test_a_completed_task_has_a_rated_conversation_always_the_same(
    live: Caller,
) -> None:
    live.project()
    task_id = completed(live, template_variables={"prompt": "Which tea?"})
    task = shown(live, task_id, *OPTS)
    assert task == shown(live, task_id, *OPTS)
    (thread,) = task["threads"]
    (turn,) = thread["turns"]
    question, *answers = turn["messages"]
    assert question["role"] == "user"
    assert question["content"] == {"text": "Which tea?"}
    assert [answer["role"] for answer in answers] == ["assistant"] * 2
    models = [answer["source_id"] for answer in answers]
    by_key = {each["key"]: each for each in turn["annotations"]}
    ranking = by_key["ranking"]["value"]
    assert sorted(ranking) == models
    assert by_key["selected_model_id"]["value"] == ranking[0]
    assert (by_key["likert_value"]["value"] < 4) == (ranking[0] == models[0])
    kinds = {each["type"] for each in annotations(thread)}
    assert kinds >= {"integer", "text", "category", "boolean", "ranked_choices"}
    other = shown(live, completed(live), *OPTS)
    assert other["threads"] != task["threads"]


@pytest.mark.parametrize("kind", ["SFT", "RLHF: Pref Ranking", "Rubrics"])
def test_annotations_have_ids_of_their_own_and_values_of_their_type(
    live: Caller, kind: str
) -> None:
    live.project(types=[kind], models=["m1", "m2", "m3"])
    task_id = completed(live)
    task = shown(live, task_id, "annotation_details")
    found = list(annotations(task["threads"]))
    assert len({each["id"] for each in found}) == len(found) > 2
    for each in found:
        assert isinstance(each["value"], TYPES[each["type"]])
        assert each["value"] in each.get("possible_values", [each["value"]])
        assert live.get("annotation", annotation_id=each["id"]) == each
        assert each["key"] and each["title"]


def test_an_sft_conversation_has_turns_with_one_answer_and_its_rewrite(
    live: Caller,
) -> None:
    live.project(types=["SFT"])
    (thread,) = shown(live, completed(live))["threads"]
    prompts = []
    for turn in thread["turns"]:
        question, answer = turn["messages"]
        (rewrite,) = answer["annotations"]
        assert rewrite["key"] == "rewrite"
        assert rewrite["value"] != answer["content"]["text"]
        prompts.append(question["content"]["text"])
    assert len(set(prompts)) == 2


def test_rubric_ratings_name_their_criteria_also_when_bare(live: Caller) -> None:
    live.project(types=["Rubrics"])
    task_id = completed(live)
    for opts in ([], ["annotation_details"]):
        (thread,) = shown(live, task_id, *opts)["threads"]
        (turn,) = thread["turns"]
        criteria = {each["id"]: each["value"]["weight"] for each in turn["annotations"]}
        (rubric,) = turn["rubrics"]
        assert rubric["max_total_score"] == sum(criteria.values())
        assert {c["id"] for c in rubric["criteria_definitions"]} == set(criteria)
        for answer in turn["messages"][1:]:
            rated = {
                each["metadata"]["criteria"]: each["value"]["score"]
                for each in answer["annotations"]
            }
            assert set(rated) == set(criteria)
            assert all(score in (0, criteria[each]) for each, score in rated.items())
            (evaluation,) = answer["rubric_evaluations"]
            assert evaluation["total_score"] == sum(rated.values())


def test_a_project_with_rewrites_has_one(live: Caller) -> None:
    live.project(types=["RLHF: Pref Ranking with Rewrites"])
    (thread,) = shown(live, completed(live))["threads"]
    keys = [each["key"] for each in thread["turns"][0]["annotations"]]
    assert keys[-1] == "rewrite"


def test_what_a_task_contains_is_chosen_by_opts(live: Caller) -> None:
    live.project()
    url = "https://example.com/a.pdf?x=1"
    task_id = completed(live, template_variables={"attachments": [url]})

    def parts(*opts: str) -> List[bool]:
        (thread,) = shown(live, task_id, *opts)["threads"]
        question, answer = thread["turns"][0]["messages"][:2]
        (file,) = question["content"]["attachments"]
        assert file["url"] == url and file["name"] == "a.pdf"
        return [
            all("type" in each for each in annotations(thread)),
            "scale_url" in file,
            "model_parameters" in answer,
            "submissions" in thread,
        ]

    for number, name in enumerate(OPTS):
        assert parts(name) == [each == number for each in range(4)]
    assert parts(*OPTS) == [True] * 4
    bare = shown(live, task_id)
    assert all(set(each) == {"key", "value"} for each in annotations(bare["threads"]))
    full = shown(live, task_id, *OPTS)
    (submission,) = full["threads"][0]["submissions"]
    assert submission["submitted_at"] == full["completed_at"]
    assert live.refused("GET", "task", task_id=task_id, opts="all")[0] == 400


def test_ids_are_expanded(live: Caller) -> None:
    live.project()
    batch = live.post("batch", name="b", project_name="talks")
    project = live.get("project", project_name="talks")
    task_id = live.task(batch_name="b")["task_id"]
    plain = live.get("task", task_id=task_id)
    assert (plain["project"], plain["batch"]) == (project["id"], batch["id"])
    both = live.get("task", task_id=task_id, expand=["project", "batch"])
    assert both["project"] == project
    assert both["batch"] == {**batch, "project": project}
    page = live.get("tasks", batch_id=batch["id"], expand="batch")
    assert page["tasks"][0]["batch"] == batch
    assert page["tasks"][0]["project"] == project["id"]
    assert live.refused("GET", "task", task_id=task_id, expand="delivery")[0] == 400


def test_lists_of_tasks_are_filtered_and_come_in_pages(live: Caller) -> None:
    live.project()
    live.project("others")
    clock = live.sandbox.clock
    clock.set("2024-01-01T00:00:00Z")
    first = completed(live)
    clock.set("2024-02-01T00:00:00Z")
    batch = live.post("batch", name="b", project_name="talks")
    ids = [live.task(batch_id=batch["id"])["task_id"] for _ in range(4)]
    live.task("others")
    live.sandbox.complete(ids[0])
    live.v1("POST", f"task/{ids[1]}/cancel")

    def found(**query: Any) -> List[str]:
        query = {"project_name": "talks", **query}
        return [task["task_id"] for task in live.get("tasks", **query)["tasks"]]

    assert found() == [*reversed(ids), first]
    assert found(batch_name="b", project_name=None) == ids[::-1]
    assert found(batch_id=batch["id"], project_name="others") == []
    assert found(status="completed") == [ids[0], first]
    assert found(status="canceled") == [ids[1]]
    assert found(status="deleted") == []
    assert found(completed_after="2024-01-15") == [ids[0]]
    assert found(completed_before="2024-01-15T12:00:00.000000+0000") == [first]
    pages = live.pages("tasks", "tasks", project_name="talks", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [task["task_id"] for page in pages for task in page] == found()
    for wrong in ({"limit": 0}, {"limit": 101}, {"next_token": "?"}):
        refused = live.refused("GET", "tasks", project_name="talks", **wrong)
        assert refused[0] == 400
    assert live.refused("GET", "tasks", status="completed")[0] == 400
    assert live.refused("GET", "tasks", batch_name="none")[0] == 404


def test_a_page_has_a_hundred_tasks_unless_it_is_asked_for_fewer(test: Caller) -> None:
    test.project()
    for _ in range(101):
        test.v1("POST", "task/chat", project="talks")
    pages = test.pages("tasks", "tasks", project_name="talks")
    assert [len(page) for page in pages] == [100, 1]


def test_metadata_of_a_task_is_merged_deeply(live: Caller) -> None:
    live.project()
    task_id = live.task(metadata={"a": {"b": 1}})["task_id"]
    values = {"task_id": task_id, "metadata": {"a": {"c": 2}}}
    merged = live.post("task/metadata", **values, merge=True)
    assert merged["metadata"] == {"a": {"b": 1, "c": 2}}
    assert live.v1("GET", f"task/{task_id}")["metadata"] == merged["metadata"]
    assert live.post("task/metadata", **values)["metadata"] == {"a": {"c": 2}}
    assert live.refused("POST", "task/metadata", metadata={})[0] == 400


def test_a_task_in_error_says_why(live: Caller) -> None:
    live.project()
    first, second = live.task(), live.task()
    live.sandbox.fail(first["task_id"])
    (error,) = shown(live, first["task_id"])["errors"]
    assert set(error) == {"type", "message"} and error["message"]
    errors = [{"type": "INVALID_CATEGORY", "message": "m"}]
    live.sandbox.fail(second["task_id"], {"errors": errors})
    assert shown(live, second["task_id"])["errors"] == errors
    assert shown(live, second["task_id"])["threads"] == []


def test_a_reported_task_has_reports_and_no_threads(live: Caller) -> None:
    live.project()
    task_id = completed(live)
    reports = [{"type": "violence", "message": "m"}]
    live.sandbox.set(task_id, sensitive_content_reports=reports)
    task = shown(live, task_id)
    assert task["sensitive_content_reports"] == reports
    assert "threads" not in task


def test_threads_of_ones_own_are_shown_whatever_they_are(live: Caller) -> None:
    live.project()
    annotation = {"id": "1", "key": "k", "type": "new", "value": [1]}
    strange = [
        {"id": "t", "annotations": [annotation, 7], "submissions": [3], "x": None},
        "thread",
    ]
    task_id = live.task()["task_id"]
    live.sandbox.complete(task_id, {"threads": strange})
    shown_bare = shown(live, task_id)["threads"]
    bare = {"key": "k", "value": [1]}
    assert shown_bare == [{"id": "t", "annotations": [bare, 7], "x": None}, "thread"]
    assert shown(live, task_id, *OPTS)["threads"] == strange


@pytest.mark.parametrize("form", ["sft", "rlhf", "rubrics"])
def test_a_form_chooses_the_kind_of_one_conversation(live: Caller, form: str) -> None:
    live.project(types=["Rubrics" if form == "sft" else "SFT"])
    task_id = live.task()["task_id"]
    document = live.sandbox.complete(task_id, form=form)
    task = shown(live, task_id, *OPTS)
    assert task["threads"][0]["turns"] == document["response"]["threads"][0]["turns"]
    (number, rubrics) = {"sft": (2, 0), "rlhf": (1, 0), "rubrics": (1, 1)}[form]
    turns = task["threads"][0]["turns"]
    assert len(turns) == number
    assert len(turns[0].get("rubrics", [])) == rubrics


def test_an_annotation_that_is_not_there_is_404(live: Caller) -> None:
    live.project()
    pending = live.task()["task_id"]
    done = completed(live)
    for missing in ("x", pending, f"{pending}00000001", done, f"{done}ffffffff"):
        assert live.refused("GET", "annotation", annotation_id=missing)[0] == 404
    assert live.refused("GET", "annotation")[0] == 400
    other = Caller(live.sandbox)
    (first, *_) = annotations(shown(live, done, *OPTS)["threads"])
    with other.session:
        refused = other.refused("GET", "annotation", annotation_id=first["id"])
        assert refused[0] == 404


def test_the_response_of_v1_stays_what_it_was(live: Caller) -> None:
    live.project()
    response = live.v1("GET", f"task/{completed(live)}")["response"]
    (said,) = response["responses"]
    assert set(response) == {"responses"} and said["type"] == "PromptInput"
