"""What notebooks show: short, escaped, without requests and signed addresses."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from typing import Any, Dict, List, Optional, Tuple

import pytest

from scaleapi import (
    Batch,
    EvaluationTask,
    File,
    Project,
    ScaleClient,
    ScaleException,
    Task,
    Tasklist,
    Teammate,
)
from scaleapi.bulk import FileResult, TaskResult
from scaleapi.sandbox import Sandbox, factories
from scaleapi.studio import StudioBatch, StudioLabelerAssignment
from tests.unit.test_annotations_drawing import HOSTILE

SIGNED = "https://user:hunter2@s3.example.com/a.png?Expires=1&Signature=Zm9v%2Bx#part"
SECRETS = ("Signature", "Zm9v", "hunter2", "Expires")
BOX = {"type": "box", "left": 1, "top": 2, "width": 3, "height": 4}

KEYS = [
    "attachment_url",
    "batch",
    "callback",
    "callback_url",
    "company",
    "created_at",
    "customer_review_status",
    "display_name",
    "email",
    "firstName",
    "id",
    "instruction",
    "mime_type",
    "name",
    "project",
    "projectName",
    "role",
    "size",
    "status",
    "task_id",
    "type",
    "unique_id",
]


class Tags(HTMLParser):
    """Collects the tags and the attributes of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: List[str] = []
        self.names: List[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.tags.append(tag)
        self.names += [name for name, _ in attrs]


def objects(text: str) -> List[Any]:
    """Return an object of each kind that has a text in all of its values."""
    everywhere = dict.fromkeys(KEYS, text)
    boxes = [{**BOX, "label": text, "uuid": text, "attributes": {text: text}}]
    response = {"annotations": boxes, "responses": [{text: text}], text: text}
    document: Dict[str, Any] = {
        **everywhere,
        "tags": [text],
        "params": {"attachment": text, text: text},
        "attachmentS3Downloads": [{"attachmentURL": text, "s3URL": text}],
        "response": response,
    }
    task, file = Task(document, None), File(document, None)
    batch = Batch(document, None)
    return [
        task,
        file,
        batch,
        Project({**document, "param_history": []}, None),
        Teammate(document, None),
        EvaluationTask({**document, "expected_response": response}, None),
        StudioBatch(document, None),
        StudioLabelerAssignment([text], text, None),
        Tasklist([task, task], 2, 100, 0, False),
        TaskResult(0, document, text, task),
        FileResult(0, document, text, file),
        TaskResult(0, document, "failed", error=ScaleException(text)),
        TaskResult(0, document, "failed", error=ValueError(text)),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    for each in objects(text):
        shown = Tags(each._repr_html_())
        assert not {"script", "img", "style", "b onload"} & set(shown.tags)
        assert not [name for name in shown.names if name.startswith("on")]
        assert shown.tags.count("svg") <= 1
        each._repr_html_().encode("utf-8")


@pytest.mark.parametrize("around", ["{}", 'see "{}", please', "x" * 150 + "{}"])
def test_no_signed_address_is_shown(around: str) -> None:
    for each in objects(around.format(SIGNED)):
        html = each._repr_html_()
        assert not [secret for secret in SECRETS if secret in html]


@pytest.mark.parametrize("kind", factories.KINDS)
def test_a_task_of_each_kind_is_shown_and_nothing_is_loaded(kind: str) -> None:
    for status in ("pending", "completed", "error"):
        html = Task(factories.task(kind, status), None)._repr_html_()
        tags = Tags(html)
        assert not {"image", "img", "script", "link", "iframe", "use"} & set(tags.tags)
        assert not {"href", "src", "xlink:href"} & set(tags.names)
        assert len(html) < 30_000


def test_a_task_shows_its_shapes_on_a_blank_ground() -> None:
    task = Task(factories.task("boxes", "completed"), None)
    html = task._repr_html_()
    assert html.count('class="shape ') == len(task.response["annotations"])
    assert "annotations</th>" in html
    assert task.id in html


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        (
            {"annotations": {"mood": ["sad", "calm"], "n": 4}},
            ["mood: sad / calm, n: 4"],
        ),
        ({"responses": [{"n": 4, "m": ["a"]}, {"n": 5}]}, ["n: 4 / 5, m: a / None"]),
        ({"category": ["cow", "calf"]}, ["categories", "cow, calf"]),
        ({"taxonomies": {"color": "red"}}, ["taxonomies", "color: red"]),
        ({"choice": "yes", "fields": {"why": "same"}}, ["choice", "yes", "why: same"]),
        ({"fields": {}, "rows": [{"a": 1}, {"a": 2}]}, ["rows", ">2<"]),
        ({"responses": [{"type": "PromptInput", "output": "Hello"}]}, ["Hello"]),
        ({"annotations": [], "events": [{"label": "fall", "start": 3}]}, ["fall"]),
        ({"annotations": [], "global_attributes": {"night": "no"}}, ["night: no"]),
        (
            {
                "labelMapping": {"sky": {"index": 1}, "car": [{"index": 2}] * 2},
                "annotations": {"labeled": {}},
            },
            ["1 sky, 2 car"],
        ),
    ],
)
def test_what_is_no_shape_is_shown_in_words(response: Any, shown: List[str]) -> None:
    html = Task({"task_id": "1", "response": response}, None)._repr_html_()
    assert [text for text in shown if text not in html] == []


