"""Standard output: records as a table, JSON, JSON lines or ids, and nothing else."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set

import click

from scaleapi.cli import text
from scaleapi.cli.console import Console
from scaleapi.cli.failures import CommandFailure
from scaleapi.cli.settings import IDS, JSON, JSONL, TABLE, Settings

Record = Dict[str, Any]

#: Rows from which the widths of a table are measured. A page of tasks has as many, so
#: that the first rows are shown before the next page is fetched.
_MEASURED = 100
#: Columns that a cell takes at most if a person looks at it.
_MAX_CELL = 60


class OutputClosed(Exception):
    """Nobody reads standard output any more."""


class Output:
    """Writes records to standard output.

    Args:
        settings: The common options.
        console: For warnings.

    Attributes:
        keep_going: Whether the command finishes its work when the output cannot be
            written any more.
        failure: Why the output could not be written; None if it could, or if nobody
            reads it.
    """

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings = settings
        self._console = console
        self.keep_going = False
        self.failure: Optional[CommandFailure] = None
        self._is_closed = False

    def line(self, line: str) -> None:
        """Write a line as it is.

        Raises:
            OutputClosed: Nobody reads the output, and `keep_going` is not set.
            CommandFailure: The output cannot be written, e.g. because the disk is full,
                and `keep_going` is not set.
        """
        if not self._is_closed:
            try:
                sys.stdout.write(encodable(line) + "\n")
                sys.stdout.flush()
            except OSError as error:
                self._close(error)
        if self._is_closed and not self.keep_going:
            raise self.failure or OutputClosed()

    def _close(self, error: OSError) -> None:
        self._is_closed = True
        abandon_stdout()
        if not isinstance(error, BrokenPipeError):
            text = f"standard output cannot be written: {error.strerror}"
            self.failure = CommandFailure(text, kind="OutputFailed")

    def say(self, line: str) -> None:
        """Write a line for people, with escapes for what a terminal would obey."""
        self.line(text.printable(line))

    @contextmanager
    def records(self, columns: Sequence[str], identity: str) -> Iterator["Writer"]:
        """Write many records; the block gives them to a `Writer` one by one.

        Args:
            columns: The fields that a table has if no others are chosen.
            identity: The field that ``--ids`` writes.

        Raises:
            click.UsageError: A chosen field is not a path.
        """
        writer = Writer(self, self._settings, columns, identity)
        yield writer
        writer.finish()
        if writer.is_empty and self._settings.format == TABLE:
            self._console.note("none")
        self._warn_of(writer.missing)

    def record(self, record: Record, columns: Sequence[str], identity: str) -> None:
        """Write a single record: for people, a line for each field.

        Args:
            record: The record.
            columns: The fields for people if no others are chosen; empty for all.
            identity: The field that ``--ids`` writes.
        """
        settings = self._settings
        if settings.format == IDS:
            self.identity(record.get(identity))
            return
        fields = Fields(settings.fields)
        chosen = fields.of(record) if settings.fields else record
        if settings.format in (JSON, JSONL):
            self.line(as_json(chosen, indent=2 if settings.format == JSON else None))
        else:
            names = list(chosen) if settings.fields or not columns else columns
            rows = [(name, text.cell(chosen.get(name))) for name in names]
            size = max((text.width(name) for name, _ in rows), default=0)
            for row in rows:
                self.line(text.aligned(row, (size, 0)))
        self._warn_of(fields.missing)

    def identity(self, value: Any) -> None:
        """Write an id or a name on a line."""
        if value is not None:
            shown = str(value)
            # With a line break, another command would take it for two.
            is_unsafe = sys.stdout.isatty() or "\n" in shown or "\r" in shown
            self.line(text.printable(shown) if is_unsafe else shown)

    def _warn_of(self, missing: Set[str]) -> None:
        if missing:
            names = ", ".join(sorted(missing))
            self._console.warn(f"--fields: no record has {names}")


class Fields:
    """The fields of ``--fields``, each a path with dots.

    Args:
        names: The paths.

    Attributes:
        missing: The names that no record had so far.

    Raises:
        click.UsageError: One of `names` is not a path.
    """

    def __init__(self, names: Sequence[str]) -> None:
        from scaleapi.exceptions import ScaleException
        from scaleapi.export.columns import path_columns, value_at

        self._value_at = value_at
        try:
            columns = path_columns({name: f"{name}:json" for name in names}, ())
        except ScaleException as error:
            raise click.UsageError(
                f"--fields: {', '.join(names)}: each must be a name or a path, such as "
                f"metadata.row; a key with a dot stands in double quotes."
            ) from error
        self._paths = [(each.column.name, each.path) for each in columns]
        self.missing: Set[str] = set(names)
        self._none_yet = True

    def of(self, record: Record) -> Record:
        """Return the chosen fields of a record; None where it has none."""
        chosen = {}
        for name, path in self._paths:
            value = record.get(name)
            if value is None:
                value = self._value_at(record, path)
            chosen[name] = value
            if value is not None or name in record:
                self.missing.discard(name)
        return chosen


class Writer:
    """Writes records of a list.

    Args:
        output: Where the lines go.
        settings: The common options.
        columns: The fields that a table has if no others are chosen.
        identity: The field that ``--ids`` writes.
    """

    def __init__(
        self,
        output: Output,
        settings: Settings,
        columns: Sequence[str],
        identity: str,
    ) -> None:
        self._output = output
        self._format = settings.format
        self._identity = identity
        self._columns = list(settings.fields or columns)
        self._fields = Fields(settings.fields) if settings.fields else None
        self._collected: List[Record] = []
        self._rows: List[List[str]] = [[name.upper() for name in self._columns]]
        self._widths: Optional[List[int]] = None
        self._seen = 0

    @property
    def missing(self) -> Set[str]:
        """The chosen fields that no record had."""
        return self._fields.missing if self._fields and self._seen else set()

    @property
    def is_empty(self) -> bool:
        """Whether no record was written."""
        return not self._seen

    def write_failure(self, record: Record) -> None:
        """Write the record of a failure, which people find on standard error."""
        self._seen += 1
        if self._format in (JSON, JSONL):
            self.write(record)

    def write(self, record: Record) -> None:
        """Write a record."""
        self._seen += 1
        if self._format == IDS:
            self._output.identity(record.get(self._identity))
            return
        chosen = self._fields.of(record) if self._fields else record
        if self._format == JSONL:
            self._output.line(as_json(chosen))
        elif self._format == JSON:
            self._collected.append(chosen)
        else:
            self._row([text.cell(chosen.get(name)) for name in self._columns])

    def _row(self, row: List[str]) -> None:
        if sys.stdout.isatty():
            row = [text.shortened(each, _MAX_CELL) for each in row]
        if self._widths is not None:
            self._table_line(row)
            return
        self._rows.append(row)
        if len(self._rows) > _MEASURED:
            self._begin_table()

    def _begin_table(self) -> None:
        self._widths = text.widths(self._rows)
        for row in self._rows:
            self._table_line(row)

    def _table_line(self, row: List[str]) -> None:
        line = text.aligned(row, self._widths or ())
        if sys.stdout.isatty():
            import shutil

            line = text.shortened(line, shutil.get_terminal_size().columns)
        self._output.line(line)

    def finish(self) -> None:
        """Write what is left at the end."""
        if self._format == JSON:
            self._output.line(as_json(self._collected, indent=2))
        elif self._widths is None and len(self._rows) > 1:
            self._begin_table()


def as_json(value: Any, indent: Optional[int] = None) -> str:
    """Return a value as JSON that standard output can encode."""
    import json

    separators = None if indent else (",", ":")
    options: Dict[str, Any] = {"indent": indent, "separators": separators}
    found = json.dumps(value, ensure_ascii=False, default=str, **options)
    try:
        found.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return json.dumps(value, default=str, **options)
    return found


def encodable(line: str) -> str:
    """Return a line with escapes for what standard output cannot encode."""
    encoding = sys.stdout.encoding or "ascii"
    return line.encode(encoding, "backslashreplace").decode(encoding)


def abandon_stdout() -> None:
    """Make Python's last flush of standard output succeed, although it is closed."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
    except (OSError, ValueError):
        pass  # not a file
