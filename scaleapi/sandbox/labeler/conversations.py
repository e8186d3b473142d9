"""Conversations of chat tasks, as v2 shows them: threads of turns of messages.

They are given as v2 gives them with all of its ``opts``. `conversation_details` takes
out what was not asked for.

api-notes: v2-conversations
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from scaleapi.sandbox.labeler.conversation_texts import (
    ANSWERS_TO_ANYTHING,
    EXCHANGES,
    Exchange,
)
from scaleapi.sandbox.labeler.job import Job
from scaleapi.sandbox.labeler.json_readers import a_text, an_array, an_object

Document = Dict[str, Any]

_USUAL_MODELS = ("model_a", "model_b")
_MAX_MODELS = 6
_MAX_ATTACHMENTS = 20
_SCALE = [1, 2, 3, 4, 5]
_REWRITES = "rewrite"
#: Words of a project's type -> the kind of its conversations.
_SFT_TYPES = frozenset({"SFT", "Prompt Generation", "Content Understanding"})
_RUBRIC_TYPES = frozenset(
    {"Rubrics", "Evals", "RLVR: Reinforcement Learning with Verifiable Rewards"}
)
#: What an answer is rated by: text, and weight.
_CRITERIA = (
    ("It answers what was asked.", 5),
    ("All of its facts are right.", 3),
    ("It is no longer than it must be.", 1),
)


class _Ids(NamedTuple):
    """Makes the ids of one task: those of annotations begin with the task's.

    So an annotation is found by its id alone.
    """

    task_id: str
    used: List[int]

    def new(self) -> str:
        self.used[0] += 1
        return f"{self.task_id}{self.used[0]:08x}"


class _Writer:
    """Writes the conversation of one task.

    Args:
        job: The task.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.rng = job.rng
        self._ids = _Ids(job.task_id, [0])
        named = [a_text(each) for each in an_array(job.params.get("models"), 100)]
        models = [name for name in named if name is not None][:_MAX_MODELS]
        self.models = models if len(models) > 1 else list(_USUAL_MODELS)
        self.person = f"{self.rng.getrandbits(96):024x}"

    def thread(self, turns: List[Document], annotations: List[Document]) -> Document:
        return {
            "id": self._ids.new(),
            "turns": turns,
            "annotations": annotations,
            "submissions": [{"contributor_id": self.person}],
        }

    def turn(
        self, messages: List[Document], annotations: List[Document], **more: Any
    ) -> Document:
        return {
            "id": self._ids.new(),
            "messages": messages,
            "annotations": annotations,
            **more,
        }

    def question(self, text: str, attachments: List[Document]) -> Document:
        content: Document = {"text": text}
        if attachments:
            content["attachments"] = attachments
        return {
            "role": "user",
            "content": content,
            "source_id": self.person,
            "annotations": [],
        }

    def answer(
        self, model: str, text: str, annotations: List[Document], **more: Any
    ) -> Document:
        return {
            "role": "assistant",
            "content": {"text": text},
            "source_id": model,
            "model_parameters": {
                "model": model,
                "temperature": self.rng.choice([0, 0.5, 1]),
                "max_completion_tokens": 1024,
                "top_p": 1,
                "top_k": 40,
            },
            "annotations": annotations,
            **more,
        }

    def annotation(self, type: str, key: str, value: Any, **more: Any) -> Document:
        return {
            "id": self._ids.new(),
            "key": key,
            "type": type,
            "title": key.replace("_", " ").capitalize(),
            "value": value,
            **more,
        }

    def rating(self, key: str) -> Document:
        value = self.rng.choice(_SCALE)
        return self.annotation("integer", key, value, possible_values=_SCALE)

    def choice(self, key: str, choices: List[str]) -> Document:
        chosen = self.rng.choice(choices)
        return self.annotation("category", key, chosen, possible_values=choices)


def converse(job: Job) -> List[Document]:
    """Return the threads of a task, in the kind that its project implies."""
    types = an_array(job.params.get("types"), 1)
    first = a_text(types[0]) if types else None
    if first in _SFT_TYPES:
        return demonstrate(job)
    if first in _RUBRIC_TYPES:
        return grade(job)
    return prefer(job, rewrite=_REWRITES in (first or "").lower())


def demonstrate(job: Job) -> List[Document]:
    """Return a conversation of two turns, written by a person (SFT)."""
    writer = _Writer(job)
    turns = []
    for number, exchange in enumerate(_exchanges(job, 2)):
        answer = writer.answer(writer.models[0], exchange.answers[0], [])
        rewritten = writer.annotation("text", _REWRITES, exchange.answers[1])
        answer["annotations"].append(rewritten)
        files = _attachments(job) if number == 0 else []
        kinds = ["open question", "closed question", "brainstorming", "summary"]
        turns.append(
            writer.turn(
                [writer.question(exchange.prompt, files), answer],
                [writer.choice("prompt_category", kinds)],
            )
        )
    return [writer.thread(turns, [writer.rating("overall")])]


