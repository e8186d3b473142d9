"""Rankings in words: the options in the order that a respondent gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from scaleapi.annotations import Annotations
from scaleapi.annotations.answers import Answer
from scaleapi.sandbox.store.repository import Document

_MAX_TEXT_CHARS = 500
_MAX_RANKINGS = 20


@dataclass(frozen=True)
class Option:
    """An option of a ranking.

    Attributes:
        number: The number in the response, from 0.
        name: What labelers call it, such as ``Answer 2``.
        text: Its text; None if the task does not have it.
    """

    number: int
    name: str
    text: Optional[str]


@dataclass(frozen=True)
class Ranking:
    """One answer to a question for an order.

    Attributes:
        title: The question.
        first: What the first place means; empty if the task does not say it.
        last: What the last place means; empty if the task does not say it.
        options: The options, the best one first.
    """

    title: str
    first: str
    last: str
    options: List[Option]


def rankings_of(task: Document, found: Annotations) -> List[Ranking]:
    """Return the rankings among the answers to a text collection."""
    rankings = []
    for answer in found.answers.values():
        if answer.field.get("type") != "ranking_order":
            continue
        texts = _texts(task, answer.field)
        for given in answer.by_respondent:
            one = Answer(answer.field_id, answer.field, (given,), given)
            if one.ranking:
                rankings.append(_ranking(one, list(one.ranking), texts))
    return rankings[:_MAX_RANKINGS]


def _ranking(answer: Answer, numbers: List[int], texts: List[str]) -> Ranking:
    field = answer.field
    name = str(field.get("option_label") or "Option")[:_MAX_TEXT_CHARS]
    options = [
        Option(
            number,
            f"{name} {number + 1}",
            texts[number] if number < len(texts) else None,
        )
        for number in numbers
    ]
    return Ranking(
        str(field.get("title") or answer.field_id)[:_MAX_TEXT_CHARS],
        str(field.get("first_label") or "")[:_MAX_TEXT_CHARS],
        str(field.get("last_label") or "")[:_MAX_TEXT_CHARS],
        options,
    )


def _texts(task: Document, field: Dict[str, Any]) -> List[str]:
    """Return the texts of the options, by their numbers."""
    # The options are the choices, or else the texts that are attached.
    # api-notes: ranking-options (guess)
    choices = field.get("choices")
    if isinstance(choices, list) and choices:
        found = [_choice(each) for each in choices]
    else:
        attachments = task["params"].get("attachments")
        found = [
            each.get("content")
            for each in (attachments if isinstance(attachments, list) else [])
            if isinstance(each, dict) and each.get("type") == "text"
        ]
    return [str(text)[:_MAX_TEXT_CHARS] for text in found]


def _choice(given: Any) -> Any:
    if isinstance(given, dict):
        return given.get("label", given.get("value"))
    return given
