"""Every form of result: a task is created, completed and fetched."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest
import requests
from PIL import Image

from scaleapi import ScaleClient, Task
from scaleapi.sandbox import Sandbox, factories
from scaleapi.sandbox.factories.examples import EXAMPLES

PICTURE = Path(__file__).resolve().parents[2] / "examples" / "data" / "street.png"
FRAMES = [f"https://example.com/{number}.jpg" for number in range(4)]
VIDEO = {"attachment": "https://example.com/1.mp4", "attachment_type": "video"}
TEXT = [{"type": "text", "content": "x"}]
BOXES = {"geometries": {"box": {"objects_to_annotate": ["car", "bus"]}}}


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox of the session, whose options are the defaults again at the end."""
    yield sandbox
    sandbox.options.reset()


class Shop:
    """Creates, completes and fetches tasks."""

    def __init__(self, sandbox: Sandbox, client: ScaleClient) -> None:
        self.sandbox = sandbox
        self.client = client

    def made(self, task_type: str, form: Optional[str] = None, **params: Any) -> Task:
        task = self.client.create_task(task_type, **params)
        self.sandbox.complete(task, form=form)
        return self.client.get_task(task.id)

    def picture(self) -> str:
        with PICTURE.open("rb") as file:
            return self.client.upload_file(file).attachment_url


@pytest.fixture
def shop(sandbox: Sandbox, live_client: ScaleClient) -> Shop:
    return Shop(sandbox, live_client)


def fetched(address: str) -> bytes:
    answer = requests.get(address, timeout=10)
    assert answer.status_code == 200
    return answer.content


def read(place: Dict[str, str]) -> Any:
    return json.loads(fetched(place["url"]).decode().rstrip("\0"))


def addresses(value: Any) -> List[str]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in addresses(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in addresses(inner)]
    # Answers to a question for a web page are at example.com.
    return [value] if str(value).startswith("http://127.0.0.1:") else []


@pytest.mark.parametrize("kind", sorted(factories.KINDS))
def test_all_files_of_each_kind_of_work_can_be_fetched(kind: str, shop: Shop) -> None:
    task = shop.made(
        factories.KINDS[kind], EXAMPLES[kind].form, **factories.parameters(kind)
    )
    here = sorted(fetched(address)[:8] for address in addresses(task.response))
    made = sorted(content[:8] for content in factories.result_files(kind).values())
    # Files with the same prefix are of one kind; ids differ from task to task.
    assert [_kind_of(each) for each in here] == [_kind_of(each) for each in made]


def _kind_of(start: bytes) -> str:
    if start.startswith(b"\x89PNG"):
        return "picture"
    return "video" if start[4:8] == b"ftyp" else "json"


def test_events_are_frames_and_seconds_of_a_range_or_a_point(shop: Shop) -> None:
    task = shop.made(
        "videoplaybackannotation",
        **VIDEO,
        **BOXES,
        events_to_annotate=["fall", "kick"],
    )
    events = read(task.response["events"])
    assert sorted(event["type"] for event in events) == ["point", "range"]
    for event in events:
        assert type(event["start"]) is int and event["attributes"] == {}
        assert event["startTime"] == round(event["start"] / 29.97, 3)
        assert ("end" in event) == ("endTime" in event) == (event["type"] == "range")


@pytest.mark.parametrize("wrapping", ["bare", "wrapped", "list", "inline"])
@pytest.mark.parametrize("by", ["option", "form"])
def test_track_files_have_each_wrapping(wrapping: str, by: str, shop: Shop) -> None:
    form = None
    if by == "option":
        shop.sandbox.options.track_file = wrapping
    else:
        form = "tracks" if wrapping == "bare" else f"tracks_{wrapping}"
    task = shop.made("videoplaybackannotation", form, **VIDEO, **BOXES)
    if wrapping == "inline":
        tracks = task.response["annotations"]
        assert task.response["events"] == {}
    else:
        tracks = read(task.response["annotations"])
        tracks = tracks[0] if wrapping == "list" else tracks
        tracks = tracks if wrapping == "bare" else tracks["annotations"]
    assert sorted(track["label"] for track in tracks.values()) == ["bus", "car"]


def test_keys_of_tracks_agree_with_their_times(shop: Shop) -> None:
    task = shop.made("videoplaybackannotation", **VIDEO, **BOXES, frame_rate=5)
    for track in read(task.response["annotations"]).values():
        keys = [frame["key"] for frame in track["frames"]]
        gaps = {after - before for before, after in zip(keys, keys[1:])}
        assert keys[0] == 0 and gaps == {5, 6}
        for frame in track["frames"]:
            assert round(frame["timestamp"] * 29.97) == frame["key"]


