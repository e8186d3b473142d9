"""Responses of text collection, in their four forms."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from scaleapi.sandbox.labeler.fields import (
    MAX_FIELDS,
    Question,
    answer,
    answers,
    questions,
)
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import a_count, an_array, as_text, entries

_MAX_RESPONDENTS = 50
_MAX_REPEATS = 5
_MAX_FILES = 20
_MAX_RATERS = 10
#: Approximate number of characters of all respondents together.
_MAX_RESPONSE_CHARS = 2_000_000

#: The question that is rated if the task has no number field.
_RATING = Question("rating", {"type": "number", "min": 1, "max": 5})
_USUAL_FILE = "file"


def collect(job: Job) -> Dict[str, Any]:
    """Answer all fields, in the form that task and project imply."""
    options = job.context.options
    respondents = _respondents(job)
    if respondents is not None and (
        respondents > 1 or options.single_response == "responses"
    ):
        return answer_by_respondent(job)
    return answer_rapid(job) if job.context.rapid else answer_plain(job)


def answer_plain(job: Job) -> Dict[str, Any]:
    """Answer with one value for each field."""
    return {"response": {"annotations": answers(job, _fields(job))}}


def answer_rapid(job: Job) -> Dict[str, Any]:
    """Answer with the type, the id and all answers of each field."""
    return {
        "response": {
            "annotations": {
                question.field_id: {
                    "type": question.field.get("type"),
                    "field_id": question.field_id,
                    "response": [
                        _chosen(answer(job, question))
                        for _ in range(_repeats(question))
                    ],
                }
                for question in questions(_fields(job))
            }
        }
    }


def answer_by_respondent(job: Job) -> Dict[str, Any]:
    """Answer with one element for each respondent; chosen values are text."""
    asked = questions(_fields(job))
    responses: List[Dict[str, Any]] = []
    remaining = _MAX_RESPONSE_CHARS
    while len(responses) < (_respondents(job) or 1) and remaining > 0:
        responses.append(
            {question.field_id: _as_respondent(job, question) for question in asked}
        )
        remaining -= len(json.dumps(responses[-1]))
    return {"response": {"responses": responses}}


def rate(job: Job) -> Dict[str, Any]:
    """Answer with the ratings of files by respondents.

    The files are those in the object `file_urls` of the task's metadata.
    """
    numbers = [
        question
        for question in questions(_fields(job))
        if question.field.get("type") == "number"
    ] or [_RATING]
    names = [name for name, _ in entries(job.metadata.get("file_urls"), _MAX_FILES)]
    return {
        "response": {
            name: {
                "responses": [
                    {each.field_id: answer(job, each) for each in numbers}
                    for _ in range(min(_respondents(job) or 1, _MAX_RATERS))
                ]
            }
            for name in names or [_USUAL_FILE]
        }
    }


def _fields(job: Job) -> Any:
    return an_array(job.params.get("fields"), MAX_FIELDS)


def _respondents(job: Job) -> Optional[int]:
    """Return the number of respondents; None if the task does not state it."""
    # Users send the misspelled name, too.
    for name in ("responses_required", "response_required"):
        if job.params.get(name) is not None:
            return a_count(job.params[name], 1, 1, _MAX_RESPONDENTS)
    return None


def _repeats(question: Question) -> int:
    return a_count(question.field.get("min_responses_required"), 1, 1, _MAX_REPEATS)


def _as_respondent(job: Job, question: Question) -> Any:
    value = answer(job, question)
    return as_text(value) if question.field.get("type") == "category" else value


def _chosen(value: Any) -> List[Any]:
    # A value that is not a list of chosen values becomes a list of one.
    # api-notes: text-responses (guess)
    return value if isinstance(value, list) else [value]
