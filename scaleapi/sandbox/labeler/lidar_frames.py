"""Number of frames of lidar sequences and of their result files."""

from __future__ import annotations

import json
from typing import Any, List

from scaleapi.sandbox.labeler.job import MAX_ATTACHMENTS, Job
from scaleapi.sandbox.labeler.json_readers import an_array

#: Number of frames of a sequence whose frames are not listed in the task.
_USUAL_FRAMES = 10
#: Approximate maximum number of characters of a result file.
_MAX_FILE_CHARS = 2_000_000


def frame_count(job: Job) -> int:
    """Return the number of frames: one for each attachment, if they are listed."""
    listed = an_array(job.params.get("attachments"), MAX_ATTACHMENTS)
    return len(listed) or _USUAL_FRAMES


def frames_in_view(objects: List[Any], frames: int) -> int:
    """Return for how many frames a file can show these objects.

    They leave the scene before the file becomes too large: few parameters can
    ask for very many characters a frame.
    """
    return max(1, min(frames, _MAX_FILE_CHARS // max(1, len(json.dumps(objects)))))