def prefer(job: Job, *, rewrite: bool = False) -> List[Document]:
    """Return a turn with answers of several models, rated and ranked (RLHF)."""
    writer = _Writer(job)
    (exchange,) = _exchanges(job, 1)
    answers = []
    for number, model in enumerate(writer.models):
        ratings = [
            writer.rating("instruction_following"),
            writer.rating("truthfulness"),
            writer.choice("length", ["too short", "just right", "too long"]),
            writer.annotation(
                "boolean",
                "is_harmful",
                writer.rng.random() < 0.1,
                possible_values=[True, False],
            ),
        ]
        text = exchange.answers[number % len(exchange.answers)]
        answers.append(writer.answer(model, text, ratings))
    ranking = list(writer.models)
    writer.rng.shuffle(ranking)
    # Of seven steps, the first means that the first answer is much better.
    is_first = ranking[0] == writer.models[0]
    likert = writer.rng.randint(1, 3) if is_first else writer.rng.randint(5, 7)
    choice = [
        writer.annotation("category", "selected_model_id", ranking[0]),
        writer.annotation(
            "integer", "likert_value", likert, possible_values=list(range(1, 8))
        ),
        writer.annotation("ranked_choices", "ranking", ranking),
        writer.annotation(
            "text", "justification", job.answer_to("justification reason")
        ),
    ]
    if rewrite:
        choice.append(writer.annotation("text", _REWRITES, exchange.answers[0]))
    question = writer.question(exchange.prompt, _attachments(job))
    turn = writer.turn([question, *answers], choice)
    return [writer.thread([turn], [writer.rating("overall")])]


def grade(job: Job) -> List[Document]:
    """Return a turn with criteria, and answers that are rated by them."""
    writer = _Writer(job)
    (exchange,) = _exchanges(job, 1)
    criteria = [
        {
            **writer.annotation("rubric_criteria", f"criterion_{n}", {"weight": w}),
            "title": text,
        }
        for n, (text, w) in enumerate(_CRITERIA, 1)
    ]
    answers = [
        _graded(writer, model, exchange.answers[n % len(exchange.answers)], criteria)
        for n, model in enumerate(writer.models)
    ]
    definitions = [
        {
            "id": each["id"],
            "criterion": each["title"],
            "weight": each["value"]["weight"],
            "annotations": [],
        }
        for each in criteria
    ]
    total = sum(weight for _, weight in _CRITERIA)
    turn = writer.turn(
        [writer.question(exchange.prompt, _attachments(job)), *answers],
        criteria,
        rubrics=[{"criteria_definitions": definitions, "max_total_score": total}],
    )
    return [writer.thread([turn], [])]


def _graded(
    writer: _Writer, model: str, text: str, criteria: List[Document]
) -> Document:
    """Return an answer with a rating for each criterion, and their sum."""
    ratings, parts = [], []
    for criterion in criteria:
        weight = criterion["value"]["weight"]
        score = writer.rng.choice([0, weight])
        rating = writer.annotation(
            "rubric_rating",
            criterion["key"],
            {
                "score": score,
                "color": "green" if score else "red",
                "justification": writer.job.answer_to("justification reason"),
            },
            metadata={"criteria": criterion["id"]},
        )
        ratings.append({**rating, "title": criterion["title"]})
        part = {"criterion_definition_id": criterion["id"], "score": score}
        parts.append({**part, "annotations": []})
    score = sum(part["score"] for part in parts)
    total = sum(criterion["value"]["weight"] for criterion in criteria)
    evaluation = {
        "criteria_evaluations": parts,
        "annotations": [],
        "total_score": score,
        "percentage": round(100 * score / total, 1),
    }
    return writer.answer(model, text, ratings, rubric_evaluations=[evaluation])


def _exchanges(job: Job, number: int) -> List[Exchange]:
    """Return different prompts with answers; the first is the task's own, if any."""
    chosen = job.rng.sample(EXCHANGES, number)
    prompt = a_text(an_object(job.params.get("template_variables")).get("prompt"))
    if prompt is not None:
        chosen[0] = Exchange(prompt, ANSWERS_TO_ANYTHING)
    return chosen


def _attachments(job: Job) -> List[Document]:
    """Return the files that a task names; they are not looked at."""
    variables = an_object(job.params.get("template_variables"))
    named = an_array(variables.get("attachments"), _MAX_ATTACHMENTS)
    urls: List[Optional[str]] = [*map(a_text, named), *job.attachments()]
    return [
        {
            "url": url,
            "name": url.partition("?")[0].rpartition("/")[2],
            "mime_type": "application/octet-stream",
            "scale_url": url,
        }
        for url in urls[:_MAX_ATTACHMENTS]
        if url is not None
    ]


def _response(work: Callable[[Job], List[Document]]) -> Callable[[Job], Document]:
    """Return a maker of responses whose ``threads`` v2 shows as they are."""
    return lambda job: {"response": {"threads": work(job)}}


answer_sft = _response(demonstrate)
answer_rlhf = _response(prefer)
answer_rubrics = _response(grade)
