"""The answers to the fields of a text collection, in whichever form they came."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from scaleapi.annotations.views import an_array, an_object

#: A ranking that was not made has this value. (api-notes: text-responses)
_NOT_RANKED = "0"


class Answer:
    """The answer to one field.

    Attributes:
        field_id: Id of the field.
        field: The field as the task has it; empty if it is not known.
        by_respondent: What each respondent answered, as it came; None for one who left
            the field out. There is one element if there is one respondent.
        raw: The very value in the document; of several respondents, that of the first
            who answered.
    """

    __slots__ = ("by_respondent", "field", "field_id", "raw")

    def __init__(
        self,
        field_id: str,
        field: Dict[str, Any],
        by_respondent: Tuple[Any, ...],
        raw: Any,
    ) -> None:
        self.field_id = field_id
        self.field = field
        self.by_respondent = by_respondent
        self.raw = raw

    @property
    def values(self) -> Tuple[Any, ...]:
        """The chosen values; a text or a number is the only one.

        Of several respondents, those of the first who answered.
        """
        first = self._first()
        if isinstance(first, list):
            return tuple(first)
        return () if first is None else (first,)

    @property
    def value(self) -> Any:
        """The value if there is one; a list if there are several, None if none.

        Of several respondents, that of the first who answered.
        """
        first = self._first()
        if isinstance(first, list) and len(first) < 2:
            return first[0] if first else None
        return first

    @property
    def ranking(self) -> Optional[Tuple[int, ...]]:
        """The numbers of the ranked options, from 0, best first.

        It is empty if the field was not answered, and None if it is no ranking.
        """
        first = self._first()
        if first == _NOT_RANKED and self.field.get("type") in (None, "ranking_order"):
            return ()
        if not isinstance(first, list):
            return None
        numbers = [_whole_number(each) for each in first]
        return None if None in numbers else tuple(numbers)  # type: ignore[arg-type]

    @property
    def labels(self) -> Tuple[str, ...]:
        """The labels of the chosen values, looked up in the task's own fields.

        A value that is not among the choices is its own label.
        """
        labels = _labels(self.field.get("choices"))
        return tuple(labels.get(_as_text(each), _as_text(each)) for each in self.values)

    def _first(self) -> Any:
        return next((each for each in self.by_respondent if each is not None), None)

    def __repr__(self) -> str:
        return f"Answer(field_id={self.field_id!r}, by_respondent={self.by_respondent})"


class Answers(Mapping[str, Answer]):
    """The answers: id of the field -> `Answer`, in the order of the document.

    Args:
        respondents: What each respondent answered: id of the field -> value.
        fields: The fields of the task: id -> field.
    """

    __slots__ = ("_fields", "_ids", "_respondents")

    def __init__(
        self, respondents: List[Dict[str, Any]], fields: Dict[str, Dict[str, Any]]
    ) -> None:
        self._respondents = respondents
        self._fields = fields
        self._ids = tuple(dict.fromkeys(key for each in respondents for key in each))

    def __getitem__(self, field_id: str) -> Answer:
        given = [each[field_id] for each in self._respondents if field_id in each]
        if not given:
            raise KeyError(field_id)
        if len(self._respondents) == 1:
            by_respondent = _given_answers(given[0])
        else:
            by_respondent = tuple(each.get(field_id) for each in self._respondents)
        raw = next((value for value in given if value is not None), None)
        return Answer(field_id, self._fields.get(field_id, {}), by_respondent, raw)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        given = {field_id: answer.by_respondent for field_id, answer in self.items()}
        return f"Answers({ {k: v[0] if len(v) == 1 else v for k, v in given.items()} })"


def is_described(given: Any) -> bool:
    """Return whether an answer is an object with its type and ``response``."""
    # api-notes: text-responses
    return (
        isinstance(given, dict)
        and "response" in given
        and ("field_id" in given or "type" in given)
    )


def fields_by_id(fields: Any) -> Dict[str, Dict[str, Any]]:
    """Return the fields of a task by their ids. A form itself is not answered.

    Args:
        fields: ``params["fields"]``: a list, or an object as the old types have it.
    """
    # api-notes: fields
    found: Dict[str, Dict[str, Any]] = {}
    remaining = (
        list(fields)
        if isinstance(fields, list)
        else [
            {"field_id": field_id, **an_object(field)}
            for field_id, field in an_object(fields).items()
        ]
    )
    while remaining:
        field = an_object(remaining.pop(0))
        if field.get("type") == "form":
            remaining = [*an_array(field.get("fields")), *remaining]
        elif isinstance(field.get("field_id"), str):
            found[field["field_id"]] = field
    return found


def _given_answers(value: Any) -> Tuple[Any, ...]:
    """Return the answers in a value that may have its type and id beside it."""
    if not is_described(value):
        return (value,)
    response = value["response"]
    if isinstance(response, list) and all(isinstance(each, list) for each in response):
        return tuple(response)  # the outer list has answers, the inner chosen values
    return (response,)


def _labels(choices: Any) -> Dict[str, str]:
    """Return the labels of choices by their values as text."""
    # With several respondents values are text where the choices have numbers.
    # api-notes: text-responses
    found: Dict[str, str] = {}
    remaining = list(an_array(choices))
    while remaining:
        choice = remaining.pop(0)
        if not isinstance(choice, dict):
            found.setdefault(_as_text(choice), _as_text(choice))
            continue
        if isinstance(choice.get("subchoices"), list):
            remaining = [*choice["subchoices"], *remaining]
            continue
        value = choice.get("value", choice.get("choice", choice.get("label")))
        label = choice.get("label", choice.get("display", value))
        found.setdefault(_as_text(value), _as_text(label))
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return "" if isinstance(value, (dict, list)) else repr(value)


def _whole_number(value: Any) -> Optional[int]:
    if type(value) is int:
        return value
    # isdecimal alone takes digits of other scripts, which int() reads, too.
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return None
