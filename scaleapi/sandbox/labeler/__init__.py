"""The labeler: makes a plausible response to any task.

api-notes: made-up-responses (guess)
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any, Callable, Dict, Mapping, Optional

from scaleapi.sandbox.labeler import (
    chat,
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

__all__ = ["FORMS", "LabelerContext", "form_of", "respond"]

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
    task_type = str(task.get("type"))
    # `ascii` because a lone surrogate cannot be a seed.
    identity = ascii(task.get("task_id", task.get("id")))
    job = Job(
        task_type=task_type,
        params=an_object(task.get("params")),
        metadata=an_object(task.get("metadata")),
        rng=random.Random(identity),
        context=context,
    )
    return {} if make_response is None else make_response(job)
