"""The `attributes` of annotations, from `annotation_attributes`."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from scaleapi.sandbox.worker.job import Job
from scaleapi.sandbox.worker.labels import values
from scaleapi.sandbox.worker.numbers import number_within
from scaleapi.sandbox.worker.reading import Scalar, an_array, an_object, entries

Annotation = Dict[str, Any]

_MAX_ATTRIBUTES = 20
_MAX_ALLOWED = 100


def add_attributes(job: Job, annotations: List[Annotation]) -> None:
    """Give each annotation its `attributes`, empty if none were asked for.

    After all annotations are made, because a linked attribute is the uuid of
    another one. An attribute without a possible value is left out.
    """
    asked = list(entries(job.params.get("annotation_attributes"), _MAX_ATTRIBUTES))
    for annotation in annotations:
        others = [other for other in annotations if other is not annotation]
        found = {name: _value(job, an_object(spec), others) for name, spec in asked}
        annotation["attributes"] = {
            name: value for name, value in found.items() if value is not None
        }


def _value(
    job: Job, spec: Dict[str, Any], others: List[Annotation]
) -> Optional[Scalar]:
    if spec.get("type") == "linked":
        allowed = an_array(spec.get("allowed_labels"), _MAX_ALLOWED)
        linked = [
            str(other["uuid"])
            for other in others
            if not allowed or other["label"] in allowed
        ]
        return job.dice.choice(linked) if linked else None
    if spec.get("type") == "number":
        return number_within(spec, job.dice)
    # Old requests leave out `type` where there are choices.
    choices = values(spec.get("choices"))
    return job.dice.choice(choices) if choices else None
