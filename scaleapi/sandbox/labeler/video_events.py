"""Events of a video.

api-notes: events
"""

from __future__ import annotations

from itertools import cycle
from typing import Any, Dict, List

from scaleapi.sandbox.labeler.image_annotations import subjects
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.labels import label_names
from scaleapi.sandbox.labeler.video_timeline import Timeline

Event = Dict[str, Any]


def events_of(job: Job, timeline: Timeline) -> List[Event]:
    """Return the requested events: some have a duration, some are points.

    `start` and `end` are frames of the timeline, the other times seconds.
    """
    kinds = ["range", "point"]
    job.rng.shuffle(kinds)
    labels = subjects(label_names(job.params.get("events_to_annotate")))
    return [
        {"label": label, **_times(job, kind, timeline), "attributes": {}}
        for label, kind in zip(labels, cycle(kinds))
    ]


def _times(job: Job, kind: str, timeline: Timeline) -> Event:
    frames = range(timeline.frames)
    # One frame is too short for an event with a duration.
    if kind == "point" or len(frames) < 2:
        start = job.rng.choice(frames)
        return {"type": "point", "start": start, "startTime": timeline.seconds(start)}
    start, end = sorted(job.rng.sample(frames, 2))
    return {
        "type": "range",
        "start": start,
        "end": end,
        "startTime": timeline.seconds(start),
        "endTime": timeline.seconds(end),
    }
