"""Answers about videos: frames, tracks, events, and recordings."""

from __future__ import annotations

import json
import math
from typing import Any, Dict, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleapi.sandbox.labeler import LabelerContext, respond
from scaleapi.sandbox.options import Options

FRAMES = [f"https://example.com/{number}.jpg" for number in range(4)]
VIDEO = {"attachment": "https://example.com/1.mp4", "attachment_type": "video"}
GEOMETRIES = {
    kind: {"objects_to_annotate": ["person", "car"]}
    for kind in ("box", "polygon", "line", "point", "cuboid", "ellipse")
}
BOXES = {"geometries": {"box": {"objects_to_annotate": ["person"]}}}
ATTRIBUTES = {"moving": {"type": "category", "choices": ["yes"]}}
GLOBAL = {**ATTRIBUTES, "night": {"choices": ["no"], "global": True}}


class Answer:
    """The keys that are added to a task, and the files that its response names."""

    def __init__(
        self,
        task_type: str,
        params: Dict[str, Any],
        size: Optional[Tuple[int, int]] = None,
        *,
        form: Optional[str] = None,
        task_id: str = "60cbc3fc",
        **options: Any,
    ) -> None:
        self.files: Dict[str, Tuple[bytes, str]] = {}
        place = LabelerContext(
            lambda _: size, self._publish, options=Options(**options)
        )
        task = {"task_id": task_id, "type": task_type, "params": params}
        self.given = respond(task, place, form)
        self.response = self.given["response"]

    def _publish(self, name: str, content: bytes, mime_type: str) -> str:
        url = f"https://sandbox/{len(self.files)}/{name}"
        self.files[url] = (content, mime_type)
        return url

    def file(self, key: str) -> Any:
        content, mime_type = self.files[self.response[key]["url"]]
        assert mime_type == "application/json"
        return json.loads(content.decode())

    def track_keys(self) -> List[int]:
        """Return the keys of the frames, which are the same for all tracks."""
        found = [
            [frame["key"] for frame in track["frames"]]
            for track in self.file("annotations").values()
        ]
        assert found == [found[0]] * len(found)
        return found[0]


def test_a_video_has_one_element_a_frame_and_follows_objects_by_uuid() -> None:
    params = {"attachments": FRAMES, "geometries": GEOMETRIES}
    frames = Answer("videoannotation", params).file("annotations")
    assert len(frames) == len(FRAMES)
    uuids = [[each["uuid"] for each in frame["annotations"]] for frame in frames]
    assert uuids.count(uuids[0]) == len(FRAMES)
    assert frames[0]["annotations"] != frames[1]["annotations"]
    assert all(set(frame) == {"annotations"} for frame in frames)


def test_objects_of_a_video_stay_inside_the_image_on_every_frame() -> None:
    params = {"attachments": FRAMES * 100, "geometries": GEOMETRIES}
    frames = Answer("videoannotation", params, (300, 200)).file("annotations")
    for frame in frames:
        for found in frame["annotations"]:
            across = [vertex["x"] for vertex in found.get("vertices", [])]
            across += [found["left"] + found["width"]] if "left" in found else []
            across += [found["x"]] if "x" in found else []
            assert all(0 <= x <= 300 for x in across)


@pytest.mark.parametrize(("rate", "frames"), [(None, 10), (5, 50), ("2.5", 25)])
@pytest.mark.parametrize("place", ["attachment", "attachments"])
def test_a_video_in_one_file_has_as_many_frames_as_are_annotated(
    rate: Any, frames: int, place: str
) -> None:
    address = VIDEO["attachment"]
    params = {
        **BOXES,
        place: address if place == "attachment" else [address],
        "attachment_type": "video",
        "frame_rate": rate,
    }
    assert len(Answer("videoannotation", params).file("annotations")) == frames


@pytest.mark.parametrize(
    ("task_type", "kind"),
    [("videoboxannotation", "box"), ("videocuboidannotation", "cuboid")],
)
def test_an_old_video_type_has_one_geometry(task_type: str, kind: str) -> None:
    params = {"attachments": FRAMES, "objects_to_annotate": ["car"]}
    frames = Answer(task_type, params).file("annotations")
    assert {each["type"] for frame in frames for each in frame["annotations"]} == {kind}


def test_each_frame_has_its_own_global_attributes() -> None:
    params = {"attachments": FRAMES, **BOXES, "annotation_attributes": GLOBAL}
    answer = Answer("videoannotation", params)
    assert set(answer.response) == {"annotations"}
    for frame in answer.file("annotations"):
        assert frame["global_attributes"] == {"night": "no"}
        for found in frame["annotations"]:
            assert found["attributes"] == {"moving": "yes"}


