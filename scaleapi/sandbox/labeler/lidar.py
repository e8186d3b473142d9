"""Responses of lidar tasks, whose attachments are never opened.

api-notes: lidar
"""

from __future__ import annotations

import math
import random
from typing import Any, Dict, List, Mapping

from scaleapi.sandbox.labeler.attributes import add_attributes, global_attributes
from scaleapi.sandbox.labeler.image_annotations import annotations_of, subjects
from scaleapi.sandbox.labeler.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.labeler.json_readers import (
    a_count,
    a_flag,
    a_text,
    an_array,
    an_object,
)
from scaleapi.sandbox.labeler.labels import label_leaves, label_names
from scaleapi.sandbox.labeler.lidar_frames import frame_count, frames_in_view

Cuboid = Dict[str, Any]

#: Number of points of a frame; the real number is in the attachment.
_POINTS = 100
_MAX_SEGMENTED_FRAMES = 200
_MAX_CUBOIDS = 1000
#: Number of cameras of a car, whose indices start at 0.
_CAMERAS = 6
_USUAL_CAMERA = 1
_MAX_CAMERA = 1000
#: Meters that a moving object moves from one frame to the next.
_SPEED = 0.5


def annotate_cuboids(job: Job) -> Dict[str, Any]:
    """Answer with a file of cuboids, frame by frame."""
    return {"response": {"annotations": _publish_cuboids(job)}}


def segment_points(job: Job) -> Dict[str, Any]:
    """Answer with a file that assigns an object to each point."""
    objects = [
        {
            "label": leaf.name,
            "index": index,
            **({"instance": True} if leaf.instance else {}),
        }
        for index, leaf in enumerate(label_leaves(job.params.get("labels")), 1)
    ]
    earlier = _earlier_frames(job)
    points = [
        job.rng.choices(range(len(objects) + 1), k=_POINTS)
        for _ in range(min(len(earlier) or frame_count(job), _MAX_SEGMENTED_FRAMES))
    ]
    content = {"objects": objects, "point_objects": points}
    response = {"point_segmentations": job.publish_json("points.json", content)}
    # There are cuboids if an earlier task has made them. api-notes: lidar (guess)
    if earlier:
        response["annotations"] = job.publish_json("annotations.json", earlier)
    elif job.params.get("lidar_task"):
        response["annotations"] = _publish_cuboids(job)
    return {"response": response}


def link_cameras(job: Job) -> Dict[str, Any]:
    """Answer with a file of boxes in camera images, linked to cuboids."""
    seen = [
        {str(cuboid.get("uuid")): cuboid for cuboid in _cuboids_of(frame)}
        for frame in _earlier_frames(job)
    ]
    if not seen:
        labels = subjects(label_names(job.params.get("labels")))
        made_up = {
            job.new_uuid(): {"label": label}
            for label in labels or ["Car", "Pedestrian"]
        }
        seen = [made_up] * frame_count(job)
    known = {uuid: cuboid for frame in seen for uuid, cuboid in frame.items()}
    boxes = {uuid: _camera_box(job, uuid, cuboid) for uuid, cuboid in known.items()}
    unseen = _camera_box(job, job.new_uuid(), next(iter(known.values()), {}))
    unseen["not_in_lidar"] = True
    in_view = frames_in_view([*boxes.values(), unseen], len(seen))
    frames = [
        {"camera_responses": _by_camera(frame, boxes, unseen)}
        for frame in seen[:in_view]
    ]
    return {"response": {"annotations": job.publish_json("annotations.json", frames)}}


def _by_camera(
    frame: Mapping[str, Cuboid], boxes: Mapping[str, Cuboid], unseen: Cuboid
) -> List[Dict[str, Any]]:
    """Return the boxes of a frame, by the camera in which each cuboid was seen."""
    cameras: Dict[int, List[Cuboid]] = {}
    for uuid, cuboid in frame.items():
        camera = a_count(cuboid.get("camera_used"), _USUAL_CAMERA, 0, _MAX_CAMERA)
        cameras.setdefault(camera, []).append(boxes[uuid])
    first = min(cameras, default=_USUAL_CAMERA)
    cameras.setdefault(first, []).append(unseen)
    return [
        {"camera_used": camera, "annotations": cameras[camera]}
        for camera in sorted(cameras)
    ]


