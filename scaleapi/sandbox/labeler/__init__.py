"""The labeler: makes a plausible response to any task.

api-notes: made-up-responses (guess)
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, Optional

from scaleapi.sandbox.labeler import (
    chat,
    conversations,
    documents,
    entities,
    image_annotations,
    lidar,
    older_types,
    segmentation,
    text,
    video,
    video_tracks,
)
from scaleapi.sandbox.labeler.forms import FORMS, form_of
from scaleapi.sandbox.labeler.job import Job, LabelerContext
from scaleapi.sandbox.labeler.json_readers import an_object
from scaleapi.sandbox.options import Options

__all__ = ["FORMS", "LabelerContext", "form_of", "respond", "threads_of"]

_LABELERS: Dict[str, Callable[[Job], Dict[str, Any]]] = {
    "imageannotation": image_annotations.annotate_image,
    "annotation": image_annotations.annotate_image,
    "polygonannotation": image_annotations.annotate_image,
    "lineannotation": image_annotations.annotate_image,
    "pointannotation": image_annotations.annotate_image,
    "cuboidannotation": image_annotations.annotate_image,
    "laneannotation": image_annotations.annotate_image,
    "segmentannotation": segmentation.segment,
    "videoannotation": video.annotate_frames,
    "videoboxannotation": video.annotate_frames,
    "videocuboidannotation": video.annotate_frames,
    "federal2dvideoannotation": video.annotate_frames,
    "videoplaybackannotation": video_tracks.track_objects,
    "lidarannotation": lidar.annotate_cuboids,
    "sensorfusion": lidar.annotate_cuboids,
    "lidarsegmentation": lidar.segment_points,
    "lidarlinking": lidar.link_cameras,
    "lidartopdown": lidar.annotate_map,
    "textcollection": text.collect,
    "namedentityrecognition": entities.recognize,
    "categorization": older_types.categorize,
    "comparison": older_types.compare,
    "transcription": older_types.transcribe,
    "datacollection": older_types.collect_data,
    "documenttranscription": documents.annotate_document,
    "documentmodel": documents.annotate_document,
    "chat": chat.converse,
    "chatexperimental": chat.converse,
    "chatlite": chat.converse,
    "multichat": chat.converse,
    "multistage": chat.converse,
}


def respond(
    task: Mapping[str, Any], context: LabelerContext, form: Optional[str] = None
) -> Dict[str, Any]:
    """Make the response to a task.

    The same task always gets the same response. Parameters have hardly been checked
    before, so invalid ones are skipped or replaced by a default, and the size of the
    response is bounded.

    Args:
        task: The document of a task or evaluation task.
        context: Looks up attachments and publishes results.
        form: Name of the form of the response; by default that of the task's type.

    Returns:
        The keys to merge into the document: ``response``, for documents
        ``document_pages``, and where the API adds to them ``params``. Empty for an
        unknown type.

    Raises:
        ValueError: `form` is unknown.
    """
    make_response = _LABELERS.get(str(task.get("type")))
    if form is not None:
        make_response, options = form_of(form)
        chosen = {**context.options.as_dict(), **options}
        context = replace(context, options=Options(**chosen))
    return {} if make_response is None else make_response(_job(task, context))


def threads_of(task: Mapping[str, Any]) -> List[Any]:
    """Return the conversation of a completed chat task, as v2 shows it, in full.

    If the response has ``threads``, it is those, whatever they are. Otherwise it is
    made up, always the same for the same task.

    Args:
        task: The document of the task.
    """
    response = task.get("response")
    given = response.get("threads") if isinstance(response, dict) else None
    context = LabelerContext(lambda _: None, lambda *_: "")
    threads = (
        given
        if isinstance(given, list)
        else conversations.converse(_job(task, context))
    )
    for thread in threads:
        submissions = thread.get("submissions") if isinstance(thread, dict) else None
        for submission in submissions if isinstance(submissions, list) else []:
            if isinstance(submission, dict) and "completed_at" in task:
                submission.setdefault("submitted_at", task["completed_at"])
    return threads


def _job(task: Mapping[str, Any], context: LabelerContext) -> Job:
    task_id = task.get("task_id", task.get("id"))
    return Job(
        task_type=str(task.get("type")),
        params=an_object(task.get("params")),
        metadata=an_object(task.get("metadata")),
        # `ascii` because a lone surrogate cannot be a seed.
        rng=random.Random(ascii(task_id)),
        context=context,
        task_id=str(task_id),
    )