def test_a_playback_answer_is_a_track_an_object() -> None:
    params = {**VIDEO, **BOXES, "annotation_attributes": ATTRIBUTES}
    answer = Answer("videoplaybackannotation", params)
    assert set(answer.response) == {"annotations"}
    assert set(answer.given) == {"response"}
    tracks = answer.file("annotations")
    assert len(tracks) == 2
    for track in tracks.values():
        assert (track["label"], track["geometry"]) == ("person", "box")
        for frame in track["frames"]:
            assert frame["attributes"] == {"moving": "yes"}
            assert set(frame) == {
                "key",
                "timestamp",
                "left",
                "top",
                "width",
                "height",
                "attributes",
            }


def test_tracks_have_no_labels_if_none_are_requested() -> None:
    spec = {"objects_to_annotate": ["person"], "with_labels": False}
    params = {**VIDEO, "geometries": {"box": spec}}
    for track in Answer("videoplaybackannotation", params).file("annotations").values():
        assert set(track) == {"geometry", "frames"}


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        ({}, [0, 29, 59, 89, 119, 149, 179, 209, 239, 269]),
        ({"frame_rate": 5}, [0, 5, 11, 17, 23, 29, 35, 41, 47, 53]),
        ({"frame_rate": "5"}, [0, 5, 11, 17, 23, 29, 35, 41, 47, 53]),
        ({"frame_rate": 12}, [0, 2, 4, 7, 9, 12, 14, 17, 19, 22]),
        ({"frame_rate": 0.5}, [0, 59, 119, 179, 239]),
        ({"frame_rate": 500}, list(range(10))),
        ({"frame_rate": -5}, [0, 29, 59, 89, 119, 149, 179, 209, 239, 269]),
        (
            {"frame_rate": 5, "videoMetadata": {"video": {"fps": 25}}},
            [0, 5, 10, 15, 20, 25, 30, 35, 40, 45],
        ),
    ],
)
def test_keys_count_frames_of_the_video_and_frame_rate_selects_them(
    params: Dict[str, Any], keys: List[int]
) -> None:
    answer = Answer("videoplaybackannotation", {**VIDEO, **BOXES, **params})
    assert answer.track_keys() == keys


RATES = st.floats(0.05, 60) | st.integers(1, 60)


@given(rate=RATES, fps=st.sampled_from([29.97, 23.976, 25, 59.94, 15.5]))
def test_keys_and_times_agree_for_both_values_of_frame_key(
    rate: float, fps: float
) -> None:
    params = {
        **VIDEO,
        **BOXES,
        "frame_rate": rate,
        "videoMetadata": {"video": {"fps": fps, "codec": "h264"}},
    }
    first = Answer("videoplaybackannotation", params)
    second = Answer("videoplaybackannotation", params, frame_key="annotated")
    frames = next(iter(first.file("annotations").values()))["frames"]
    assert [f["timestamp"] for f in frames] == [
        round(k / fps, 3) for k in first.track_keys()
    ]
    assert all(frame["timestamp"] < 10 for frame in frames)
    assert second.track_keys() == list(range(len(frames)))
    told = second.given["params"]
    assert told["videoMetadata"]["video"] == {"fps": fps, "codec": "h264"}
    for key, frame in zip(second.track_keys(), first.track_keys()):
        computed = math.floor(key * fps / told["annotation_frame_rate"] + 1e-9)
        assert computed == frame
    times = [
        [f["timestamp"] for f in track["frames"]]
        for track in second.file("annotations").values()
    ]
    assert times == [[f["timestamp"] for f in frames]] * len(times)


def test_frame_key_annotated_changes_no_other_parameters() -> None:
    params = {**VIDEO, **BOXES, "odd": [1]}
    answer = Answer("videoplaybackannotation", params, frame_key="annotated")
    assert answer.given["params"] == {
        **params,
        "annotation_frame_rate": 1,
        "videoMetadata": {"video": {"fps": 29.97}},
    }


def test_all_listed_frames_are_annotated() -> None:
    params = {
        "attachments": ["a", "b", "c", "d", "e", "f", "g"],
        "frame_rate": 10,
        "geometries": GEOMETRIES,
        "events_to_annotate": [str(number) for number in range(20)],
    }
    answer = Answer("videoplaybackannotation", params)
    assert answer.track_keys() == [0, 1, 2, 3, 4, 5, 6]
    for event in answer.file("events"):
        assert 0 <= event["start"] < event.get("end", 7) < 8
        assert event["startTime"] == event["start"] / 10


