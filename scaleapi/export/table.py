"""Parquet, and tables in memory: Arrow and pandas."""

from __future__ import annotations

import logging
import os
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Union,
)

from scaleapi.exceptions import ScaleException
from scaleapi.export.columns import Column, times
from scaleapi.export.output import Source, new_file, path_of
from scaleapi.export.report import ExportReport, Problem
from scaleapi.export.rows import RowBatch, Rows

if TYPE_CHECKING:
    import pandas
    import pyarrow

logger = logging.getLogger("scaleapi")

#: Bytes of a row group before it is compressed.
_ROW_GROUP = 1 << 25

#: Rows, and characters of their text, that are converted to Arrow at once.
_ROWS_AT_ONCE = 1000
_TEXT_AT_ONCE = 1 << 22

#: Type of a column -> that of pandas. A number with a gap stays an integer.
_DTYPES = {
    "text": "string[python]",
    "int": "Int64",
    "float": "float64",
    "bool": "boolean",
    "json": "string[python]",
}


def write_parquet(
    tasks: Iterable[Any],
    path: Union[str, "os.PathLike[str]"],
    *,
    columns: Optional[Mapping[str, str]] = None,
    rows: str = "tasks",
) -> ExportReport:
    """Write a Parquet file, row group by row group. Needs ``scaleapi[export]``.

    Args:
        tasks: As in `write_csv`.
        path: Where the file is to appear. A file that is there already is replaced when
            the new one is whole.
        columns: As in `write_csv`. Type ``int`` has 64 bits, ``time`` is a timestamp in
            UTC in microseconds, ``json`` is text.
        rows: As in `write_csv`.

    Returns:
        What was written. Its ``problems`` count the values that do not fit the type of
        their column, and are null.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `columns` or `rows` is malformed.
        ScaleException: pyarrow is not installed, or the file cannot be written.
    """
    pa = _pyarrow()
    import pyarrow.parquet as pq

    target = path_of("path", path)
    table = Rows(tasks, rows, columns)
    schema = _schema(pa, table.columns)
    source = Source(_larger(table.batches()))
    with new_file(target, source) as stream, pq.ParquetWriter(stream, schema) as writer:
        for group in _row_groups(_arrow_batch(pa, schema, table, b) for b in source):
            writer.write_table(pa.Table.from_batches(group, schema))
    return ExportReport((str(target),), table.tasks, problems=table.problems.all())


def to_arrow(
    tasks: Iterable[Any],
    *,
    columns: Optional[Mapping[str, str]] = None,
    rows: str = "tasks",
    problems: Optional[List[Problem]] = None,
) -> "pyarrow.Table":
    """Return tasks as a table of pyarrow. Needs ``scaleapi[export]``.

    Args:
        tasks: As in `write_csv`.
        columns: As in `write_parquet`.
        rows: As in `write_csv`.
        problems: A list to which what does not fit is appended. Default: it is logged
            as a warning.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `columns` or `rows` is malformed.
        ScaleException: pyarrow is not installed.
    """
    pa = _pyarrow()
    table = Rows(tasks, rows, columns)
    schema = _schema(pa, table.columns)
    larger = _larger(table.batches())
    batches = [_arrow_batch(pa, schema, table, batch) for batch in larger]
    _tell(table, problems)
    return pa.Table.from_batches(batches, schema)


def to_dataframe(
    tasks: Iterable[Any],
    *,
    columns: Optional[Mapping[str, str]] = None,
    rows: str = "tasks",
    problems: Optional[List[Problem]] = None,
) -> "pandas.DataFrame":
    """Return tasks as a data frame of pandas. Needs ``scaleapi[pandas]``.

    The types of the columns are ``string``, ``Int64``, ``float64``, ``boolean`` and
    ``datetime64[us, UTC]``, whatever the values are.

    Args:
        tasks: As in `write_csv`.
        columns: As in `write_csv`.
        rows: As in `write_csv`.
        problems: As in `to_arrow`.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `columns` or `rows` is malformed.
        ScaleException: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ScaleException(
            'a data frame needs pandas: pip install "scaleapi[pandas]"'
        ) from error
    table = Rows(tasks, rows, columns)
    collected: List[List[Any]] = [[] for _ in table.columns]
    for batch in table.batches():
        for values, column, further in zip(collected, table.columns, batch.values):
            if column.type == "time":
                further = times(column, further, batch.task_ids, table.problems)
            values += further
    frame: Dict[str, Any] = {}
    for column, values in zip(table.columns, collected):
        if column.type == "time":
            frame[column.name] = _series_of_times(pandas, values)
        else:
            frame[column.name] = pandas.Series(values, dtype=_DTYPES[column.type])
    _tell(table, problems)
    return pandas.DataFrame(frame)


def _series_of_times(pandas: Any, values: List[Any]) -> Any:
    import numpy  # pandas needs it

    # The first pandas 2 would count nanoseconds on the way, which not all years have.
    naive = [value and value.replace(tzinfo=None) for value in values]
    return pandas.Series(numpy.array(naive, "datetime64[us]")).dt.tz_localize("UTC")


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise ScaleException(
            'Parquet and Arrow need pyarrow: pip install "scaleapi[export]"'
        ) from error
    return pyarrow


def _schema(pa: Any, columns: List[Column]) -> Any:
    types = {
        "text": pa.string(),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
        "json": pa.string(),
    }
    return pa.schema([(column.name, types[column.type]) for column in columns])


def _arrow_batch(pa: Any, schema: Any, table: Rows, batch: RowBatch) -> Any:
    arrays = []
    for column, kind, values in zip(table.columns, schema.types, batch.values):
        if column.type == "time":
            arrays.append(_arrow_times(pa, kind, column, values, batch, table))
        else:
            arrays.append(pa.array(values, kind))
    return pa.record_batch(arrays, schema=schema)


def _arrow_times(
    pa: Any, kind: Any, column: Column, values: List[Any], batch: RowBatch, table: Rows
) -> Any:
    try:
        # Many times as fast; but one text that is no time is an error for all.
        return pa.array(values, pa.string()).cast(kind)
    except pa.ArrowInvalid:
        found = times(column, values, batch.task_ids, table.problems)
        return pa.array(found, kind)


def _larger(batches: Iterable[RowBatch]) -> Iterator[RowBatch]:
    """Join batches, because converting few rows at a time takes twice as long."""
    task_ids: List[Any] = []
    values: List[List[Any]] = []
    characters = 0
    for batch in batches:
        values = values or [[] for _ in batch.values]
        task_ids += batch.task_ids
        for column, further in zip(values, batch.values):
            column += further
            characters += sum(len(each) for each in further if type(each) is str)
        if len(task_ids) >= _ROWS_AT_ONCE or characters >= _TEXT_AT_ONCE:
            yield RowBatch(task_ids, values)
            task_ids, values, characters = [], [], 0
    if task_ids:
        yield RowBatch(task_ids, values)


def _row_groups(batches: Iterable[Any]) -> Iterator[List[Any]]:
    group: List[Any] = []
    size = 0
    for batch in batches:
        group.append(batch)
        size += batch.nbytes
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _tell(table: Rows, problems: Optional[List[Problem]]) -> None:
    found = table.problems.all()
    if problems is not None:
        problems += found
    elif found:
        logger.warning("%s", ExportReport((), table.tasks, problems=found))