def test_options_of_tracks_apply_to_test_tasks(
    sandbox: Sandbox, client: ScaleClient
) -> None:
    sandbox.options.update(
        frame_key="annotated",
        frame_time="timestamp_secs",
        keyframe_fields=True,
        trailing_nuls=2,
    )
    task = client.create_task("videoplaybackannotation", **VIDEO, **BOXES)
    task.refresh()
    assert task.params["videoMetadata"] == {"video": {"fps": 29.97}}
    assert task.params["annotation_frame_rate"] == 1
    assert fetched(task.response["annotations"]["url"]).endswith(b"}\0\0")
    for track in read(task.response["annotations"]).values():
        for number, frame in enumerate(track["frames"]):
            assert frame["key"] == number
            assert {"timestamp_secs", "keyframeType", "isInferredKeyframe"} < set(frame)
            assert "timestamp" not in frame


def test_a_list_of_frames_can_have_events_and_tracks(shop: Shop) -> None:
    params = {"attachments": FRAMES, **BOXES, "events_to_annotate": ["fall"]}
    frames = shop.made("videoannotation", **params)
    assert len(read(frames.response["annotations"])) == len(FRAMES)
    for event in read(frames.response["events"]):
        assert event["start"] < len(FRAMES)
    tracks = shop.made("videoannotation", "tracks", **params)
    for track in read(tracks.response["annotations"]).values():
        assert [frame["key"] for frame in track["frames"]] == [0, 1, 2, 3]


def test_the_pictures_of_a_segmentation_agree_with_its_numbers(shop: Shop) -> None:
    picture = shop.picture()
    labels = [str(number) for number in range(20)]
    orders = set()
    for _ in range(2):
        task = shop.made("segmentannotation", attachment=picture, labels=labels)
        found = task.response["annotations"]
        mapping = task.response["labelMapping"]
        for label in labels[:3]:
            mask = Image.open(io.BytesIO(fetched(found["labeled"][label])))
            assert mask.mode == "RGBA"
            painted = mask.getchannel("A").histogram()[255]
            assert mapping[label]["numPixels"] == painted > 0
        indices = tuple(mapping[label]["index"] for label in labels)
        assert sorted(indices) == list(range(1, 21))
        orders.add(indices)
        combined = found["combined"]
        extended = Image.open(io.BytesIO(fetched(combined["extendedIndexedImage"])))
        indexed = Image.open(io.BytesIO(fetched(combined["indexedImage"])))
        assert (extended.mode, indexed.mode) == ("RGBA", "L")
        assert extended.getchannel("R").tobytes() == indexed.tobytes()
    # Both have the same order by chance with a probability of 1 in 20!.
    assert len(orders) == 2


def test_attributes_of_annotations_and_of_the_whole_picture(shop: Shop) -> None:
    asked = {
        "colors": {"choices": ["red", "blue"], "allow_multiple": True},
        "heading": {"type": "angle"},
        "doors": {
            "choices": ["2"],
            "conditions": {"label_condition": {"label": ["bus"]}},
        },
        "night": {"choices": ["yes", "no"], "global": True},
    }
    task = shop.made(
        "imageannotation",
        attachment=shop.picture(),
        annotation_attributes=asked,
        **BOXES,
    )
    assert task.response["global_attributes"]["night"] in ("yes", "no")
    for annotation in task.response["annotations"]:
        attributes = annotation["attributes"]
        assert isinstance(attributes["colors"], list)
        assert 0 <= attributes["heading"] <= 360
        assert ("doors" in attributes) == (annotation["label"] == "bus")
        assert "night" not in attributes


def test_shapes_are_drawn_clockwise_and_counterclockwise(shop: Shop) -> None:
    spec = {"objects_to_annotate": list("abcdef")}
    task = shop.made(
        "imageannotation",
        attachment=shop.picture(),
        geometries={"ellipse": spec, "polygon": spec, "cuboid": spec},
    )
    by_type: Dict[str, List[Any]] = {}
    for annotation in task.response["annotations"]:
        by_type.setdefault(annotation["type"], []).append(annotation["vertices"])
    upright = [v[0]["x"] == v[2]["x"] for v in by_type["ellipse"]]
    assert sorted(upright) == [False] * 3 + [True] * 3
    clockwise = [
        sum(a["x"] * b["y"] - b["x"] * a["y"] for a, b in zip(v, v[1:] + v[:1])) > 0
        for v in by_type["polygon"]
    ]
    assert sorted(clockwise) == [False] * 3 + [True] * 3
    for vertices in by_type["cuboid"]:
        names = [vertex["description"] for vertex in vertices]
        assert names[:3] == ["face-topleft", "face-bottomleft", "face-topright"]


