"""Responses of the older types of tasks.

api-notes: older-types
"""

from __future__ import annotations

from typing import Any, Dict, List

from scaleapi.sandbox.labeler.attributes import some_of, value_of
from scaleapi.sandbox.labeler.fields import answers
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import Scalar, a_flag, an_object, entries
from scaleapi.sandbox.labeler.labels import values

_MAX_TAXONOMIES = 100
_MAX_IDS = 1000
_ROWS = 2


def categorize(job: Job) -> Dict[str, Any]:
    """Answer with one or several categories, or a value for each taxonomy."""
    response: Dict[str, Any] = {}
    categories = values(job.params.get("categories"))
    if categories:
        response.update(_categories(job, categories))
    if job.params.get("taxonomies"):
        response["taxonomies"] = _taxonomies(job)
    return {"response": response}


def compare(job: Job) -> Dict[str, Any]:
    """Answer with a choice, the fields, or both."""
    response: Dict[str, Any] = {}
    choices = values(job.params.get("choices"))
    if choices:
        response["choice"] = job.rng.choice(choices)
    if job.params.get("fields"):
        response["fields"] = answers(job, job.params["fields"])
    return {"response": response}


def transcribe(job: Job) -> Dict[str, Any]:
    """Answer with fields, with rows of repeatable fields, or both."""
    response: Dict[str, Any] = {}
    if "fields" in job.params:
        response["fields"] = answers(job, job.params["fields"])
    if "repeatable_fields" in job.params:
        repeatable = job.params["repeatable_fields"]
        response["rows"] = [answers(job, repeatable) for _ in range(_ROWS)]
    return {"response": response}


def collect_data(job: Job) -> Dict[str, Any]:
    """Answer with the fields."""
    return {"response": {"fields": answers(job, job.params.get("fields"))}}


def _categories(job: Job, categories: List[Scalar]) -> Dict[str, Any]:
    ids = {
        category: category_id
        for category_id, category in entries(job.params.get("category_ids"), _MAX_IDS)
        if isinstance(category, str)
    }
    if a_flag(job.params.get("allow_multiple")):
        chosen = some_of(job, categories)
        several: Dict[str, Any] = {"category": chosen}
        if ids:
            several["category_id"] = [ids[one] for one in chosen if one in ids]
        return several
    category = job.rng.choice(categories)
    single: Dict[str, Any] = {"category": category}
    if category in ids:
        single["category_id"] = ids[category]
    return single


def _taxonomies(job: Job) -> Dict[str, Any]:
    taxonomies: Dict[str, Any] = {}
    for name, spec in entries(job.params["taxonomies"], _MAX_TAXONOMIES):
        value = value_of(job, an_object(spec), name)
        if value is not None:
            taxonomies[name] = value
    return taxonomies
