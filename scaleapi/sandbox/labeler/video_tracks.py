"""Responses of video tasks whose result is a track for each object.

api-notes: tracks
"""

from __future__ import annotations

from typing import Any, Dict, List

from scaleapi.sandbox.labeler.attributes import Annotation, global_attributes
from scaleapi.sandbox.labeler.image_annotations import annotations_of
from scaleapi.sandbox.labeler.job import Job, Size
from scaleapi.sandbox.labeler.json_readers import an_object
from scaleapi.sandbox.labeler.lidar_frames import frames_in_view
from scaleapi.sandbox.labeler.numbers import plain
from scaleapi.sandbox.labeler.video_events import events_of
from scaleapi.sandbox.labeler.video_motion import at_frame
from scaleapi.sandbox.labeler.video_timeline import Timeline, timeline_of
from scaleapi.sandbox.options import Options

#: Frames of a track.
_MAX_FRAMES = 10
#: Keys that a track has once, or not at all, and not in each frame.
_SAID_ONCE = ("uuid", "type", "label")

_Track = Dict[str, Any]


def track_objects(job: Job) -> Dict[str, Any]:
    """Answer with a file of tracks, and a file of events if requested."""
    options = job.context.options
    timeline = timeline_of(job)
    tracks = _tracks(job, timeline)
    of_all = global_attributes(job)
    asked = bool(job.params.get("events_to_annotate"))
    events = events_of(job, timeline) if asked else []
    response: Dict[str, Any]
    if options.track_file == "inline":
        # Attributes of the whole video are an event that has only attributes.
        events += [{"attributes": value} for value in of_all.values()]
        response = {"annotations": tracks, "events": events or {}}
    else:
        content: Any = tracks
        if options.track_file != "bare":
            content = {"annotations": tracks, **of_all}
            content = [content] if options.track_file == "list" else content
        response = {"annotations": job.publish_video("annotations.json", content)}
        if asked:
            response["events"] = job.publish_video("events.json", events)
        if options.track_file == "bare":
            response.update(of_all)
    if options.frame_key == "annotated":
        return {"response": response, "params": _with_rates(job, timeline)}
    return {"response": response}


def _tracks(job: Job, timeline: Timeline) -> Dict[str, _Track]:
    size = job.image_size()
    objects = annotations_of(job, size)
    count = frames_in_view(objects, min(timeline.annotated, _MAX_FRAMES))
    tracks: Dict[str, _Track] = {}
    for annotation in objects:
        label = {"label": annotation["label"]} if "label" in annotation else {}
        tracks[annotation["uuid"]] = {
            **label,
            "geometry": annotation["type"],
            "frames": _frames(job.context.options, annotation, size, timeline, count),
        }
    return tracks


def _frames(
    options: Options, annotation: Annotation, size: Size, timeline: Timeline, count: int
) -> List[Dict[str, Any]]:
    frames = []
    for number in range(count):
        frame = timeline.frame_of(number)
        place = at_frame(annotation, frame, size)
        frames.append(
            {
                "key": number if options.frame_key == "annotated" else frame,
                **_time(options, timeline.seconds(frame)),
                **(_keyframe(number, count) if options.keyframe_fields else {}),
                **{n: value for n, value in place.items() if n not in _SAID_ONCE},
            }
        )
    return frames


def _time(options: Options, seconds: float) -> Dict[str, float]:
    return {} if options.frame_time == "none" else {options.frame_time: seconds}


def _keyframe(number: int, count: int) -> Dict[str, Any]:
    if number in (0, count - 1):
        kind = "end" if number else "start"
        return {"keyframeType": kind, "isInferredKeyframe": False}
    # Every second frame between the ends counts as interpolated.
    return {"keyframeType": "middle", "isInferredKeyframe": number % 2 == 1}


def _with_rates(job: Job, timeline: Timeline) -> Dict[str, Any]:
    """Return the parameters with the rates that lead from a key to its frame."""
    metadata = an_object(job.params.get("videoMetadata"))
    video = {**an_object(metadata.get("video")), "fps": plain(timeline.rate)}
    return {
        **job.params,
        "annotation_frame_rate": plain(timeline.annotated_rate),
        "videoMetadata": {**metadata, "video": video},
    }