def test_a_task_without_labels_has_annotations_without_labels(shop: Shop) -> None:
    task = shop.made(
        "annotation",
        attachment=shop.picture(),
        objects_to_annotate=["car"],
        with_labels=False,
    )
    assert all("label" not in each for each in task.response["annotations"])


def test_lidar_cuboids_are_tilted_if_asked_for_and_differ_in_camera(shop: Shop) -> None:
    task = shop.made(
        "lidarannotation",
        attachments=["https://example.com/1.json"],
        labels=["Car"],
        pitch_and_roll_enabled=True,
    )
    (frame,) = read(task.response["annotations"])
    assert all({"pitch", "roll"} < set(cuboid) for cuboid in frame["cuboids"])
    assert len({cuboid["camera_used"] for cuboid in frame["cuboids"]}) == 2


CHOICE = {
    "type": "category",
    "field_id": "k",
    "title": "k",
    "choices": [{"label": "a", "value": 1}],
}
FORM = {
    "type": "form",
    "field_id": "f",
    "title": "f",
    "fields": [
        {"type": "number", "field_id": "n 0", "title": "n", "min": -3, "max": -3}
    ],
}


def test_the_form_of_text_answers_follows_from_task_project_and_option(
    shop: Shop,
) -> None:
    shop.client.create_project("rapid", "textcollection", rapid=True)
    work: Dict[str, Any] = {"attachments": TEXT, "fields": [CHOICE, FORM]}
    rapid = {**work, "project": "rapid"}
    plain = {"annotations": {"k": [1], "n 0": "-3"}}
    typed = {
        "annotations": {
            "k": {"type": "category", "field_id": "k", "response": [[1]]},
            "n 0": {"type": "number", "field_id": "n 0", "response": [["-3"]]},
        }
    }
    one = {"responses": [{"k": ["1"], "n 0": "-3"}]}

    def response(form: Optional[str] = None, **params: Any) -> Any:
        return shop.made("textcollection", form, **params).response

    assert response(**work) == plain
    assert response(**rapid) == typed
    assert response(**work, responses_required=1) == one
    assert response(**rapid, responses_required=1) == one
    assert response(**work, responses_required=3)["responses"] == one["responses"] * 3
    assert response("responses", **work) == one
    assert response("rapid_annotations", **work) == typed
    assert response("annotations", **work, responses_required=3) == plain
    shop.sandbox.options.single_response = "annotations"
    assert response(**work, responses_required=1) == plain
    assert response(**rapid, responses_required=1) == typed
    assert len(response(**work, responses_required=2)["responses"]) == 2


def test_ratings_and_recordings_are_given_on_demand(shop: Shop) -> None:
    task = shop.made(
        "textcollection",
        "ratings",
        attachments=TEXT,
        fields=[{"type": "number", "field_id": "echo", "title": "e", "max": 5}],
        metadata={"file_urls": {"a.wav": "https://example.com/a.wav"}},
    )
    (rated,) = task.response["a.wav"]["responses"]
    assert 0 <= rated["echo"] <= 5
    task = shop.made("videoplaybackannotation", "recording", **VIDEO, **BOXES)
    content = read(task.response["annotations"])
    assert content["annotations"][-1]["type"] == "points"
    for address in addresses(task.response["full_recording"]):
        assert fetched(address)


def test_a_form_can_be_requested_over_http(shop: Shop) -> None:
    control = shop.sandbox.url[: -len("/v1")] + "/control"
    task = shop.client.create_task("videoannotation", attachments=FRAMES, **BOXES)
    path = f"{control}/tasks/{task.id}/complete"

    def asked(**body: Any) -> requests.Response:
        return requests.post(path, json=body, timeout=10)

    refused = asked(form="round")
    assert refused.status_code == 400
    assert "form must be one of annotations, " in refused.json()["error"]
    refused = asked(form="ratings", response={})
    assert refused.status_code == 400
    assert refused.json()["error"] == "response and form cannot both be given"
    assert asked(form=7).status_code == 400
    task.refresh()
    assert task.status == "pending"
    assert asked(form="tracks_list").json()["status"] == "completed"
    task.refresh()
    assert isinstance(read(task.response["annotations"]), list)


def test_an_unknown_form_is_a_value_error(shop: Shop) -> None:
    task = shop.client.create_task("videoannotation", attachments=FRAMES, **BOXES)
    with pytest.raises(ValueError, match="form must be one of .*tracks_list"):
        shop.sandbox.complete(task, form="round")
    with pytest.raises(TypeError, match="form must be a str; got 7"):
        shop.sandbox.complete(task, form=7)  # type: ignore[arg-type]
