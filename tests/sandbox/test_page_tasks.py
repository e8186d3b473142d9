"""How the sandbox's page shows videos, lidar, rankings and pictures elsewhere."""

from __future__ import annotations

import html
import re
from typing import Any, Dict, List

import pytest
import requests

from scaleapi import ScaleClient, TaskType
from scaleapi.sandbox import Sandbox, factories
from scaleapi.tasks import Task

BOX = {"type": "box", "label": "cow", "left": 1, "top": 2, "width": 30, "height": 40}


@pytest.fixture
def origin(sandbox: Sandbox) -> str:
    return sandbox.url[: -len("/v1")]


def page_of(origin: str, task: Task, query: str = "") -> str:
    answer = requests.get(f"{origin}/page/tasks/{task.id}{query}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def video(client: ScaleClient, frames: int = 3) -> Task:
    return client.create_task(
        TaskType.VideoAnnotation,
        attachments=[f"https://img.example.com/{n}.jpg" for n in range(frames)],
        geometries={"box": {"objects_to_annotate": ["cow"]}},
    )


def labels(page: str) -> List[str]:
    """Return the labels of the shapes that are drawn on a page."""
    return re.findall(r"<title>\d+ (.*?) \(", page)


def test_one_frame_of_a_video_is_drawn_with_links_to_the_others(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = video(live_client)
    moved = {**BOX, "uuid": "a", "left": 50}
    frames = [[{**BOX, "uuid": "a"}], [moved], [{**BOX, "label": "calf"}]]
    response = {"annotations": [{"annotations": each} for each in frames]}
    sandbox.complete(task.id, response)
    first = page_of(origin, task)
    assert "https://img.example.com/0.jpg" in first.partition("<h2>Attachments")[0]
    assert labels(first) == ["cow"] and "at 1, 2" in first
    second = page_of(origin, task, "?frame=1")
    assert "at 50, 2" in second and "at 1, 2" not in second
    assert 'src="https://img.example.com/1.jpg"' in second
    assert labels(page_of(origin, task, "?frame=2")) == ["calf"]
    assert re.findall(r'href="\?frame=(\d+)#frames" aria', second) == ["0", "1", "2"]
    # A frame that does not exist is the last one.
    assert labels(page_of(origin, task, "?frame=99")) == ["calf"]
    assert requests.get(f"{origin}/page/tasks/{task.id}?frame=x").status_code == 400


def test_the_frames_of_a_pending_video_are_shown_one_by_one(
    live_client: ScaleClient, origin: str
) -> None:
    page = page_of(origin, video(live_client, 200), "?frame=150")
    assert 'src="https://img.example.com/150.jpg"' in page
    assert page.count('<img src="https:') == 1
    linked = re.findall(r'href="\?frame=(\d+)#frames" aria', page)
    assert linked == ["0", *map(str, range(145, 156)), "199"]


@pytest.mark.parametrize(
    "kind", ["tracks", "tracks_wrapped", "tracks_list", "tracks_inline", "tracks_nuls"]
)
def test_tracks_of_every_form_are_listed_and_drawn(
    sandbox: Sandbox, live_client: ScaleClient, origin: str, kind: str
) -> None:
    task = live_client.create_task(
        factories.KINDS["tracks"], **factories.parameters("tracks")
    )
    sandbox.complete(task.id, form=kind)
    page = page_of(origin, task, "?frame=1")
    listed = page[page.index("<h2>Objects") : page.index("<h2>Events")]
    for label in ("pedestrian", "car", "truck", "bicycle"):
        assert label in listed and label in labels(page)
    assert page.count('class="way ') == 4
    assert "not what is in other files" in page


def test_cuboids_are_drawn_from_above_frame_by_frame(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    kind = "lidarannotation"
    task = live_client.create_task(kind, **factories.parameters(kind))
    sandbox.complete(task.id)
    pages = [page_of(origin, task, f"?frame={n}") for n in (0, 4)]
    for page in pages:
        assert "Seen from above" in page and 'class="device"' in page
        assert sorted(labels(page)) == ["bicycle", "car", "pedestrian", "truck"]
    assert pages[0] != pages[1]


def test_boxes_in_camera_images_are_drawn_for_each_camera(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = live_client.create_task("lidarlinking", lidar_task="x")
    seen = [{"camera_used": n, "annotations": [BOX]} for n in (1, 4)]
    sandbox.complete(task.id, {"annotations": [{"camera_responses": seen}]})
    page = page_of(origin, task)
    assert "Camera 1" in page and "Camera 4" in page
    assert labels(page) == ["cow", "cow"]


@pytest.mark.parametrize(
    "response",
    [
        {"annotations": [{"annotations": None}, 7, {"cuboids": [3]}]},
        {"annotations": {"url": "https://example.com/result.json"}},
        {"annotations": {"a": {"frames": [{"key": []}, None]}}},
        {"annotations": [{"annotations": [{**BOX, "left": 1e300, "uuid": 5}]}]},
        {"annotations": [{"annotations": []}], "events": [{"label": "x"}, 3]},
    ],
)
@pytest.mark.parametrize("kind", ["videoannotation", "lidarannotation"])
def test_odd_results_of_frames_are_shown(
    sandbox: Sandbox,
    live_client: ScaleClient,
    origin: str,
    kind: str,
    response: Dict[str, Any],
) -> None:
    task = live_client.create_task(kind, **factories.parameters(kind))
    sandbox.complete(task.id, response)
    for query in ("", "?frame=1"):
        assert task.id in page_of(origin, task, query)


def test_a_ranking_shows_the_texts_of_its_options_in_order(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    field = {"type": "ranking_order", "field_id": "best", "title": "Which is best?"}
    field.update(option_label="Answer", first_label="Best", last_label="Worst")
    texts = ["It rained.", "It snowed.", "It was <b>sunny</b>."]
    task = live_client.create_task(
        TaskType.TextCollection,
        attachments=[{"type": "text", "content": text} for text in texts],
        fields=[field],
    )
    sandbox.complete(task.id, {"annotations": {"best": [2, 0, 1]}})
    page = requests.get(f"{origin}/page/tasks/{task.id}").text
    shown = page[page.index("Which is best?") : page.index("<h2>Response")]
    shown = html.unescape(shown.replace("&lt;", "[").replace("&gt;", "]"))
    places = ["Answer 3", "[b]sunny[/b]", "Answer 1", "rained", "Answer 2", "snowed"]
    assert [shown.index(text) for text in places] == sorted(map(shown.index, places))
    assert shown.index("Best</bdi>") < shown.index("Worst</bdi>")


def test_a_ranking_of_choices_by_several_respondents_shows_each(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    choices = [{"label": "Red", "value": "r"}, {"label": "Blue", "value": "b"}]
    field = {"type": "ranking_order", "field_id": "best", "choices": choices}
    task = live_client.create_task(
        TaskType.TextCollection,
        attachments=[{"type": "text", "content": "A text"}],
        fields=[field],
        responses_required=3,
    )
    given = [{"best": [1, 0]}, {"best": ["0", "1"]}, {"best": "0"}]
    sandbox.complete(task.id, {"responses": given})
    page = page_of(origin, task)
    shown = page[: page.index("<h2>Response")]
    assert re.findall(r">(Red|Blue)<", shown) == ["Blue", "Red", "Red", "Blue"]


def test_a_picture_elsewhere_has_words_in_its_place_and_its_shapes(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    pages = []
    for address in ("https://img.example.com/1.jpg", "s3://bucket/1.jpg"):
        task = live_client.create_task(
            TaskType.ImageAnnotation,
            attachment=address,
            geometries={"box": {"objects_to_annotate": ["cow"]}},
        )
        sandbox.complete(task.id, {"annotations": [BOX]})
        pages.append(page_of(origin, task))
        assert labels(pages[-1]) == ["cow"]
    assert "1.jpg from img.example.com. If this text" in pages[0]
    assert "a browser cannot fetch this address" in pages[1]


def test_long_lists_are_folded(
    sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    names = [f"label {n}" for n in range(30)]
    task = live_client.create_task(
        TaskType.SegmentAnnotation,
        attachment="https://img.example.com/1.jpg",
        labels=names,
    )
    colors = {name: {"index": n, "color": "#1f77b4"} for n, name in enumerate(names)}
    colors["bad"] = {"index": 99, "color": '"/><script>'}
    sandbox.complete(task.id, {"labelMapping": colors, "annotations": {}})
    page = page_of(origin, task)
    assert "<summary>31 segments</summary>" in page
    assert "<summary>31 entries</summary>" in page
    assert "<summary>30 values</summary>" in page
    assert page.count('fill="#1f77b4"') == 30


@pytest.mark.parametrize("kind", ["rlhf", "sft", "rubrics"])
def test_a_conversation_is_shown_with_its_annotations(
    kind: str, sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    live_client.create_project("talks", TaskType.Chat)
    variables = {
        "prompt": "<b>Why?</b>",
        "attachments": ["https://example.com/a.pdf", "javascript:alert(1)"],
    }
    task = live_client.create_task(
        TaskType.Chat, project="talks", template_variables=variables
    )
    assert "Conversation</h2>" not in page_of(origin, task)
    sandbox.complete(task.id, form=kind)
    answer = requests.get(f"{origin}/page/tasks/{task.id}")
    assert "<b>Why?</b>" not in answer.text and 'href="javascript:' not in answer.text
    shown = html.unescape(answer.text)
    shown = shown[shown.index("Conversation</h2>") : shown.index("<h2>Response")]
    assert "<b>Why?</b>" in shown and 'href="https://example.com/a.pdf"' in shown
    (thread,) = live_client.v2.get_task(task.id, opts=["annotation_details"]).threads
    for turn in thread.turns:
        for message in turn.messages:
            assert message.content.text in shown
            for annotation in (*message.annotations, *turn.annotations):
                assert f'<dt dir="auto">{annotation.title}</dt>' in shown


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\"'><img src=x>"])
def test_no_text_of_a_conversation_becomes_markup(
    text: str, sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    note = {"key": text, "title": text, "value": text}
    content = {
        "text": text,
        "chunks": [{"text": text}],
        "attachments": [{"name": text, "url": text}, {"scale_url": text}],
    }
    message = {"role": text, "source_id": text, "content": content}
    turn = {"messages": [{**message, "annotations": [note]}], "annotations": [note]}
    threads = [{"turns": [turn], "annotations": [note, {"key": "k", "value": [text]}]}]
    task = live_client.create_task(TaskType.Chat)
    sandbox.complete(task.id, {"threads": threads})
    page = requests.get(f"{origin}/page/tasks/{task.id}").text
    assert text not in page
    assert html.unescape(page).count(text) > 10


@pytest.mark.parametrize(
    "threads",
    [
        ["x", None, {"turns": 7}],
        [{"turns": [1, {"messages": {}}, {"messages": [None, {"content": []}]}]}],
        [{"annotations": [3, {"value": {"a": [None]}}, {"title": 5, "value": True}]}],
        [{"turns": [{"messages": [{"content": {"attachments": [5, {"url": 5}]}}]}]}],
    ],
)
def test_odd_conversations_are_shown(
    threads: Any, sandbox: Sandbox, live_client: ScaleClient, origin: str
) -> None:
    task = live_client.create_task(TaskType.Chat)
    sandbox.complete(task.id, {"threads": threads})
    assert "Conversation</h2>" in page_of(origin, task)
