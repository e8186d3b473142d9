"""The frames of a video, and which of them are annotated."""

from __future__ import annotations

import math
from typing import NamedTuple, Optional

from scaleapi.sandbox.labeler.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.labeler.json_readers import a_number, an_array, an_object

#: A single video is not opened, so its length is made up. Its rate
#: is that of most cameras; few annotation rates divide it.
_SECONDS = 10
_USUAL_RATE = 29.97
_USUAL_ANNOTATED_RATE = 1.0
_MIN_RATE = 0.01
_MAX_RATE = 1000.0
_ROUNDING = 1e-9


class Timeline(NamedTuple):
    """The frames of a video.

    Attributes:
        frames: Number of frames of the video.
        rate: Frames per second.
        annotated: Number of annotated frames.
        annotated_rate: Annotated frames per second.
    """

    frames: int
    rate: float
    annotated: int
    annotated_rate: float

    def frame_of(self, number: int) -> int:
        """Return the video frame of an annotated frame, both counted from 0."""
        # For equal rates, rounding can make the quotient slightly too small.
        return math.floor(number * self.rate / self.annotated_rate + _ROUNDING)

    def seconds(self, frame: int) -> float:
        """Return the time of a frame of the video."""
        return round(frame / self.rate, 3)

    def of_annotated(self) -> Timeline:
        """Return the timeline of the annotated frames, as if there were no others."""
        rate = self.annotated_rate
        return Timeline(self.annotated, rate, self.annotated, rate)


def timeline_of(job: Job) -> Timeline:
    """Return the timeline of a task's video.

    Where the frames are listed as attachments, these are the video and all of them
    are annotated.
    """
    params = job.params
    asked = params.get("annotation_frame_rate") or params.get("frame_rate")
    annotated_rate = _bounded(a_number(asked), _USUAL_ANNOTATED_RATE)
    listed = len(an_array(params.get("attachments"), MAX_ATTACHMENTS))
    if listed > 1 or (listed and not _is_video(job)):
        return Timeline(listed, annotated_rate, listed, annotated_rate)
    video = an_object(an_object(params.get("videoMetadata")).get("video"))
    rate = _bounded(a_number(video.get("fps")), _USUAL_RATE)
    annotated_rate = min(annotated_rate, rate)
    annotated = min(math.ceil(_SECONDS * annotated_rate), MAX_ATTACHMENTS)
    return Timeline(math.ceil(_SECONDS * rate), rate, annotated, annotated_rate)


def _is_video(job: Job) -> bool:
    """Return whether a single attachment is a video rather than a picture."""
    return (
        job.task_type == "videoplaybackannotation"
        or job.params.get("attachment_type") == "video"
    )


def _bounded(rate: Optional[float], default: float) -> float:
    if rate is not None and _MIN_RATE <= rate <= _MAX_RATE:
        return rate
    return default
