"""Frames of videos and lidar sequences, and files that stay small."""

from __future__ import annotations

import json
from typing import Any, List

from scaleapi.sandbox.worker.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.worker.reading import a_number, an_array

#: Frames of an attachment that is a whole video: it is not opened.
_USUAL_FRAMES = 10
_USUAL_RATE = 25.0
_MAX_RATE = 1000.0
#: Characters of a result file, roughly.
_MAX_FILE = 2_000_000


def frame_count(job: Job) -> int:
    """Return the number of frames: one an attachment, where they are listed."""
    listed = an_array(job.params.get("attachments"), MAX_ATTACHMENTS)
    return len(listed) or _USUAL_FRAMES


def frame_rate(job: Job) -> float:
    """Return the frames a second."""
    rate = a_number(job.params.get("frame_rate"))
    return rate if rate is not None and 1 <= rate <= _MAX_RATE else _USUAL_RATE


def frames_in_view(objects: List[Any], frames: int) -> int:
    """Return for how many frames a file can show these objects.

    They leave the scene before the file becomes too large: few parameters can
    ask for very many characters a frame.
    """
    return max(1, min(frames, _MAX_FILE // max(1, len(json.dumps(objects)))))
