"""Frames of lidar sequences, and files that stay small."""

from __future__ import annotations

import json
from typing import Any, List

from scaleapi.sandbox.labeler.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.labeler.reading import an_array

#: Frames of a sequence that is not listed: it is not opened.
_USUAL_FRAMES = 10
#: Characters of a result file, roughly.
_MAX_FILE = 2_000_000


def frame_count(job: Job) -> int:
    """Return the number of frames: one an attachment, where they are listed."""
    listed = an_array(job.params.get("attachments"), MAX_ATTACHMENTS)
    return len(listed) or _USUAL_FRAMES


def frames_in_view(objects: List[Any], frames: int) -> int:
    """Return for how many frames a file can show these objects.

    They leave the scene before the file becomes too large: few parameters can
    ask for very many characters a frame.
    """
    return max(1, min(frames, _MAX_FILE // max(1, len(json.dumps(objects)))))
