"""Videos, recordings, lidar and segmentations, in all their forms."""

from __future__ import annotations

import math
from typing import Any, Dict

import pytest

from scaleapi.annotations import parse

UUID = "7c1e9b54-20aa-4f0e-8d31-5b6a7c8d9e0f"
PLACE = {"left": 10, "top": 10, "width": 50, "height": 80}
TRACKS: Dict[str, Any] = {
    UUID: {
        "label": "person",
        "geometry": "box",
        "frames": [
            {"key": 0, "timestamp": 0.0, **PLACE, "attributes": {"sits": "no"}},
            {"key": 6, "timestamp": 0.2, **PLACE, "left": 12.5},
        ],
    }
}


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(TRACKS, id="bare"),
        pytest.param({"annotations": TRACKS}, id="wrapped"),
        pytest.param([{"annotations": TRACKS}], id="list"),
        pytest.param(
            {"task_id": "1", "response": {"annotations": TRACKS, "events": {}}},
            id="inline",
        ),
        pytest.param(
            {"annotations": {"url": "https://example.com/1", "data": TRACKS}},
            id="saved by a user",
        ),
    ],
)
def test_tracks_are_found_in_each_wrapping(task: Any) -> None:
    # api-notes: tracks
    found = parse(task)
    (track,) = found.tracks
    assert (track.uuid, track.label, track.geometry) == (UUID, "person", "box")
    assert track.raw is TRACKS[UUID]
    assert [moment.key for moment in track.frames] == [0, 6]
    assert [moment.time for moment in track.frames] == [0.0, 0.2]
    second = track.frames[1].shape
    assert (second.label, second.uuid, second.frame) == ("person", UUID, 6)
    assert second.bounds == (12.5, 10, 62.5, 90)
    assert second.raw is TRACKS[UUID]["frames"][1]
    assert track.frames[0].attributes == {"sits": "no"}
    assert [(frame.number, frame.time) for frame in found.frames] == [
        (0, 0.0),
        (6, 0.2),
    ]
    assert [box.left for box in found.boxes] == [10, 12.5]
    assert (found.events, found.unknown, found.unknown_keys) == ((), (), {})


@pytest.mark.parametrize("frame", ["wrapped", "in the results"])
def test_a_track_file_is_read_in_place_of_its_address(frame: str) -> None:
    task = {"task_id": "1", "response": {"annotations": {"url": "https://a/1"}}}
    content = {"annotations": TRACKS, "global_attributes": {"night": "no"}}
    found = parse(task, {"annotations": content if frame == "wrapped" else TRACKS})
    assert [track.uuid for track in found.tracks] == [UUID]
    assert found.global_attributes == ({"night": "no"} if frame == "wrapped" else {})


def test_both_readings_of_a_key_are_given_and_nothing_is_converted_in_silence() -> None:
    params = {"annotation_frame_rate": 5, "videoMetadata": {"video": {"fps": 29.92}}}
    task = {"task_id": "1", "params": params, "response": {"annotations": TRACKS}}
    moment = parse(task).tracks[0].frames[1]
    assert (moment.key, moment.time) == (6, 0.2)
    assert moment.frame_number == 6
    assert moment.converted_frame_number == math.floor(6 * 29.92 / 5) == 35
    without = parse({"annotations": TRACKS}).tracks[0].frames[1]
    assert (without.frame_number, without.converted_frame_number) == (6, None)


def test_a_moment_of_a_track_bears_other_names() -> None:
    frames = [
        {"key": 3, "timestamp_secs": 1.5, "x": 1, "y": 2, "width": 3, "height": 4},
        {"key": 4, "x": 1, "y": 2, "width": 3, "height": 4, "keyframeType": "start"},
        {"key": 5, "x": 1, "y": 2, "width": 3, "height": 4, "isInferredKeyframe": True},
        {"key": 6},
        7,
    ]
    found = parse({UUID: {"label": "ball", "frames": frames}, "note": 1})
    (track,) = found.tracks
    assert [moment.time for moment in track.frames] == [1.5, None, None]
    assert track.frames[0].shape.bounds == (1, 2, 4, 6)
    assert track.frames[1].keyframe_type == "start"
    assert [m.is_inferred for m in track.frames] == [None, None, True]
    assert found.unknown == (1, {"key": 6}, 7)


def test_a_track_of_polygons_has_vertices_in_each_frame() -> None:
    corners = [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 0, "y": 9}]
    track = {"label": "lake", "geometry": "polygon", "frames": [{"vertices": corners}]}
    assert parse({UUID: track}).polygons[0].vertices == ((1, 2), (3, 4), (0, 9))
    line = {**track, "geometry": "line"}
    assert len(parse({UUID: line}).lines) == 1


