"""Responses of video tasks whose result is a list of annotated frames."""

from __future__ import annotations

from typing import Any, Dict

from scaleapi.sandbox.labeler.attributes import global_attributes
from scaleapi.sandbox.labeler.image_annotations import annotations_of
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.lidar_frames import frames_in_view
from scaleapi.sandbox.labeler.video_events import events_of
from scaleapi.sandbox.labeler.video_motion import at_frame
from scaleapi.sandbox.labeler.video_timeline import timeline_of


def annotate_frames(job: Job) -> Dict[str, Any]:
    """Answer with a file of frames, and a file of events if requested."""
    size = job.image_size()
    objects = annotations_of(job, size)
    # Events refer to the elements of this list.
    timeline = timeline_of(job).of_annotated()
    in_view = frames_in_view(objects, timeline.frames)
    of_all = global_attributes(job)
    frames = [
        {
            "annotations": [at_frame(each, number, size) for each in objects],
            **of_all,
        }
        if number < in_view
        else {"annotations": []}
        for number in range(timeline.frames)
    ]
    response = {"annotations": job.publish_video("annotations.json", frames)}
    if job.params.get("events_to_annotate"):
        events = events_of(job, timeline)
        response["events"] = job.publish_video("events.json", events)
    return {"response": response}
