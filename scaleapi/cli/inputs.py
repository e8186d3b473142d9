"""What commands read: payloads, parameters and ids, from files or standard input."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import shutil
import sys
import tempfile
from itertools import islice
from typing import IO, Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

import click

from scaleapi.cli.failures import CommandFailure

STDIN = "-"
#: Characters that a cell of a CSV file may have.
_MAX_CELL = 1 << 30
#: The keys of a line of the file that ``task create --failed`` writes.
FAILED_KEYS = frozenset(("error", "task_type", "payload"))


class Entry(NamedTuple):
    """A payload of a file.

    Attributes:
        place: Where it is, for people: ``line 3``.
        payload: The parameters of a task.
        task_type: The type that the entry names; None if it names none.
    """

    place: str
    payload: Dict[str, Any]
    task_type: Optional[str] = None


class PayloadFile:
    """A file of payloads, which can be read several times.

    Args:
        path: Its path, or ``-`` for standard input.
        format: ``csv``, ``json`` or ``jsonl``. None finds it out, from the name of the
            file or from its content.

    Raises:
        CommandFailure: The file cannot be read, or its format cannot be found out.
    """

    def __init__(self, path: str, format: Optional[str] = None) -> None:
        self._name = "standard input" if path == STDIN else path
        self._stream = _spooled_stdin() if path == STDIN else _opened(path)
        self._format = format or _format_of(path, self._stream, self._name)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def entries(self, limit: Optional[int] = None) -> Iterator[Entry]:
        """Yield the payloads, from the beginning.

        Args:
            limit: How many at most.

        Raises:
            CommandFailure: An entry is malformed. The text has its line.
        """
        self._stream.seek(0)
        read = {"csv": self._rows, "json": self._elements, "jsonl": self._lines}
        for entry in islice(read[self._format](), limit):
            try:
                json.dumps(entry.payload, allow_nan=False)
            except ValueError as error:
                text = "NaN and Infinity are not JSON"
                raise self._malformed(entry.place, text) from error
            yield entry

    def _rows(self) -> Iterator[Entry]:
        delimiter = self._delimiter()
        csv.field_size_limit(_MAX_CELL)
        text = io.TextIOWrapper(self._stream, "utf-8-sig", newline="")
        try:
            yield from self._rows_of(csv.reader(text, strict=True, delimiter=delimiter))
        except UnicodeDecodeError as error:
            hint = 'not UTF-8; a spreadsheet calls it "CSV UTF-8" when it saves a file'
            raise self._malformed("", hint) from error
        finally:
            text.detach()

    def _delimiter(self) -> str:
        """Return what separates cells; Excel takes semicolons in some countries."""
        header = self._stream.readline()
        self._stream.seek(0)
        return next((each for each in ",;\t" if each.encode() in header), ",")

    def _rows_of(self, reader: Any) -> Iterator[Entry]:
        header = self._next_row(reader)
        if header is None:
            return
        columns = _Columns(header, self._name)
        for cells in iter(lambda: self._next_row(reader), None):
            place = f"line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                text = f"{len(cells)} cells, but {len(header)} columns"
                raise self._malformed(place, text)
            try:
                payload = columns.payload(cells)
            except ValueError as error:
                raise self._malformed(place, str(error)) from error
            yield Entry(place, payload)

    def _next_row(self, reader: Any) -> Optional[List[str]]:
        """Return the cells of the next row; None if there is none."""
        line = reader.line_num + 1
        try:
            row: Optional[List[str]] = next(reader, None)
        except csv.Error as error:
            # A quote that is not closed ends with the file, far from its row.
            place = f"the row that begins in line {line}"
            raise self._malformed(place, f"not CSV: {error}") from error
        return row

    def _lines(self) -> Iterator[Entry]:
        for number, line in enumerate(self._stream, 1):
            if number == 1 and line.startswith(codecs.BOM_UTF8):
                line = line[len(codecs.BOM_UTF8) :]
            if line.strip():
                yield self._entry(f"line {number}", self._parsed(line, number))

    def _parsed(self, line: bytes, number: int) -> Any:
        try:
            return json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise self._malformed(f"line {number}", f"not JSON: {error}") from error

    def _elements(self) -> Iterator[Entry]:
        try:
            found = json.loads(self._stream.read().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise self._malformed("", f"not JSON: {error}") from error
        elements = found if isinstance(found, list) else [found]
        for number, element in enumerate(elements, 1):
            yield self._entry(f"element {number}", element)

    def _entry(self, place: str, value: Any) -> Entry:
        if not isinstance(value, dict):
            kind = type(value).__name__
            raise self._malformed(place, f"a payload must be an object, not {kind}")
        if value.keys() == FAILED_KEYS:
            payload, task_type = value["payload"], value["task_type"]
            if not isinstance(payload, dict):
                raise self._malformed(place, "its payload is not an object")
            return Entry(place, payload, task_type)
        return Entry(place, value)

    def _malformed(self, place: str, text: str) -> CommandFailure:
        where = f"{self._name}, {place}" if place else self._name
        return CommandFailure(f"{where}: {text}", kind="MalformedInput")


class _Columns:
    """The columns of a CSV file.

    Args:
        header: Their names, such as ``metadata.row:int``.
        name: Name of the file, for errors.

    Raises:
        CommandFailure: `header` cannot be that of payloads.
    """

    def __init__(self, header: Sequence[str], name: str) -> None:
        from scaleapi.exceptions import ScaleException
        from scaleapi.export.columns import path_columns

        if len(set(header)) < len(header):
            twice = next(each for each in header if header.count(each) > 1)
            raise CommandFailure(f"{name}: two columns are called {twice!r}")
        if not all(each.strip() for each in header):
            number = next(i for i, each in enumerate(header, 1) if not each.strip())
            text = f"column {number} has no name; name it, or delete it"
            raise CommandFailure(f"{name}: header: {text}")
        try:
            found = path_columns({each: each for each in header}, ())
        except ScaleException as error:
            text = str(error.message).replace("columns: ", "", 1)
            raise CommandFailure(f"{name}: header: {text}") from error
        self._paths = [each.path for each in found]
        # A type that is not written leaves it to the cell.
        self._types = [
            each.column.type if head.endswith(f":{each.column.type}") else None
            for head, each in zip(header, found)
        ]

    def payload(self, cells: Sequence[str]) -> Dict[str, Any]:
        """Return the payload of a row. Empty cells are left out.

        Raises:
            ValueError: A cell is not of its type, or two columns exclude each other.
        """
        payload: Dict[str, Any] = {}
        for path, kind, cell in zip(self._paths, self._types, cells):
            if cell == "":
                continue
            name = ".".join(path)
            place = payload
            for key in path[:-1]:
                place = place.setdefault(key, {})
                if not isinstance(place, dict):
                    raise ValueError(f"column {name}: {key} has a value of its own")
            if path[-1] in place:
                raise ValueError(f"column {name}: the value is there twice")
            place[path[-1]] = _value(name, kind, cell)
        return payload


def _value(name: str, kind: Optional[str], cell: str) -> Any:
    try:
        if kind == "int":
            return int(cell)
        if kind == "float":
            return float(cell)
        if kind == "bool":
            return {"true": True, "false": False}[cell.strip().lower()]
        if kind == "json" or (kind is None and cell[0] in "[{"):
            return json.loads(cell)
    except (ValueError, KeyError, RecursionError):
        expected = f"of type {kind}" if kind else "JSON, but begins with [ or {"
        raise ValueError(f"column {name}: {cell[:80]!r} is not {expected}") from None
    return cell


def _opened(path: str) -> IO[bytes]:
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandFailure(f"{path} cannot be read: {reason}") from error


def _spooled_stdin() -> IO[bytes]:
    """Return standard input as a file that can be read several times."""
    if sys.stdin.isatty():
        raise click.UsageError("- means standard input, which is a terminal here.")
    spooled = tempfile.TemporaryFile()  # noqa: SIM115  (closed by its owner)
    shutil.copyfileobj(sys.stdin.buffer, spooled)
    spooled.seek(0)
    return spooled


def _format_of(path: str, stream: IO[bytes], name: str) -> str:
    suffix = os.path.splitext(path)[1].lower()
    known = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    if suffix in known:
        return known[suffix]
    start = stream.read(1 << 16)
    stream.seek(0)
    text = start.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if text[:1] == b"[":
        return "json"
    if text[:1] == b"{":
        first = text.partition(b"\n")[0]
        try:
            json.loads(first.decode("utf-8"))
            return "jsonl"
        except ValueError:
            return "json"  # an object over several lines
    if text:
        return "csv"
    return "jsonl"  # nothing


def json_argument(name: str, text: Optional[str]) -> Optional[Dict[str, Any]]:
    """Return an object that is given as JSON, or as ``@FILE``.

    Args:
        name: Name of the option, for errors.
        text: The argument; None if it was not given. ``@-`` is standard input.

    Raises:
        click.UsageError: `text`, or the file, is not a JSON object.
    """
    if text is None:
        return None
    source = name
    if text.startswith("@"):
        source = f"{name} {text}"
        stream = _spooled_stdin() if text == f"@{STDIN}" else _opened(text[1:])
        with stream:
            content = stream.read()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{source}: not UTF-8: {error}") from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{source}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError(f"{source}: must be a JSON object, such as {{}}")
    return found


def names_argument(given: Sequence[str]) -> List[str]:
    """Return ids or names that are given as arguments, each once.

    ``-`` stands for the lines of standard input.

    Raises:
        CommandFailure: Standard input is not UTF-8.
    """
    names: List[str] = []
    for each in given:
        if each == STDIN:
            lines = _stdin_text().split("\n")
            names += [line.strip() for line in lines if line.strip()]
        else:
            names.append(each)
    return list(dict.fromkeys(names))


def _stdin_text() -> str:
    with _spooled_stdin() as stream:
        try:
            return stream.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            text = f"standard input is not UTF-8: {error}"
            raise CommandFailure(text, kind="MalformedInput") from error
