"""The answers to the fields of a text collection, by each field's type."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Tuple, Union

from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import (
    MAX_TEXT,
    Scalar,
    a_count,
    a_text,
    an_array,
    an_object,
    as_text,
    entries,
)
from scaleapi.sandbox.labeler.labels import values
from scaleapi.sandbox.labeler.numbers import number_within
from scaleapi.sandbox.labeler.wording import a_sum, is_sum

Field = Dict[str, Any]
_Answer = Callable[[Job, Field], Any]

MAX_FIELDS = 200
_MAX_FIELDS_OF_FORM = 20
_MAX_OPTIONS = 100
_USUAL_OPTIONS = 2


class Question(NamedTuple):
    """A field that is answered under its own id.

    Attributes:
        field_id: The key of the answer.
        field: The field.
        in_form: Whether the field is part of a form, whose answers are all text.
    """

    field_id: str
    field: Field
    in_form: bool = False

    @property
    def title(self) -> str:
        """What the labeler is asked; empty if that is not given."""
        for key in ("title", "description"):
            if isinstance(self.field.get(key), str):
                return str(self.field[key])
        return ""


def questions(fields: Any) -> List[Question]:
    """Return the questions of a task's fields.

    A form itself is not answered; its fields are listed beside the others.

    Args:
        fields: A list of typed fields, those of text collections; or an object
            key -> description (or typed field), as the old types have it.
    """
    return [
        question
        for field_id, field in _named(fields)
        for question in (
            _inner(field)
            if field.get("type") == "form"
            else [Question(field_id, field)]
        )
    ]


def answer(job: Job, question: Question) -> Any:
    """Return a plausible answer; for an unknown type a text."""
    field = question.field
    asked = (question.field_id, question.title)
    if _is_unbounded_number(field) and is_sum(*asked):
        value: Any = a_sum(job.rng)
    elif str(field.get("type")) in _ANSWERS:
        value = _ANSWERS[str(field["type"])](job, field)
    else:
        longest = a_count(field.get("max_characters"), MAX_TEXT, 0, MAX_TEXT)
        value = job.answer_to(*asked)[:longest].rstrip()
    return as_text(value) if question.in_form else value


def answers(job: Job, fields: Any) -> Dict[str, Any]:
    """Return the answers to all questions, by their ids."""
    return {question.field_id: answer(job, question) for question in questions(fields)}


def _named(fields: Any) -> List[Tuple[str, Field]]:
    if not isinstance(fields, list):
        pairs = entries(fields, MAX_FIELDS)
        return [(field_id, _described(field)) for field_id, field in pairs]
    typed = [an_object(field) for field in an_array(fields, MAX_FIELDS)]
    named = ((a_text(field.get("field_id")), field) for field in typed)
    return [(field_id, field) for field_id, field in named if field_id is not None]


def _described(field: Any) -> Field:
    return {"description": field} if isinstance(field, str) else an_object(field)


def _is_unbounded_number(field: Field) -> bool:
    bounds = ("min", "max", "step", "digits")
    return field.get("type") == "number" and not any(name in field for name in bounds)


def _inner(form: Field) -> List[Question]:
    # Forms within forms do not occur in practice and are not answered.
    return [
        Question(field_id, field, in_form=True)
        for field_id, field in _named(form.get("fields"))[:_MAX_FIELDS_OF_FORM]
        if field.get("type") != "form"
    ]


def _category(job: Job, field: Field) -> List[Scalar]:
    choices = values(field.get("choices"))
    fewest = a_count(field.get("min_choices"), 1, 1, len(choices) or 1)
    most = a_count(field.get("max_choices"), fewest, 1, len(choices) or 1)
    # If bounds contradict each other, the upper one wins.
    count = job.rng.randint(min(fewest, most), most)
    return job.rng.sample(choices, min(count, len(choices)))


def _number(job: Job, field: Field) -> Union[int, float]:
    return number_within(field, job.rng)


def _boolean(job: Job, field: Field) -> bool:
    return job.rng.random() < 0.5


def _datetime(job: Job, field: Field) -> str:
    rng = job.rng
    day = f"2022-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return f"{day}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00.000Z"


def _ranking(job: Job, field: Field) -> List[int]:
    ranked = field.get("num_items_to_rank")
    usual = a_count(ranked, _USUAL_OPTIONS, 1, _MAX_OPTIONS)
    options = a_count(field.get("num_options"), usual, 1, _MAX_OPTIONS)
    return job.rng.sample(range(options), a_count(ranked, options, 1, options))


def _select(job: Job, field: Field) -> List[str]:
    return [str(chosen) for chosen in _category(job, field)]


def _timerange(job: Job, field: Field) -> Mapping[str, float]:
    start = job.rng.randint(0, 20) * 0.5
    return {"start": start, "end": start + job.rng.randint(1, 10) * 0.5}


_ANSWERS: Dict[str, _Answer] = {
    "category": _category,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "ranking_order": _ranking,
    "select": _select,
    "timerange": _timerange,
}