def test_a_list_of_frames_has_frames_and_tracks() -> None:
    box = {"uuid": UUID, "type": "box", "label": "person", **PLACE}
    frames = [
        {"annotations": [box], "global_attributes": {"night": "yes"}},
        {"annotations": []},
        {"annotations": [box, {"type": "spiral"}]},
    ]
    found = parse(frames)
    assert [frame.number for frame in found.frames] == [0, 1, 2]
    assert [len(frame.boxes) for frame in found.frames] == [1, 0, 1]
    assert found.frames[0].raw is frames[0]
    assert found.frames[0].global_attributes == {"night": "yes"}
    assert found.frames[2].boxes[0].frame == 2
    (track,) = found.tracks
    assert (track.uuid, track.label, track.raw) == (UUID, "person", None)
    assert [(moment.key, moment.time) for moment in track.frames] == [
        (0, None),
        (2, None),
    ]
    assert len(found.boxes) == 2
    assert found.unknown == ({"type": "spiral"},)


EVENTS = [
    {
        "label": "fall",
        "type": "range",
        "start": 12,
        "end": 48,
        "startTime": 0.5,
        "endTime": 2.0,
        "attributes": {"hard": "yes"},
    },
    {"label": "kick", "type": "point", "start": 30, "startTime": 1.25},
]


@pytest.mark.parametrize("content", [EVENTS, {"events": EVENTS}])
def test_events_have_frames_and_seconds(content: Any) -> None:
    # api-notes: events
    urls = {"annotations": {"url": "https://a/1"}, "events": {"url": "https://a/2"}}
    found = parse({"task_id": "1", "response": urls}, {"events": content})
    fall, kick = found.events
    assert (fall.label, fall.type, fall.start, fall.end) == ("fall", "range", 12, 48)
    assert (fall.start_time, fall.end_time) == (0.5, 2.0)
    assert fall.attributes == {"hard": "yes"}
    assert (kick.end, kick.end_time, kick.attributes) == (None, None, {})
    assert fall.raw is EVENTS[0]
    assert found.result_urls == {"annotations": "https://a/1"}


@pytest.mark.parametrize("key", ["start", "startTime"])
def test_the_file_of_events_is_read_by_itself(key: str) -> None:
    events: Any = [{"type": "range", "label": "fall", key: 1, "end": 2}]
    events.append({"attributes": {"weather": "rain"}})
    for content in (events, {"events": events}):
        found = parse(content)
        assert [event.label for event in found.events] == ["fall"]
        assert found.global_attributes == {"weather": "rain"}
        assert (found.entities, found.unknown) == ((), ())
    others = [{"start": 1, "end": 2, "label": "x"}, {"type": "point", "x": 1, "y": 2}]
    found = parse(others)
    assert (len(found.entities), len(found.points), found.events) == (1, 1, ())


def test_an_event_with_attributes_alone_is_about_the_whole_video() -> None:
    events = [*EVENTS, {"attributes": {"weather": "rain"}}]
    found = parse({"annotations": TRACKS, "events": events})
    assert len(found.events) == 2
    assert found.global_attributes == {"weather": "rain"}


def test_a_recording_has_clips_and_paths() -> None:
    # api-notes: recordings
    clip = {
        "timestamp": 1.5,
        "duration": 2.25,
        "text": "picks up a cup",
        "attributes": [{"name": "hand", "values": ["left"]}],
    }
    path = {"timestamps": [0.0, 0.1], "values": [[0.1, 0.2, 0.9], [0.1, 0.2, 0.8]]}
    content = {
        "attributes": [{"name": "scene", "values": ["kitchen"]}],
        "annotations": [
            {"type": "text_annotation", "label": "action", "clips": [clip]},
            {"type": "points", "labels": ["wrist"], "paths": [path]},
        ],
    }
    task = {"task_id": "1", "response": {"annotations": {"url": "https://a/1"}}}
    for found in (parse(content), parse(task, {"annotations": content})):
        (first,) = found.clips
        assert (first.label, first.time, first.duration) == ("action", 1.5, 2.25)
        assert (first.text, first.attributes) == ("picks up a cup", {"hand": ["left"]})
        (way,) = found.paths
        assert (way.label, way.times, way.values[1]) == (
            "wrist",
            [0.0, 0.1],
            [0.1, 0.2, 0.8],
        )
        assert found.global_attributes == {"scene": ["kitchen"]}
        assert found.unknown == ()
    whole = {"sfs_url": "https://a/2", "video_urls": []}
    found = parse({**task["response"], "full_recording": whole})
    assert (found.full_recording, found.unknown_keys) == (whole, {})


CUBOID: Dict[str, Any] = {
    "uuid": "9A0B",
    "label": "Car",
    "camera_used": 1,
    "position": {"x": 12.5, "y": -3, "z": 0.8},
    "dimensions": {"x": 2, "y": 4, "z": 1.5},
    "yaw": math.pi / 2,
    "distance_to_device": 12.9,
    "numberOfPoints": 210,
    "stationary": False,
    "attributes": {},
}


