"""Tasks, annotations or answers as rows of a table. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple

from scaleapi.annotations import Annotations, parse
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.export.columns import Column, PathColumn, fitted, path_columns, value_at
from scaleapi.export.problems import Problems

#: As many tasks as the API gives on one page.
_TASKS_OF_BATCH = 100
_ROWS_OF_BATCH = 1000

_TASKS = (
    Column("task_id", "text"),
    Column("type", "text"),
    Column("status", "text"),
    Column("project", "text"),
    Column("batch", "text"),
    Column("unique_id", "text"),
    Column("created_at", "time"),
    Column("updated_at", "time"),
    Column("completed_at", "time"),
    Column("instruction", "text"),
    Column("is_test", "bool"),
    Column("urgency", "text"),
    Column("priority", "int"),
    Column("customer_review_status", "text"),
    Column("callback_url", "text"),
    Column("callback_succeeded", "bool"),
    Column("callback_succeeded_at", "time"),
    Column("tags", "json"),
    Column("metadata", "json"),
    Column("params", "json"),
    Column("response", "json"),
    Column("audits", "json"),
    Column("prior_responses", "json"),
)
#: The keys of the first level that have no column of their own.
_OTHER = Column("other", "json")

_ANNOTATIONS = (
    Column("task_id", "text"),
    Column("uuid", "text"),
    Column("type", "text"),
    Column("label", "text"),
    Column("coordinates", "json"),
    Column("attributes", "json"),
    Column("frame", "int"),
    Column("track", "text"),
    Column("camera", "int"),
    Column("page", "int"),
    Column("text", "text"),
)
_ANSWERS = (
    Column("task_id", "text"),
    Column("respondent", "int"),
    Column("file", "text"),
    Column("field", "text"),
    Column("value", "text"),
)
_COLUMNS = {
    "tasks": (*_TASKS, _OTHER),
    "annotations": _ANNOTATIONS,
    "answers": _ANSWERS,
}

#: The keys of a shape that say where it is.
_COORDINATES = (
    "left",
    "top",
    "x",
    "y",
    "width",
    "height",
    "rotation",
    "vertices",
    "edges",
    "points_2d",
    "points_3d",
    "position",
    "dimensions",
    "yaw",
    "pitch",
    "roll",
)

#: A row with the document of its task.
Row = Tuple[Any, ...]


class RowBatch(NamedTuple):
    """Some rows, column by column.

    Attributes:
        task_ids: The task of each row.
        values: The values of each column.
    """

    task_ids: List[Any]
    values: List[List[Any]]


class Rows:
    """The rows of tasks, whose columns are known before the first of them.

    Args:
        tasks: Tasks, or their documents.
        rows: ``"tasks"``, ``"annotations"`` or ``"answers"``.
        columns: Further columns: name -> path and type.

    Raises:
        ScaleTypeError: An argument is of another type.
        ScaleValueError: `rows` or `columns` is malformed.

    Attributes:
        columns: The columns.
        tasks: Number of tasks that were read.
        problems: What does not fit.
    """

    def __init__(self, tasks: Any, rows: Any, columns: Any) -> None:
        if rows not in _COLUMNS:
            raise ScaleValueError(
                f"rows must be one of {', '.join(map(repr, _COLUMNS))}; got {rows!r}"
            )
        self._rows = rows
        self._further = path_columns(columns, _COLUMNS[rows])
        self._documents = documents_of(tasks)
        self.columns: List[Column] = [
            *_COLUMNS[rows],
            *(each.column for each in self._further),
        ]
        self.tasks = 0
        self.problems = Problems()

    def batches(self) -> Iterator[RowBatch]:
        """Yield all rows; the values fit the types of the columns."""
        raw = self._tasks() if self._rows == "tasks" else self._parts()
        for task_ids, values in raw:
            yield RowBatch(
                task_ids,
                [
                    fitted(column, each, task_ids, self.problems)
                    for column, each in zip(self.columns, values)
                ],
            )

    def _tasks(self) -> Iterator[RowBatch]:
        keys = [column.name for column in _TASKS]
        known = frozenset(keys)
        while True:
            documents = list(islice(self._documents, _TASKS_OF_BATCH))
            if not documents:
                return
            self.tasks += len(documents)
            values = [[each.get(key) for each in documents] for key in keys]
            values.append([_others(each, known) for each in documents])
            values += [
                [value_at(each, further.path) for each in documents]
                for further in self._further
            ]
            yield RowBatch(values[0], values)

    def _parts(self) -> Iterator[RowBatch]:
        rows = self._rows_of_parts()
        while True:
            some = list(islice(rows, _ROWS_OF_BATCH))
            if not some:
                return
            values = [list(each) for each in zip(*some)]
            yield RowBatch(values[0], values)

    def _rows_of_parts(self) -> Iterator[Row]:
        make = _annotations if self._rows == "annotations" else _answers
        for document in self._documents:
            self.tasks += 1
            further = _further_values(document, self._further)
            task_id = document.get("task_id")
            for row in make(document, self.problems):
                yield (task_id, *row, *further)


def documents_of(tasks: Any) -> Iterator[Dict[str, Any]]:
    """Return an iterator over the documents of tasks.

    Args:
        tasks: Any iterable of `Task` objects and documents.

    Raises:
        ScaleTypeError: `tasks` or an element is none of these; for an element,
            when it is reached.
    """
    if isinstance(tasks, (str, bytes, dict)) or not isinstance(tasks, Iterable):
        hint = (
            "; for a file, pass export.read_tasks(path)"
            if isinstance(tasks, (str, bytes)) or hasattr(tasks, "__fspath__")
            else ""
        )
        raise ScaleTypeError(
            "tasks must be an iterable of tasks, such as client.get_tasks(...); got "
            f"{type(tasks).__name__}{hint}"
        )
    return _documents(tasks)


def _documents(tasks: Iterable[Any]) -> Iterator[Dict[str, Any]]:
    for number, task in enumerate(tasks):
        if isinstance(task, dict):
            yield task
            continue
        as_dict = getattr(task, "as_dict", None)
        document = as_dict() if callable(as_dict) else None
        if not isinstance(document, dict):
            raise ScaleTypeError(
                f"tasks[{number}] must be a Task or its dict; got {type(task).__name__}"
            )
        yield document


def _others(document: Dict[str, Any], known: Any) -> Any:
    keys = document.keys() - known
    # In the order of the document, which a set does not have.
    return {key: document[key] for key in document if key in keys} if keys else None


def _further_values(document: Any, further: List[PathColumn]) -> Tuple[Any, ...]:
    return tuple(value_at(document, each.path) for each in further)


def _annotations(document: Dict[str, Any], problems: Problems) -> Iterator[Row]:
    found = parse(document)
    for shape in found.shapes:
        raw, frame = shape.raw, shape.frame
        at = raw["location"] if isinstance(raw.get("location"), dict) else raw
        yield (
            shape.uuid,
            shape.geometry,
            shape.label,
            {key: at[key] for key in _COORDINATES if key in at},
            raw.get("attributes"),
            frame,
            None if frame is None else shape.uuid,
            shape.camera,
            shape.page,
            shape.text,
        )
    for cuboid in found.cuboids_3d:
        raw, frame = cuboid.raw, cuboid.frame
        yield (
            cuboid.uuid,
            "cuboid_3d",
            cuboid.label,
            {key: raw[key] for key in _COORDINATES if key in raw},
            raw.get("attributes"),
            frame,
            None if frame is None else cuboid.uuid,
            cuboid.camera,
            None,
            None,
        )
    count_left_out(found, document.get("task_id"), problems)


def count_left_out(found: Annotations, task_id: Any, problems: Problems) -> None:
    """Count what a response has beside shapes.

    Args:
        found: What the response says.
        task_id: The task.
        problems: Gets what is counted.
    """
    _count_files(found, task_id, problems)
    for kind, parts in (
        ("segments", found.segments),
        ("entities", found.entities),
        ("events", found.events),
        ("clips", found.clips),
        ("paths", found.paths),
        ("elements of unknown form", found.unknown),
    ):
        if len(parts):
            text = f"{kind} are no shapes, and are left out"
            problems.add(text, task_id, count=len(parts))


def _answers(document: Dict[str, Any], problems: Problems) -> Iterator[Row]:
    found = parse(document)
    by_file = found.answers_by_file
    answers = found.answers
    if by_file:
        # They are among `answers`, too.
        rest = {key: each for key, each in found.raw.items() if key not in by_file}
        answers = parse({**document, "response": rest}).answers
    for file, some in [(None, answers), *by_file.items()]:
        for answer in some.values():
            for respondent, value in enumerate(answer.by_respondent):
                if value is not None:
                    yield respondent, file, answer.field_id, value
    single: Dict[str, Any] = {**found.taxonomies, **found.fields}
    for key, values in (
        ("category", found.categories),
        ("category_id", found.category_ids),
    ):
        if values:
            single[key] = values[0] if len(values) == 1 else list(values)
    if found.choice is not None:
        single["choice"] = found.choice
    for field, value in single.items():
        yield 0, None, field, value
    for row, fields in enumerate(found.rows):
        for field, value in fields.items():
            yield 0, None, f"rows[{row}].{field}", value
    _count_files(found, document.get("task_id"), problems)
    if found.unknown:
        kind = "elements of unknown form are no answers, and are left out"
        problems.add(kind, document.get("task_id"), count=len(found.unknown))


def _count_files(found: Annotations, task_id: Any, problems: Problems) -> None:
    for key in found.result_urls:
        kind = (
            f"the result is in a file of its own, and is left out: set "
            f"task.response[{key!r}] to what client.load_result returns"
        )
        problems.add(kind, task_id, f"response.{key}")
