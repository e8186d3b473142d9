"""Annotations of v2, of twelve kinds, and the files that some of them hold."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type, Union

from scaleapi.v2.records import ExpandableId, Record, hold


class DetailedFile(Record):
    """A file of a message or of an annotation: a `BasicFile` or one of its siblings.

    Which of them it is shows in its fields.

    Attributes:
        mime_type: Its type, such as ``image/png``.
        scale_url: Its address at Scale, which needs an account.
        url: Its address for a download.
    """

    mime_type: Optional[str]
    scale_url: Optional[str]
    url: Optional[str]

    @classmethod
    def _of(cls, document: Dict[str, Any]) -> Any:
        # api-notes: v2-files
        if cls is not DetailedFile:
            return super()._of(document)
        if "duration" in document or any(k.startswith("transcript") for k in document):
            return AudioFile._of(document)
        kind = ImageFile if "file_size_in_bytes" in document else BasicFile
        return kind._of(document)


class BasicFile(DetailedFile):
    """A file of any type.

    Attributes:
        content: What it contains, in base64.
        name: Its name.
    """

    content: Optional[str]
    name: Optional[str]


class ImageFile(DetailedFile):
    """A picture.

    Attributes:
        name: Its name.
        file_size_in_bytes: Its size.
    """

    name: Optional[str]
    file_size_in_bytes: Optional[int]


class AudioFile(DetailedFile):
    """A recording.

    Attributes:
        duration: Its length.
        transcript: What is said in it.
        transcript_url: Address of a file with the transcript.
        transcript_start: Where the transcript begins.
        transcript_end: Where the transcript ends.
    """

    duration: Optional[float]
    transcript: Optional[str]
    transcript_url: Optional[str]
    transcript_start: Optional[float]
    transcript_end: Optional[float]


class FileList(List[DetailedFile]):
    """The files of an annotation with several. It is a list."""

    @property
    def actual_instance(self) -> FileList:
        """This list. The official client wraps it in another object."""
        return self

    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return DetailedFile._of(value)
        if not isinstance(value, list):
            return value
        return cls(DetailedFile._of(v) if isinstance(v, dict) else v for v in value)


class ContentAndUrl(Record):
    """A text, or the address of a file with it."""

    content: Optional[str]
    url: Optional[str]
    scale_url: Optional[str]


class LabeledTextValue(Record):
    """A part of a text, with its label."""

    label: Optional[str]
    text: Optional[str]


class OpenRecord(Record):
    """A document that may have any fields besides those that are declared."""

    @property
    def additional_properties(self) -> Dict[str, Any]:
        """The fields that are not declared."""
        declared = type(self).__annotations__
        return {k: v for k, v in self.to_dict().items() if k not in declared}


class RubricCriteriaValue(OpenRecord):
    """A criterion by which answers are rated."""

    weight: Optional[float]


class RubricRatingValue(OpenRecord):
    """How an answer was rated by a criterion."""

    score: Optional[float]
    color: Optional[str]
    justification: Optional[str]


class WorkspaceFile(Record):
    """A file of a workspace."""

    file_name: Optional[str]
    scale_url: str
    url: Optional[str]
    file_language: Optional[str]
    file_content: Optional[str]


class WorkspaceContainerConfig(Record):
    """How a workspace is reached."""

    workspace_id: str
    workspace_url: str
    workspace_token: str
    expires_at: str
    inactivity_freeze_time: int
    force_enable_workspace_access: Optional[bool]
    workspace_image_version: Optional[int]


class WorkspaceContainerValue(Record):
    """A workspace in which code was run, and what it wrote."""

    workspace_id: Optional[str]
    workspace_config: Optional[WorkspaceContainerConfig]
    last_code_run_event: Optional[Dict[str, Any]]
    output_files: Optional[List[WorkspaceFile]]
    stdout_output: Optional[ContentAndUrl]
    stderr_output: Optional[ContentAndUrl]
    test_stdout_output: Optional[ContentAndUrl]
    test_stderr_output: Optional[ContentAndUrl]


class AnnotationMetadata(Record):
    """Metadata of an annotation.

    Attributes:
        criteria: The criterion that an annotation rates: its id, or the annotation
            that defines it.
    """

    criteria: Optional[Union[ExpandableId, Annotation]]


class Annotation(Record):
    """An annotation of a task, a thread, a turn or a message.

    ``from_dict`` returns an object of one of the twelve subclasses, by the type in the
    document. An annotation without a type, or with one that this version does not know,
    is a `BaseAnnotation`. Without ``opts=["annotation_details"]``, the API may send
    annotations that have only ``key`` and ``value``.

    Attributes:
        id: Its id.
        key: What it is about, such as ``overall``.
        type: One of the values of `AnnotationType`, as a str.
        value: What was chosen or written. Its type depends on the kind.
        title: Its title, for people.
        description: What it is about, for people.
        labels: Its labels.
        not_applicable: Whether it does not apply.
        cannot_assess: Whether it cannot be assessed.
        metadata: Its metadata.
        justification: Why this value.
    """

    id: str
    key: str
    type: str
    value: Any
    title: Optional[str]
    description: Optional[str]
    labels: Optional[List[str]]
    not_applicable: Optional[bool]
    cannot_assess: Optional[bool]
    metadata: Optional[AnnotationMetadata]
    justification: Optional[str]

    @classmethod
    def _of(cls, document: Dict[str, Any]) -> Any:
        # api-notes: v2-annotations
        kind = document.get("type")
        made: Any = cls
        if cls is Annotation:
            made = _KINDS.get(kind) if isinstance(kind, str) else None
        # Written out, since there are many annotations.
        annotation = object.__new__(made or BaseAnnotation)
        hold(annotation, document)
        return annotation


class BaseAnnotation(Annotation):
    """An annotation of no known type. Its value is as the API sends it."""

    possible_values: Optional[List[Any]]


class AnnotationInteger(Annotation):
    """A whole number."""

    value: Optional[int]
    possible_values: Optional[List[int]]


class AnnotationBoolean(Annotation):
    """Yes or no."""

    value: Optional[bool]
    possible_values: Optional[List[bool]]


class AnnotationText(Annotation):
    """A text."""

    value: Optional[str]


class AnnotationCategory(Annotation):
    """One of several categories."""

    value: Optional[str]
    possible_values: Optional[List[str]]


class AnnotationCategoryMultiple(Annotation):
    """Any number of several categories."""

    value: Optional[List[str]]
    possible_values: Optional[List[str]]


class AnnotationFile(Annotation):
    """A file, or several."""

    value: Optional[Union[DetailedFile, FileList]]


class AnnotationRankedChoices(Annotation):
    """Choices in their order, the best first."""

    value: Optional[List[str]]


class AnnotationRankedGroups(Annotation):
    """Groups of choices in their order, the best first. Those of a group are equal."""

    value: Optional[List[List[str]]]


class AnnotationLabeledText(Annotation):
    """A text in parts, each with a label."""

    value: Optional[List[LabeledTextValue]]


class AnnotationRubricCriteria(Annotation):
    """A criterion by which answers are rated."""

    value: Optional[RubricCriteriaValue]


class AnnotationRubricRating(Annotation):
    """How an answer was rated by a criterion."""

    value: Optional[RubricRatingValue]


class AnnotationWorkspaceContainer(Annotation):
    """A workspace in which code was run."""

    value: Optional[WorkspaceContainerValue]


_KINDS: Dict[str, Type[Annotation]] = {
    "integer": AnnotationInteger,
    "boolean": AnnotationBoolean,
    "text": AnnotationText,
    "category": AnnotationCategory,
    "category_multiple": AnnotationCategoryMultiple,
    "file": AnnotationFile,
    "ranked_choices": AnnotationRankedChoices,
    "ranked_groups": AnnotationRankedGroups,
    "labeled_text": AnnotationLabeledText,
    "rubric_criteria": AnnotationRubricCriteria,
    "rubric_rating": AnnotationRubricRating,
    "workspace_container": AnnotationWorkspaceContainer,
}
