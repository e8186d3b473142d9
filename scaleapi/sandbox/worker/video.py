"""Videos (contract 7.5): the annotations of images, followed through frames."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List

from scaleapi.sandbox.worker.attributes import Annotation
from scaleapi.sandbox.worker.frames import frame_count, frame_rate, frames_in_view
from scaleapi.sandbox.worker.geometry import annotations_of
from scaleapi.sandbox.worker.job import Job, Size
from scaleapi.sandbox.worker.labels import label_names

_PIXELS_A_FRAME = 2
#: Frames between the key frames of a track, and how many of them.
_KEY_DISTANCE = 5
_KEY_FRAMES = 3

_ACROSS = ("x", "x1", "x2", "left")
_POINTS = ("vertices", "edges", "points_2d")


def annotate_frames(job: Job) -> Dict[str, Any]:
    """Answer with a file of one element a frame."""
    size = job.image_size()
    objects = annotations_of(job, size)
    count = frame_count(job)
    in_view = frames_in_view(objects, count)
    frames = [
        {
            "annotations": [_at_frame(found, number, size) for found in objects]
            if number < in_view
            else []
        }
        for number in range(count)
    ]
    return {"response": {"annotations": job.publish_json("annotations.json", frames)}}


def track_objects(job: Job) -> Dict[str, Any]:
    """Answer with a file of tracks, and one of events where they are asked for."""
    size = job.image_size()
    objects = annotations_of(job, size)
    keys = range(0, frame_count(job), _KEY_DISTANCE)
    keys = keys[: frames_in_view(objects, _KEY_FRAMES)]
    tracks = {
        found["uuid"]: {
            "label": found["label"],
            "geometry": found["type"],
            "frames": _key_frames(job, found, size, keys),
        }
        for found in objects
    }
    response = {"annotations": job.publish_json("annotations.json", tracks)}
    if job.params.get("events_to_annotate"):
        response["events"] = job.publish_json("events.json", _events(job))
    return {"response": response}


def _key_frames(
    job: Job, found: Annotation, size: Size, keys: Iterable[int]
) -> List[Dict[str, Any]]:
    said_once = ("uuid", "type", "label")
    return [
        {
            "key": key,
            "timestamp": round(key / frame_rate(job), 3),
            **{
                name: value
                for name, value in _at_frame(found, key, size).items()
                if name not in said_once
            },
        }
        for key in keys
    ]


def _events(job: Job) -> List[Dict[str, Any]]:
    # Contract 7.5: keys beyond `label` are a guess.
    length = frame_count(job) / frame_rate(job)
    events = []
    for label in label_names(job.params.get("events_to_annotate")):
        start, end = sorted(job.dice.uniform(0, length) for _ in range(2))
        events.append(
            {
                "label": label,
                "type": "range",
                "start": round(start, 3),
                "end": round(end, 3),
            }
        )
    return events


def _at_frame(found: Annotation, number: int, size: Size) -> Annotation:
    """Return the object some frames later: it goes right until the edge."""
    room = max(0, int(size[0] - _right_edge(found)))
    distance = min(number * _PIXELS_A_FRAME, room)
    moved = _moved(found, distance)
    for name in _POINTS:
        if name in found:
            moved[name] = [_moved(point, distance) for point in found[name]]
    return moved


def _moved(shape: Dict[str, Any], distance: int) -> Dict[str, Any]:
    return {
        name: round(value + distance, 2) if name in _ACROSS else value
        for name, value in shape.items()
    }


def _right_edge(found: Annotation) -> float:
    shapes = [found, *found.get("vertices", ())]
    edges = [shape["x"] for shape in shapes if "x" in shape]
    if "left" in found:
        edges.append(found["left"] + found["width"])
    return float(max(edges))
