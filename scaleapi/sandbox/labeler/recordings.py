"""Responses for recordings of people and robots, as seen in one user's data.

They are made on demand only, for no parameter of a task is known to ask for them.
"""

from __future__ import annotations

from typing import Any, Dict, List

from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import an_object
from scaleapi.sandbox.labeler.labels import label_names

_MAX_LABELS = 20
_CLIPS = 3
_SECONDS_A_CLIP = 3
_POSITIONS = 5
_SECONDS_A_POSITION = 0.1

_SENSORS = ("left", "right")
_SCENES = ("kitchen", "workshop", "street")
#: The shortest valid MP4 file; it has no tracks.
_EMPTY_VIDEO = bytes.fromhex(
    "0000001c66747970 69736f6d00000200 69736f6d69736f32 6d703431 000000086d646174"
)


def record(job: Job) -> Dict[str, Any]:
    """Answer with actions, positions of the hands, and the recording."""
    content = {
        "attributes": [{"name": "scene", "values": [job.rng.choice(_SCENES)]}],
        "annotations": [
            *(_actions(job, label) for label in _labels(job, "box") or ["action"]),
            _positions(job),
        ],
    }
    videos = [
        {
            "sensor_id": sensor,
            "rgb_url": job.context.publish(sensor, _EMPTY_VIDEO, "video/mp4"),
        }
        for sensor in _SENSORS
    ]
    # The content at this URL is not known.
    # api-notes: recordings (guess)
    scene = job.publish_json("scene", {"sensors": [{"id": each} for each in _SENSORS]})
    return {
        "response": {
            "annotations": job.publish_video("annotations.json", content),
            "full_recording": {"sfs_url": scene["url"], "video_urls": videos},
        }
    }


def _labels(job: Job, geometry: str) -> List[str]:
    spec = an_object(an_object(job.params.get("geometries")).get(geometry))
    return label_names(spec.get("objects_to_annotate"), _MAX_LABELS)


def _actions(job: Job, label: str) -> Dict[str, Any]:
    """Return texts about consecutive intervals of time."""
    clips = []
    for number in range(_CLIPS):
        start = number * _SECONDS_A_CLIP + job.rng.randint(0, 2) * 0.25
        hand = job.rng.choice(_SENSORS)
        clips.append(
            {
                "timestamp": start,
                "duration": job.rng.randint(1, 10) * 0.25,
                "text": job.sentence(),
                "attributes": [{"name": "hand", "values": [hand]}],
            }
        )
    return {"type": "text_annotation", "label": label, "clips": clips}


def _positions(job: Job) -> Dict[str, Any]:
    """Return the positions of points over time, each point on its own path."""
    labels = _labels(job, "point") or ["wrist"]
    times = [round(n * _SECONDS_A_POSITION, 3) for n in range(_POSITIONS)]
    return {
        "type": "points",
        "labels": labels,
        "paths": [
            {
                "timestamps": times,
                "values": [
                    [round(job.rng.random(), 3) for _ in range(3)] for _ in times
                ],
            }
            for _ in labels
        ],
    }
