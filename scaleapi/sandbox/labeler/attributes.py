"""The `attributes` of annotations, from `annotation_attributes`."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import (
    Scalar,
    a_flag,
    an_array,
    an_object,
    as_text,
    entries,
)
from scaleapi.sandbox.labeler.numbers import number_within

Annotation = Dict[str, Any]
_Spec = Dict[str, Any]

_MAX_ATTRIBUTES = 20
_MAX_ALLOWED = 100
_MAX_CHOSEN = 3


def add_attributes(job: Job, annotations: List[Annotation]) -> None:
    """Give each annotation its `attributes`, empty if none were requested.

    After all annotations are made, because a linked attribute is the uuid of
    another one. An attribute without a possible value is left out, and so is one
    that is asked for other labels.
    """
    asked = _asked(job, of_all=False)
    for annotation in annotations:
        others = [other for other in annotations if other is not annotation]
        attributes = {
            name: _value(job, spec, others, name)
            for name, spec in asked
            if _concerns(spec, annotation["label"])
        }
        annotation["attributes"] = _known(attributes)


def global_attributes(job: Job) -> Dict[str, Any]:
    """Return the global attributes of a picture or frame.

    The values are text. The result is `{}`, or has the one key `global_attributes`.
    """
    attributes = {
        name: value_of(job, spec, name) for name, spec in _asked(job, of_all=True)
    }
    known = _known(attributes)
    return {"global_attributes": as_text(known)} if known else {}


def value_of(job: Job, spec: _Spec, name: str = "") -> Any:
    """Return a value of an attribute or a taxonomy; None if none is possible."""
    kind = spec.get("type") or "category"
    # Old requests omit `type` if there are choices.
    if kind == "category":
        choices = job.choices(spec)
        if choices and a_flag(spec.get("allow_multiple")):
            return some_of(job, choices)
        return job.rng.choice(choices) if choices else None
    if kind == "number":
        return number_within(spec, job.rng)
    if kind == "angle":
        return round(job.rng.uniform(0, 360), 1)
    if kind == "text":
        return job.answer_to(name, str(spec.get("description", "")))
    # No attribute of this type has been seen. api-notes: attributes (guess)
    if kind == "boolean":
        return job.rng.random() < 0.5
    return None


def some_of(job: Job, choices: List[Scalar]) -> List[Scalar]:
    """Return one or several of the choices."""
    return job.rng.sample(choices, job.rng.randint(1, min(_MAX_CHOSEN, len(choices))))


def _asked(job: Job, *, of_all: bool) -> List[Tuple[str, _Spec]]:
    """Return names and descriptions of the attributes.

    Args:
        job: The task.
        of_all: Whether to return global attributes instead of those of annotations.
    """
    specs = entries(job.params.get("annotation_attributes"), _MAX_ATTRIBUTES)
    asked = [(name, an_object(spec)) for name, spec in specs]
    # The API's answer is known, but not how a request asks for it.
    # api-notes: attributes (guess)
    return [each for each in asked if a_flag(each[1].get("global")) is of_all]


def _concerns(spec: _Spec, label: str) -> bool:
    """Return whether an attribute applies to annotations of a label."""
    condition = an_object(an_object(spec.get("conditions")).get("label_condition"))
    labels = condition.get("label", label)
    return label == labels or label in an_array(labels, _MAX_ALLOWED)


def _value(job: Job, spec: _Spec, others: List[Annotation], name: str) -> Any:
    if spec.get("type") == "linked":
        allowed = an_array(spec.get("allowed_labels"), _MAX_ALLOWED)
        linked = [
            str(other["uuid"])
            for other in others
            if not allowed or other["label"] in allowed
        ]
        return job.rng.choice(linked) if linked else None
    return value_of(job, spec, name)


def _known(attributes: Dict[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
