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
    return value_of(job, spec)


def value_of(job: Job, spec: Dict[str, Any]) -> Optional[Scalar]:
    """Return a value of an attribute or a taxonomy; None if none is possible."""
    # Old requests leave out `type` where there are choices.
    choices = values(spec.get("choices"))
    if choices:
        return job.dice.choice(choices)
    if spec.get("type") == "number":
        return number_within(spec, job.dice)
    # Contract 7 does not name these two: a guess.
    if spec.get("type") == "text":
        return job.sentence()
    if spec.get("type") == "boolean":
        return job.dice.random() < 0.5
    return None