def test_a_track_moves_to_the_right_and_stays_inside_the_image() -> None:
    params = {**VIDEO, "geometries": GEOMETRIES}
    answer = Answer("videoplaybackannotation", params, (300, 200))
    for track in answer.file("annotations").values():
        places = [
            max(
                [vertex["x"] for vertex in frame.get("vertices", [])]
                or [frame.get("x", frame.get("left"))]
            )
            for frame in track["frames"]
        ]
        assert places == sorted(places) and places[-1] <= 300


TRACKS = Answer("videoplaybackannotation", {**VIDEO, **BOXES}).file("annotations")


@pytest.mark.parametrize(
    ("wrapping", "around"),
    [
        ("bare", lambda tracks: tracks),
        ("wrapped", lambda tracks: {"annotations": tracks}),
        ("list", lambda tracks: [{"annotations": tracks}]),
    ],
)
def test_option_track_file_determines_the_wrapping(wrapping: str, around: Any) -> None:
    params = {**VIDEO, **BOXES}
    answer = Answer("videoplaybackannotation", params, track_file=wrapping)
    assert answer.file("annotations") == around(TRACKS)
    assert set(answer.response) == {"annotations"}


def test_inline_tracks_and_events_are_in_the_response_without_a_file() -> None:
    params = {**VIDEO, **BOXES}
    answer = Answer("videoplaybackannotation", params, track_file="inline")
    assert answer.response == {"annotations": TRACKS, "events": {}}
    assert answer.files == {}
    params["events_to_annotate"] = ["fall"]
    answer = Answer("videoplaybackannotation", params, track_file="inline")
    assert [event["label"] for event in answer.response["events"]] == ["fall"] * 2
    assert answer.files == {}


@pytest.mark.parametrize("wrapping", ["bare", "wrapped", "list", "inline"])
def test_global_attributes_of_a_video_are_beside_its_tracks(wrapping: str) -> None:
    params = {**VIDEO, **BOXES, "annotation_attributes": GLOBAL}
    answer = Answer("videoplaybackannotation", params, track_file=wrapping)
    said = {"night": "no"}
    if wrapping == "inline":
        assert answer.response["events"] == [{"attributes": said}]
    elif wrapping == "bare":
        assert answer.response["global_attributes"] == said
    else:
        content = answer.file("annotations")
        element = content[0] if wrapping == "list" else content
        assert element["global_attributes"] == said


@pytest.mark.parametrize("reading", ["video", "annotated"])
@pytest.mark.parametrize("name", ["timestamp", "timestamp_secs", "none"])
def test_option_frame_time_determines_the_key_of_the_time(
    name: str, reading: str
) -> None:
    answer = Answer(
        "videoplaybackannotation",
        {**VIDEO, **BOXES},
        frame_time=name,
        frame_key=reading,
    )
    for track in answer.file("annotations").values():
        for frame in track["frames"]:
            names = {key for key in frame if key.startswith("timestamp")}
            assert names == {name} - {"none"}


def test_keyframe_fields_mark_the_start_of_a_track_and_inferred_frames() -> None:
    answer = Answer("videoplaybackannotation", {**VIDEO, **BOXES}, keyframe_fields=True)
    for track in answer.file("annotations").values():
        kinds = [frame["keyframeType"] for frame in track["frames"]]
        assert kinds == ["start"] + ["middle"] * 8 + ["end"]
        inferred = [frame["isInferredKeyframe"] for frame in track["frames"]]
        assert inferred[0] is inferred[-1] is False
        assert set(inferred) == {True, False}


def test_a_track_of_one_frame_has_a_start_keyframe() -> None:
    params = {**BOXES, "attachments": FRAMES[:1], "attachment_type": "image"}
    answer = Answer("videoannotation", params, form="tracks", keyframe_fields=True)
    for track in answer.file("annotations").values():
        (frame,) = track["frames"]
        assert frame["key"] == 0 and frame["keyframeType"] == "start"


@pytest.mark.parametrize("form", [None, "frames", "tracks_list", "recording"])
def test_option_trailing_nuls_determines_the_nuls_at_the_end_of_files(
    form: Optional[str],
) -> None:
    params = {**VIDEO, **BOXES, "events_to_annotate": ["fall"]}
    answer = Answer("videoplaybackannotation", params, form=form, trailing_nuls=3)
    names = [name for name in ("annotations", "events") if name in answer.response]
    for name in names:
        content, _ = answer.files[answer.response[name]["url"]]
        assert content.endswith(b"\0\0\0") and not content.endswith(b"\0\0\0\0")
        assert json.loads(content.rstrip(b"\0").decode())


