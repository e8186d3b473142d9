"""Named forms of responses, which a test can choose for any task.

The API's own choice among them is not known, or differs from account to account.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, NamedTuple

from scaleapi.sandbox.labeler import (
    conversations,
    documents,
    recordings,
    segmentation,
    text,
    video,
    video_tracks,
)
from scaleapi.sandbox.labeler.job import Job


class Form(NamedTuple):
    """A form of responses.

    Attributes:
        work: Makes the response to a task.
        options: Options for this response, which override those of the sandbox.
    """

    work: Callable[[Job], Dict[str, Any]]
    options: Mapping[str, Any] = {}


def _tracks(**options: Any) -> Form:
    return Form(video_tracks.track_objects, options)


FORMS: Dict[str, Form] = {
    "annotations": Form(text.answer_plain),
    "rapid_annotations": Form(text.answer_rapid),
    "responses": Form(text.answer_by_respondent),
    "ratings": Form(text.rate),
    "frames": Form(video.annotate_frames),
    "tracks": _tracks(),
    "tracks_wrapped": _tracks(track_file="wrapped"),
    "tracks_list": _tracks(track_file="list"),
    "tracks_inline": _tracks(track_file="inline"),
    "tracks_annotated_keys": _tracks(frame_key="annotated"),
    "tracks_timestamp_secs": _tracks(frame_time="timestamp_secs"),
    "tracks_untimed": _tracks(frame_time="none"),
    "tracks_keyframes": _tracks(keyframe_fields=True),
    "tracks_nuls": _tracks(trailing_nuls=3),
    "recording": Form(recordings.record),
    "document_polygons": Form(documents.annotate_in_polygons),
    "segmentation_lists": Form(segmentation.segment_in_lists),
    "sft": Form(conversations.answer_sft),
    "rlhf": Form(conversations.answer_rlhf),
    "rubrics": Form(conversations.answer_rubrics),
}


def form_of(name: str) -> Form:
    """Return a form by its name.

    Raises:
        ValueError: `name` is not the name of a form.
    """
    if name not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}; got {name!r}")
    return FORMS[name]
