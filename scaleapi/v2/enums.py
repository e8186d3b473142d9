"""The enums of v2. Their members are equal to the strings that the API sends."""

from __future__ import annotations

from scaleapi._core.enums import WireEnum


class TaskStatus(WireEnum):
    """Status of a task."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ERROR = "error"
    DELETED = "deleted"


class BatchStatus(WireEnum):
    """Status of a batch. Here the API writes ``cancelled``, with two l."""

    STAGING = "staging"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class AnnotationType(WireEnum):
    """Type of an annotation."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    CATEGORY = "category"
    CATEGORY_MULTIPLE = "category_multiple"
    FILE = "file"
    WORKSPACE_CONTAINER = "workspace_container"
    RANKED_CHOICES = "ranked_choices"
    RANKED_GROUPS = "ranked_groups"
    RUBRIC_CRITERIA = "rubric_criteria"
    RUBRIC_RATING = "rubric_rating"
    LABELED_TEXT = "labeled_text"


class Option(WireEnum):
    """What a task contains besides its threads."""

    ANNOTATION_DETAILS = "annotation_details"
    ATTACHMENT_DETAILS = "attachment_details"
    MODEL_PARAMETERS = "model_parameters"
    SUBMISSIONS = "submissions"


class MessageRole(WireEnum):
    """Who wrote a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    FUNCTION = "function"


class ErrorType(WireEnum):
    """Why a task is in error."""

    UNSUPPORTED_LANGUAGE = "UNSUPPORTED_LANGUAGE"
    LANGUAGE_MISMATCH = "LANGUAGE_MISMATCH"
    PROMPT_LENGTH_EXCEEDED = "PROMPT_LENGTH_EXCEEDED"
    INVALID_CATEGORY = "INVALID_CATEGORY"
    PROMPT_INFEASIBLE = "PROMPT_INFEASIBLE"


class Expandable(WireEnum):
    """An id that can be replaced by its object."""

    PROJECT = "project"
    BATCH = "batch"
    DELIVERY = "delivery"


class ExpandableEnumTask(WireEnum):
    """An id of a task that can be replaced by its object."""

    PROJECT = "project"
    BATCH = "batch"


class ExpandableEnumBatch(WireEnum):
    """An id of a batch that can be replaced by its object."""

    PROJECT = "project"


class ExpandableEnumDeliveries(WireEnum):
    """An id of a delivery in a list that can be replaced by its object."""

    PROJECT = "project"


class ExpandableEnumDelivery(WireEnum):
    """An id of a delivery or its tasks that can be replaced by its object."""

    PROJECT = "project"
    BATCH = "batch"
    DELIVERY = "delivery"


class ExpandableEnumDatasetTask(WireEnum):
    """An id of a task of a dataset that can be replaced by its object."""

    DATASET = "dataset"
    DELIVERY = "delivery"


class ExpandableEnumDatasetsDeliveries(WireEnum):
    """An id of a delivery of a dataset that can be replaced by its object."""

    DATASET = "dataset"


class GenAIProjectType(WireEnum):
    """Type of a project. The types of a `Project` are plain strings."""

    SFT = "SFT"
    RLHF_COLON__PREF_RANKING = "RLHF: Pref Ranking"
    RLHF_COLON__PREF_RANKING_WITH_REWRITES = "RLHF: Pref Ranking with Rewrites"
    RLVR_COLON__REINFORCEMENT_LEARNING_WITH_VERIFIABLE_REWARDS = (
        "RLVR: Reinforcement Learning with Verifiable Rewards"
    )
    RUBRICS = "Rubrics"
    PROCESS_SUPERVISION = "Process Supervision"
    EVALS = "Evals"
    PROMPT_GENERATION = "Prompt Generation"
    CONTENT_UNDERSTANDING = "Content Understanding"
    OTHER = "Other"
