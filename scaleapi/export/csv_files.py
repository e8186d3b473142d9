"""CSV: `write_csv`, and `read_csv`, which undoes what it has escaped."""

from __future__ import annotations

import os
import re
from typing import IO, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Union

from scaleapi.exceptions import ScaleException, ScaleValueError
from scaleapi.export.columns import Column
from scaleapi.export.output import Source, new_file, path_of
from scaleapi.export.problems import Problems
from scaleapi.export.report import ExportReport
from scaleapi.export.rows import Rows

#: First characters of what spreadsheets run as a formula, and the sign that escapes
#: them, because a text that begins like an escaped one is escaped, too.
_SUSPECTS = frozenset("=+-@\t\r\n＝＋－＠'")
_FORMULA = re.compile("('*)[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n?$)')
#: What makes quotes around a cell necessary.
_SPECIAL = re.compile('[",\r\n]')
_ESCAPED = "begins like a formula of a spreadsheet, and is escaped with ' before it"


def write_csv(
    tasks: Iterable[Any],
    path: Union[str, "os.PathLike[str]"],
    *,
    columns: Optional[Mapping[str, str]] = None,
    rows: str = "tasks",
    formulas: str = "escape",
) -> ExportReport:
    """Write a CSV file in UTF-8, with a header.

    What is absent or null is an empty cell. Objects and lists are JSON text. A file
    that is there already is replaced when the new one is whole.

    Args:
        tasks: `Task` objects or their dicts: ``client.get_tasks(...)``,
            ``export.read_tasks(path)``, a list.
        path: Where the file is to appear.
        columns: Further columns: name -> path in the task and type, such as
            ``{"row": "metadata.row:int"}``. Types are ``text``, ``int``, ``float``,
            ``bool``, ``time`` and ``json``. Default type: ``text``. A key with a dot or
            a colon stands in double quotes. Default: none.
        rows: What a row is: ``"tasks"``, ``"annotations"`` (each shape) or
            ``"answers"`` (each answer of a respondent).
        formulas: ``"escape"`` puts ``'`` before a text that a spreadsheet would run as
            a formula; `read_csv` removes it. ``"keep"`` writes it as it is.

    Returns:
        What was written. Its ``problems`` count the values that do not fit the type of
        their column, whose cells are empty, and the cells that are escaped.

    Raises:
        ScaleTypeError: An argument, or an element of `tasks`, is of another type.
        ScaleValueError: `columns`, `rows` or `formulas` is malformed.
        ScaleException: The file cannot be written.
    """
    if formulas not in ("escape", "keep"):
        raise ScaleValueError(f"formulas must be 'escape' or 'keep'; got {formulas!r}")
    target = path_of("path", path)
    table = Rows(tasks, rows, columns)
    source = Source(table.batches())
    with new_file(target, source, "w", encoding="utf-8", newline="") as stream:
        header = [column.name for column in table.columns]
        if formulas == "escape":
            header = _escaped("header", header, [None] * len(header), table.problems)
        stream.write(_lines([[name] for name in map(_cell, header)]))
        for batch in source:
            cells = [
                _cells(column, values, batch.task_ids, formulas, table.problems)
                for column, values in zip(table.columns, batch.values)
            ]
            stream.write(_lines(cells))
    return ExportReport((str(target),), table.tasks, problems=table.problems.all())


def _cells(
    column: Column,
    values: List[Any],
    task_ids: List[Any],
    formulas: str,
    problems: Problems,
) -> List[str]:
    if column.type == "bool":
        return [_BOOLEANS[value] for value in values]
    if column.type in ("int", "float"):
        return ["" if value is None else repr(value) for value in values]
    if formulas == "escape":
        values = _escaped(column.name, values, task_ids, problems)
    return list(map(_cell, values))


def _cell(text: Optional[str]) -> str:
    if text is None:
        return ""
    if _SPECIAL.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _lines(columns: List[List[str]]) -> str:
    # The writer of the standard library looks at each character on its own.
    return "".join([",".join(row) + "\r\n" for row in zip(*columns)])


_BOOLEANS = {None: "", True: "true", False: "false"}


def _escaped(
    name: str, texts: List[Any], task_ids: List[Any], problems: Problems
) -> List[Any]:
    if not any(text[0] in _SUSPECTS for text in texts if text):
        return texts
    found = []
    for text, task_id in zip(texts, task_ids):
        if text and _must_be_escaped(text):
            problems.add(_ESCAPED, task_id, name, text)
            text = f"'{text}"
        found.append(text)
    return found


def _must_be_escaped(text: str) -> bool:
    match = _FORMULA.match(text)
    return match is not None and (bool(match[1]) or not _NUMBER.fullmatch(text))


def _unescaped(text: str) -> str:
    match = _FORMULA.match(text)
    return text[1:] if match is not None and match[1] else text


def read_csv(
    path: Union[str, "os.PathLike[str]"], *, formulas: str = "escape"
) -> Iterator[Dict[str, Optional[str]]]:
    """Yield the rows of a file that `write_csv` has written.

    Args:
        path: The file.
        formulas: As it was written: ``"escape"`` undoes exactly what was escaped.

    Yields:
        Name of the column -> text; None for an empty cell.

    Raises:
        ScaleTypeError: `path` is neither a str nor a path.
        ScaleValueError: `formulas` is malformed.
        ScaleException: The file is not such a file.
        OSError: The file at `path` cannot be read.
    """
    if formulas not in ("escape", "keep"):
        raise ScaleValueError(f"formulas must be 'escape' or 'keep'; got {formulas!r}")
    return _rows_of(path_of("path", path), formulas == "escape")


def _rows_of(path: Any, undo: bool) -> Iterator[Dict[str, Optional[str]]]:
    # Excel puts a byte order mark at the beginning when it saves a file.
    with path.open(encoding="utf-8-sig", newline="") as stream:
        names: Optional[List[Optional[str]]] = None
        for cells in _records(stream, path):
            values = [_unescaped(cell) if undo else cell for cell in cells]
            row = [value or None for value in values]
            if names is None:
                names = row
            elif len(row) != len(names):
                raise ScaleException(
                    f"{path}: a row has {len(row)} cells, and the header {len(names)}: "
                    f"{row!r:.100}"
                )
            else:
                yield dict(zip(names, row))  # type: ignore[arg-type]


def _records(stream: IO[str], path: Any) -> Iterator[List[str]]:
    """Yield the cells of each record.

    The reader of the standard library has a limit for cells that one can only change
    for the whole process, and before Python 3.11 refuses NUL characters.
    """
    lines: List[str] = []
    quotes = 0
    for line in stream:
        lines.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            yield _split("".join(lines), path)
            lines, quotes = [], 0
    if lines:
        raise ScaleException(f"{path}: the file ends within a cell: it was cut off")


def _split(record: str, path: Any) -> List[str]:
    cells = []
    position = 0
    while True:
        match = _CELL.match(record, position)
        if match is None:
            raise ScaleException(f"{path}: not CSV: {record[position:]!r:.100}")
        quoted, plain, separator = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        if separator != ",":
            return cells
        position = match.end()