@pytest.mark.parametrize(
    "address",
    [
        "https://h/a b.png?Signature=Zm9v",
        "https://h/a.png?a=1 &X-Amz-Signature=Zm9v",
        "//h/a.png?X-Amz-Security-Token=Zm9v",
        "h/a.png?X-Goog-Credential=Zm9v&a=1",
        "https:\\/\\/h\\/a.png?sig=Zm9v",
        "https://h/a.png\n?AWSAccessKeyId=Zm9v",
    ],
)
def test_no_signature_is_shown_of_what_is_hardly_an_address(address: str) -> None:
    for each in objects(address):
        assert "Zm9v" not in each._repr_html_()


def test_no_more_than_2000_shapes_are_shown() -> None:
    response = {"annotations": [BOX] * 3000}
    html = Task({"task_id": "1", "response": response}, None)._repr_html_()
    assert html.count('class="shape ') == 2000


def test_odd_documents_are_shown() -> None:
    for response in (None, 5, "x", [], {"annotations": 5}, {"annotations": {"a": 1}}):
        document = {"task_id": "1", "params": None, "tags": 5, "response": response}
        assert "Task" in Task(document, None)._repr_html_()


def test_a_label_that_python_cannot_print_is_shown_by_its_type() -> None:
    deep: Any = []
    for _ in range(100 * sys.getrecursionlimit()):
        deep = [deep]
    response = {
        "annotations": [{**BOX, "label": deep}],
        "global_attributes": {"deep": deep},
    }
    html = Task(
        {"task_id": "1", "tags": deep, "response": response}, None
    )._repr_html_()
    assert "1 (list)" in html
    assert "deep: (list)" in html


def test_a_page_shows_its_first_tasks_and_how_many_there_are() -> None:
    tasks = [Task(factories.task("boxes", seed=n), None) for n in range(30)]
    html = Tasklist(tasks, 250, 100, 0, True)._repr_html_()
    assert html.count("<tr>") == 1 + 20
    assert "30 of 250" in html
    assert "the first 20 of 30" in html
    assert "svg" not in html


def test_showing_objects_sends_nothing(
    sandbox: Sandbox, live_client: ScaleClient
) -> None:
    project = live_client.create_project("cows", "imageannotation")
    batch = live_client.create_batch("cows", "week 9")
    batch.get_status()
    payloads = [{"attachment": "https://example.com/1.jpg", "geometries": {}}] * 2
    results = live_client.create_tasks("imageannotation", payloads)
    sandbox.requests.clear()
    assert "0" in results._repr_html_()
    assert len(sandbox.requests) == 0
    found = list(results)
    assert "<th" in results._repr_html_()
    page = live_client.tasks(project="cows")
    sandbox.requests.clear()
    for each in (project, batch, page, found[0], found[0].task, results):
        assert "<div>" in each._repr_html_()
    assert "tasks_pending" in batch._repr_html_()
    assert len(sandbox.requests) == 0
