"""The answer to one field of a text collection, by the field's type."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Union

from scaleapi.sandbox.worker.job import Job
from scaleapi.sandbox.worker.labels import values
from scaleapi.sandbox.worker.numbers import number_within
from scaleapi.sandbox.worker.reading import (
    MAX_TEXT,
    Scalar,
    a_count,
    a_text,
    an_array,
    an_object,
    entries,
)

Field = Dict[str, Any]
_Answer = Callable[[Job, Field], Any]

_MAX_FIELDS = 200
_MAX_FIELDS_OF_FORM = 20
_MAX_OPTIONS = 100
_USUAL_OPTIONS = 2


def fields_of(value: Any) -> List[Field]:
    """Return the fields that can be answered: those with an id."""
    fields = [an_object(field) for field in an_array(value, _MAX_FIELDS)]
    return [field for field in fields if a_text(field.get("field_id")) is not None]


def answer(job: Job, field: Field) -> Any:
    """Return what a worker would enter; for an unknown type a text."""
    return _ANSWERS.get(str(field.get("type")), _text)(job, field)


def answers(job: Job, fields: Any) -> Dict[str, Any]:
    """Return the answers to fields in any of the forms in which they are given.

    Args:
        job: The task.
        fields: A list of typed fields (7.7), or an object key -> description
            (or typed field), as the old types have it (7.9).
    """
    if isinstance(fields, list):
        return {field["field_id"]: answer(job, field) for field in fields_of(fields)}
    return {
        key: answer(job, an_object(field))
        for key, field in entries(fields, _MAX_FIELDS)
    }


def _category(job: Job, field: Field) -> List[Scalar]:
    choices = values(field.get("choices"))
    fewest = a_count(field.get("min_choices"), 1, 1, len(choices) or 1)
    most = a_count(field.get("max_choices"), fewest, 1, len(choices) or 1)
    # Of contradicting bounds the upper one wins.
    count = job.dice.randint(min(fewest, most), most)
    return job.dice.sample(choices, min(count, len(choices)))


def _text(job: Job, field: Field) -> str:
    longest = a_count(field.get("max_characters"), MAX_TEXT, 0, MAX_TEXT)
    return job.sentence()[:longest].rstrip()


def _number(job: Job, field: Field) -> Union[int, float]:
    return number_within(field, job.dice)


def _boolean(job: Job, field: Field) -> bool:
    return job.dice.random() < 0.5


def _datetime(job: Job, field: Field) -> str:
    dice = job.dice
    day = f"2022-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return f"{day}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00.000Z"


def _ranking(job: Job, field: Field) -> List[int]:
    ranked = field.get("num_items_to_rank")
    usual = a_count(ranked, _USUAL_OPTIONS, 1, _MAX_OPTIONS)
    options = a_count(field.get("num_options"), usual, 1, _MAX_OPTIONS)
    return job.dice.sample(range(options), a_count(ranked, options, 1, options))


def _select(job: Job, field: Field) -> List[str]:
    return [str(chosen) for chosen in _category(job, field)]


def _timerange(job: Job, field: Field) -> Mapping[str, float]:
    start = job.dice.randint(0, 20) * 0.5
    return {"start": start, "end": start + job.dice.randint(1, 10) * 0.5}


def _form(job: Job, field: Field) -> Dict[str, Any]:
    # Forms within forms are not met in practice and not answered.
    inner = fields_of(field.get("fields"))[:_MAX_FIELDS_OF_FORM]
    return {
        simple["field_id"]: answer(job, simple)
        for simple in inner
        if simple.get("type") != "form"
    }


_ANSWERS: Dict[str, _Answer] = {
    "category": _category,
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "ranking_order": _ranking,
    "select": _select,
    "timerange": _timerange,
    "form": _form,
}