VIDEO_TYPES = [
    "videoannotation",
    "videoboxannotation",
    "videocuboidannotation",
    "videoplaybackannotation",
    "federal2dvideoannotation",
]


@pytest.mark.parametrize("task_type", VIDEO_TYPES)
@pytest.mark.parametrize("attachments", [{"attachments": FRAMES}, VIDEO])
def test_every_video_type_has_events_if_they_are_requested(
    task_type: str, attachments: Dict[str, Any]
) -> None:
    params = {**attachments, **BOXES, "objects_to_annotate": ["car"]}
    assert set(Answer(task_type, params).response) == {"annotations"}
    params["events_to_annotate"] = ["fall", {"choice": "game", "subchoices": ["kick"]}]
    params["frame_rate"] = 5
    answer = Answer(task_type, params)
    assert set(answer.response) == {"annotations", "events"}
    events = answer.file("events")
    assert [event["label"] for event in events] == ["fall", "kick"]
    assert {event["type"] for event in events} == {"range", "point"}
    if "attachments" in params:
        frames, rate = len(FRAMES), 5.0
    elif task_type == "videoplaybackannotation":
        frames, rate = 300, 29.97
    else:
        frames, rate = len(answer.file("annotations")), 5.0
    for event in events:
        times = {"start", "startTime"}
        if event["type"] == "range":
            times |= {"end", "endTime"}
            assert event["start"] < event["end"]
            assert event["endTime"] == round(event["end"] / rate, 3)
        assert set(event) == {"label", "type", "attributes"} | times
        assert event["attributes"] == {}
        assert type(event["start"]) is type(event.get("end", 0)) is int
        assert event["start"] >= 0
        assert event.get("end", event["start"]) < frames
        assert event["startTime"] == round(event["start"] / rate, 3)


def test_events_in_a_video_of_one_frame_have_no_duration() -> None:
    params = {"attachments": FRAMES[:1], **BOXES, "events_to_annotate": ["fall"]}
    events = Answer("videoannotation", params).file("events")
    assert [(event["type"], event["start"]) for event in events] == [("point", 0)] * 2


def test_options_and_forms_do_not_change_the_content_of_the_annotations() -> None:
    params = {**VIDEO, **BOXES, "events_to_annotate": ["fall"]}
    plain = Answer("videoplaybackannotation", params)
    other = Answer(
        "videoplaybackannotation",
        params,
        form="tracks_keyframes",
        frame_time="timestamp_secs",
    )
    assert other.file("events") == plain.file("events")
    tracks = other.file("annotations")
    for track in tracks.values():
        for frame in track["frames"]:
            frame["timestamp"] = frame.pop("timestamp_secs")
            del frame["keyframeType"], frame["isInferredKeyframe"]
    assert tracks == plain.file("annotations")


def test_a_recording_says_what_was_done_when_and_where_points_were() -> None:
    params = {
        **VIDEO,
        "geometries": {
            "box": {"objects_to_annotate": ["cutting", "stirring"]},
            "point": {"objects_to_annotate": ["wrist", "thumb"]},
        },
    }
    answer = Answer("videoplaybackannotation", params, form="recording")
    assert set(answer.response) == {"annotations", "full_recording"}
    content = answer.file("annotations")
    assert set(content) == {"attributes", "annotations"}
    *actions, points = content["annotations"]
    assert [action["label"] for action in actions] == ["cutting", "stirring"]
    for action in actions:
        assert set(action) == {"type", "label", "clips"}
        assert action["type"] == "text_annotation"
        end = 0.0
        for clip in action["clips"]:
            assert end <= clip["timestamp"] and clip["duration"] > 0
            end = clip["timestamp"] + clip["duration"]
            assert isinstance(clip["text"], str)
            assert set(clip["attributes"][0]) == {"name", "values"}
        assert end <= 10
    assert points["type"] == "points" and points["labels"] == ["wrist", "thumb"]
    assert len(points["paths"]) == 2
    for path in points["paths"]:
        assert path["timestamps"] == sorted(path["timestamps"])
        assert len(path["values"]) == len(path["timestamps"])
        assert {len(value) for value in path["values"]} == {3}
    recording = answer.response["full_recording"]
    assert recording["sfs_url"] in answer.files
    assert [each["sensor_id"] for each in recording["video_urls"]] == ["left", "right"]
    for each in recording["video_urls"]:
        content, mime_type = answer.files[each["rgb_url"]]
        assert mime_type == "video/mp4" and content[4:8] == b"ftyp"