def test_a_cuboid_in_space_has_its_numbers_as_they_came() -> None:
    # api-notes: lidar
    found = parse([{"cuboids": []}, {"cuboids": [CUBOID, 5]}])
    (cuboid,) = found.cuboids_3d
    assert (cuboid.position, cuboid.dimensions) == ((12.5, -3, 0.8), (2, 4, 1.5))
    assert (cuboid.uuid, cuboid.label, cuboid.frame) == ("9A0B", "Car", 1)
    assert (cuboid.camera, cuboid.distance, cuboid.point_count) == (1, 12.9, 210)
    assert (cuboid.pitch, cuboid.roll, cuboid.stationary) == (0, 0, False)
    assert cuboid.volume == 12
    # At 0 it points along +y; a quarter counterclockwise is along -x.
    front = cuboid.footprint[:2]
    assert front[0] == pytest.approx((10.5, -4)) and front[1] == pytest.approx(
        (10.5, -2)
    )
    assert found.unknown == (5,)
    older = {key: CUBOID[key] for key in ("uuid", "position", "dimensions", "yaw")}
    (old,) = parse([{"cuboids": [{**older, "pitch": 0.1, "roll": -0.2}]}]).cuboids_3d
    assert (old.distance, old.point_count, old.pitch, old.roll) == (
        None,
        None,
        0.1,
        -0.2,
    )


def test_boxes_in_cameras_are_linked_to_cuboids() -> None:
    box = {"cuboid_uuid": "9A0B", "label": "Car", "type": "box", **PLACE}
    unseen = {**box, "cuboid_uuid": "x", "not_in_lidar": True}
    response = {"camera_used": 3, "annotations": [box, unseen]}
    found = parse([{"camera_responses": [response]}])
    (image,) = found.frames[0].camera_images
    assert image.camera == 3
    first, second = image.boxes
    assert (first.cuboid_uuid, first.not_in_lidar) == ("9A0B", False)
    assert (second.not_in_lidar, second.camera, second.frame) == (True, 3, 0)
    assert len(found.boxes) == 2


@pytest.mark.parametrize("key", ["point_objects", "point_labels"])
def test_the_segments_of_lidar_points_have_an_index_for_each_point(key: str) -> None:
    objects = [
        {"label": "Car", "index": 1},
        {"label": "Animal", "index": 2, "instance": True},
    ]
    content = {"objects": objects, key: [[0, 0, 1, 2], [2]]}
    task = {"task_id": "1", "response": {"point_segmentations": {"url": "https://a/1"}}}
    assert len(parse(task).segments) == 0
    for found in (parse(content), parse(task, {"point_segmentations": content})):
        segments = found.segments
        assert segments.indices == {"Car": (1,), "Animal": (2,)}
        assert segments.point_indices == ([0, 0, 1, 2], [2])
        assert [segment.is_instance for segment in segments] == [False, True]
        assert found.unknown == ()


def test_a_label_without_an_entry_in_the_mapping_has_its_pictures() -> None:
    labeled = {"sky": "https://a/sky", "person": ["https://a/p1", "https://a/p2"]}
    segments = parse({"annotations": {"labeled": labeled}}).segments
    assert [(each.label, each.index, each.image) for each in segments] == [
        ("sky", None, "https://a/sky"),
        ("person", None, "https://a/p1"),
        ("person", None, "https://a/p2"),
    ]
    assert (segments.indices, segments.unknown) == ({}, ())


@pytest.mark.parametrize("sky", ["https://a/sky", ["https://a/sky"]])
def test_segments_have_indices_by_label(sky: Any) -> None:
    # api-notes: segmentation
    response = {
        "labelMapping": {
            "sky": {"index": 3, "color": "#1f77b4"},
            "person": [
                {"index": 1, "color": "#ff7f0e", "numPixels": 5120},
                {"index": 2, "color": "#2ca02c", "numPixels": 640},
            ],
        },
        "annotations": {
            "combined": {
                "image": "https://a/image",
                "indexedImage": "https://a/indexed",
                "extendedIndexedImage": "https://a/extended",
            },
            "labeled": {"sky": sky, "person": ["https://a/p1", "https://a/p2"]},
            "unlabeled": "https://a/rest",
        },
    }
    segments = parse(response).segments
    assert segments.indices == {"sky": (3,), "person": (1, 2)}
    assert segments.labels == {3: "sky", 1: "person", 2: "person"}
    assert [segment.image for segment in segments] == [
        "https://a/sky",
        "https://a/p1",
        "https://a/p2",
    ]
    assert [segment.pixel_count for segment in segments] == [None, 5120, 640]
    assert (segments[0].label, segments[0].color) == ("sky", "#1f77b4")
    assert segments.image == "https://a/image"
    assert segments.indexed_image == "https://a/indexed"
    assert segments.extended_indexed_image == "https://a/extended"
    assert segments.unlabeled_image == "https://a/rest"


def test_what_is_no_picture_of_a_segment_is_unknown() -> None:
    labeled = {"sky": 7, "car": ["https://a/1", "https://a/2"], "person": None}
    combined = {"image": ["odd"], "indexedImage": "https://a/i"}
    response = {
        "labelMapping": {"car": [{"index": 1}]},
        "annotations": {"labeled": labeled, "combined": combined, "unlabeled": 8},
    }
    found = parse(response)
    assert [(s.label, s.image) for s in found.segments] == [
        ("car", "https://a/1"),
        ("sky", None),
    ]
    assert found.unknown == (7, "https://a/2", ["odd"], 8)
    pictures = {"labeled": [9], "combined": {}}
    assert parse({"annotations": pictures, "labelMapping": 3}).unknown == (3, [9])