def annotate_map(job: Job) -> Dict[str, Any]:
    """Answer with a file of annotations seen from above."""
    annotations = annotations_of(job, job.image_size())
    file = job.publish_json("annotations.json", annotations)
    return {"response": {"annotations": file, **global_attributes(job)}}


def _camera_box(job: Job, uuid: str, cuboid: Cuboid) -> Dict[str, Any]:
    width, height = job.image_size()
    return {
        "cuboid_uuid": uuid,
        "label": str(cuboid.get("label", "Car")),
        "type": "box",
        "top": job.rng.randint(0, height // 2),
        "left": job.rng.randint(0, width // 2),
        "width": job.rng.randint(1, max(1, width // 4)),
        "height": job.rng.randint(1, max(1, height // 4)),
    }


def _earlier_frames(job: Job) -> List[Any]:
    """Return the frames of the task that this task refers to.

    None if there is no such task, or its result has no cuboids.
    """
    task_id = a_text(job.params.get("lidar_task"))
    result = None if task_id is None else job.context.result(task_id)
    frames = an_array(result, MAX_ATTACHMENTS)
    return frames if any("cuboids" in an_object(frame) for frame in frames) else []


def _cuboids_of(frame: Any) -> List[Cuboid]:
    """Return the cuboids of a frame of any task's result."""
    cuboids = an_array(an_object(frame).get("cuboids"), _MAX_CUBOIDS)
    return [an_object(cuboid) for cuboid in cuboids]


def _publish_cuboids(job: Job) -> Dict[str, str]:
    cuboids = _cuboids(job)
    count = frame_count(job)
    in_view = frames_in_view(cuboids, count)
    # Global attributes are beside the cuboids, as beside the annotations of a
    # picture. api-notes: attributes (guess)
    of_all = global_attributes(job)
    frames = [
        {
            "cuboids": [_at_frame(cuboid, number) for cuboid in cuboids],
            **of_all,
        }
        if number < in_view
        else {"cuboids": []}
        for number in range(count)
    ]
    return job.publish_json("annotations.json", frames)


def _cuboids(job: Job) -> List[Cuboid]:
    rng = job.rng
    tilted = a_flag(job.params.get("pitch_and_roll_enabled"))
    first_camera = rng.randrange(_CAMERAS)
    cuboids = [
        {
            "uuid": job.new_uuid(),
            "label": label,
            "camera_used": (first_camera + number) % _CAMERAS,
            "position": {
                "x": round(rng.uniform(3, 40), 2),
                "y": round(rng.uniform(-15, 15), 2),
                "z": round(rng.uniform(0, 2), 2),
            },
            "dimensions": {
                "x": round(rng.uniform(0.5, 2.5), 2),
                "y": round(rng.uniform(0.5, 5), 2),
                "z": round(rng.uniform(1, 2.5), 2),
            },
            "yaw": round(rng.uniform(-math.pi, math.pi), 3),
            **(_tilt(rng) if tilted else {}),
            "numberOfPoints": rng.randint(5, 500),
            "stationary": rng.random() < 0.5,
        }
        for number, label in enumerate(subjects(label_names(job.params.get("labels"))))
    ]
    add_attributes(job, cuboids)
    return cuboids


def _tilt(rng: random.Random) -> Dict[str, float]:
    return {name: round(rng.uniform(-0.2, 0.2), 3) for name in ("pitch", "roll")}


def _at_frame(cuboid: Cuboid, number: int) -> Cuboid:
    position = dict(cuboid["position"])
    if not cuboid["stationary"]:
        position["x"] = round(position["x"] + number * _SPEED, 2)
    distance = math.sqrt(sum(value**2 for value in position.values()))
    return {
        **cuboid,
        "position": position,
        "distance_to_device": round(distance, 2),
    }
