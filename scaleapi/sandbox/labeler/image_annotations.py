"""Annotations of images.

api-notes: geometries
"""

from __future__ import annotations

from itertools import cycle
from typing import Any, Dict, List, Mapping, Tuple

from scaleapi.sandbox.labeler.attributes import (
    Annotation,
    add_attributes,
    global_attributes,
)
from scaleapi.sandbox.labeler.job import Job, Size
from scaleapi.sandbox.labeler.json_readers import an_object, is_no
from scaleapi.sandbox.labeler.labels import label_names
from scaleapi.sandbox.labeler.shapes import DRAWERS, OTHER_DRAWERS

_MIN_ANNOTATIONS = 2
#: For one geometry, and for all of them.
_MAX_ANNOTATIONS_PER_GEOMETRY = 50
_MAX_ANNOTATIONS = 100

#: Types with one geometry, whose own parameters describe it.
_ONE_GEOMETRY = {
    "annotation": "box",
    "polygonannotation": "polygon",
    "lineannotation": "line",
    "laneannotation": "line",
    "pointannotation": "point",
    "cuboidannotation": "cuboid",
    "videoboxannotation": "box",
    "videocuboidannotation": "cuboid",
}


def annotate_image(job: Job) -> Dict[str, Any]:
    """Answer a task on one image."""
    annotations = annotations_of(job, job.image_size())
    return {"response": {"annotations": annotations, **global_attributes(job)}}


def annotations_of(job: Job, size: Size) -> List[Annotation]:
    """Return annotations of all requested geometries and labels.

    Args:
        job: The task.
        size: Width and height within which they have to stay.
    """
    annotations: List[Annotation] = []
    nameless = set()
    for kind, spec in _asked(job):
        if is_no(spec.get("with_labels", job.params.get("with_labels"))):
            nameless.add(kind)
        ways = [DRAWERS[kind], OTHER_DRAWERS[kind]]
        job.rng.shuffle(ways)
        annotations += [
            {
                "uuid": job.new_uuid(),
                "type": kind,
                "label": label,
                **draw(job.rng, spec, size),
            }
            for label, draw in zip(
                subjects(label_names(spec.get("objects_to_annotate"))), cycle(ways)
            )
        ]
    annotations = annotations[:_MAX_ANNOTATIONS]
    add_attributes(job, annotations)
    return [
        {name: value for name, value in annotation.items() if name != "label"}
        if annotation["type"] in nameless
        else annotation
        for annotation in annotations
    ]


def _asked(job: Job) -> List[Tuple[str, Mapping[str, Any]]]:
    if job.task_type in _ONE_GEOMETRY:
        return [(_ONE_GEOMETRY[job.task_type], job.params)]
    return [
        (kind, an_object(spec))
        for kind, spec in an_object(job.params.get("geometries")).items()
        if kind in DRAWERS
    ]


def subjects(labels: List[str]) -> List[str]:
    """Return the label of each annotation to make, every label at first."""
    # At least two of them, so that a linked attribute finds a partner.
    repeats = -(-_MIN_ANNOTATIONS // len(labels)) if labels else 0
    return (labels * repeats)[:_MAX_ANNOTATIONS_PER_GEOMETRY]
