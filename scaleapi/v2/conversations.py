"""Tasks of v2, and the conversations in them: threads, turns and messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Optional, Union

from scaleapi.v2.annotations import Annotation, DetailedFile
from scaleapi.v2.enums import ErrorType, MessageRole, TaskStatus
from scaleapi.v2.records import ExpandableId, Record
from scaleapi.v2.resources import Batch, Project


class ReferenceText(Record):
    """A text that a message refers to."""

    content: Optional[str]
    category: Optional[str]
    url: Optional[str]


class Reasoning(Record):
    """What a model thought before its answer."""

    content: Optional[str]


class Chunk(Record):
    """A part of a message, with annotations of its own."""

    type: str
    annotations: List[Annotation]

    @classmethod
    def _of(cls, document: Dict[str, Any]) -> Any:
        is_text = cls is Chunk and (
            document.get("type") == "text" or "text" in document
        )
        return ChunkText._of(document) if is_text else super()._of(document)


class ChunkText(Chunk):
    """A part of the text of a message."""

    text: str


class ModelParameters(Record):
    """How the model was called that wrote a message."""

    model: Optional[str]
    temperature: Optional[float]
    max_completion_tokens: Optional[int]
    top_p: Optional[float]
    top_k: Optional[int]


class CriterionEvaluation(Record):
    """How a message was rated by one criterion of a rubric."""

    criterion_definition_id: Optional[str]
    score: Optional[float]
    annotations: Optional[List[Annotation]]


class RubricEvaluation(Record):
    """How a message was rated by a rubric."""

    criteria_evaluations: Optional[List[CriterionEvaluation]]
    annotations: Optional[List[Annotation]]
    total_score: Optional[float]
    percentage: Optional[float]


class CriterionDefinition(Record):
    """A criterion of a rubric."""

    id: str
    criterion: str
    weight: Optional[float]
    annotations: List[Annotation]


class Rubric(Record):
    """The criteria by which the answers of a turn are rated."""

    criteria_definitions: List[CriterionDefinition]
    max_total_score: Optional[int]


class MessageContent(Record):
    """What a message says.

    Attributes:
        text: Its text.
        reference_texts: Texts that it refers to.
        attachments: Its files.
        chunks: Its parts that have annotations of their own.
        reasoning: What the model thought before.
    """

    text: Optional[str]
    reference_texts: Optional[List[ReferenceText]]
    attachments: Optional[List[DetailedFile]]
    chunks: Optional[List[Chunk]]
    reasoning: Optional[List[Reasoning]]


class Message(Record):
    """A message of a user, or the answer of a model.

    Attributes:
        role: Who wrote it.
        content: What it says.
        source_id: Id of who wrote it, by which annotations of the turn name it.
        annotations: Its annotations.
        model_parameters: How the model was called.
        rubric_evaluations: How it was rated by rubrics.
    """

    role: MessageRole
    content: MessageContent
    source_id: str
    annotations: List[Annotation]
    model_parameters: Optional[ModelParameters]
    rubric_evaluations: Optional[List[RubricEvaluation]]


class Turn(Record):
    """A message of a user, and the answers of the models to it.

    Attributes:
        id: Its id.
        messages: Its messages.
        annotations: Annotations that compare the answers.
        rubrics: Criteria by which the answers are rated.
    """

    id: str
    messages: List[Message]
    annotations: List[Annotation]
    rubrics: Optional[List[Rubric]]


class Submission(Record):
    """When a contributor submitted a thread."""

    submitted_at: Optional[datetime]
    contributor_id: Optional[str]


class Thread(Record):
    """A conversation.

    Attributes:
        id: Its id.
        turns: Its turns.
        annotations: Annotations of the whole conversation.
        submissions: Who submitted it, and when.
    """

    id: str
    turns: List[Turn]
    annotations: List[Annotation]
    submissions: Optional[List[Submission]]


class ErrorDetail(Record):
    """Why a task is in error."""

    type: Optional[ErrorType]
    message: Optional[str]


class SensitiveContentReport(Record):
    """Why the threads of a task are withheld."""

    type: Optional[str]
    message: Optional[str]


class Task(Record):
    """A task of v2. v1 knows it under the same id.

    Attributes:
        task_id: Its id.
        project: Id of its project, or the project if it was expanded.
        batch: Id of its batch, or the batch if it was expanded.
        status: Its status.
        created_at: Time of creation.
        completed_at: Time of completion.
        metadata: Its metadata.
        threads: Its conversations; empty before the task is completed.
        errors: Why it is in error.
        sensitive_content_reports: Why it has no threads.
    """

    _identity_key = "task_id"

    task_id: str
    project: Union[ExpandableId, Project]
    batch: Optional[Union[ExpandableId, Batch]]
    status: TaskStatus
    created_at: datetime
    completed_at: Optional[datetime]
    metadata: Optional[Dict[str, Any]]
    threads: Optional[List[Thread]]
    errors: Optional[List[ErrorDetail]]
    sensitive_content_reports: Optional[List[SensitiveContentReport]]


#: The name of `Task` at the top of the package, where `scaleapi.Task` is that of v1.
V2Task = Task
