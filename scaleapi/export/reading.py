"""`read_tasks`: tasks from files, one after the other."""

from __future__ import annotations

import codecs
import gzip
import json
import os
import re
import zlib
from pathlib import Path
from typing import IO, Any, Iterator, List, Union

from scaleapi._transport.decoding import loads
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError
from scaleapi.export.names import INDEX
from scaleapi.tasks import Task

_SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".ndjson", ".ndjson.gz")
_GZIP = b"\x1f\x8b"
#: With these begins a file that, for example, PowerShell has written.
_UTF_16 = (codecs.BOM_UTF16_LE[:1], codecs.BOM_UTF16_BE[:1])
#: What may stand around a value. NUL bytes are what a file has at its end after the
#: power failed while it was written.
_PADDING = b" \t\r\n\0"
_CHUNK = 1 << 16
#: Commas are not checked: what writes arrays knows where they belong.
_BETWEEN = re.compile(r"[ \t\r\n\0,]*")
#: The longest that may be incomplete, apart from strings: ``-Infinity`` and escapes.
_LONGEST_TOKEN = 16
_ONE_A_LINE = ". Each line must have one whole task; or the file, one JSON array"
_CUT = ". The file ends within it: it was cut off"


def read_tasks(path: Union[str, "os.PathLike[str]"]) -> Iterator[Task]:
    """Yield the tasks of a file or a folder, in their order.

    The files are read while the tasks are used, so that a file may be larger than the
    memory.

    Args:
        path: A file of JSON lines, or one with a JSON array, such as the dashboard
            exports; both may be compressed with gzip. Or a folder with such files,
            whose names end in ``.jsonl``, ``.json``, ``.ndjson`` or the same with
            ``.gz``; they are read in the order of their names.

    Yields:
        `Task` objects without a client.

    Raises:
        ScaleTypeError: `path` is neither a str nor a path.
        ScaleValueError: `path` is a folder without such files.
        ScaleException: A line or an element is not a task, or the file ends within one.
            The text has the file and the line. What stands before was yielded.
        OSError: The file cannot be read.
    """
    try:
        place = Path(os.fsdecode(path))
    except TypeError:
        raise ScaleTypeError(f"path must be a str or a path; got {path!r}") from None
    return _tasks(_files_of(place) if place.is_dir() else [place])


def _files_of(folder: Path) -> List[Path]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    if INDEX in names:
        names.remove(INDEX)
    elif not any(name.lower().endswith(_SUFFIXES) for name in names):
        raise ScaleValueError(
            f"path: no file in {folder} has a name that ends in {', '.join(_SUFFIXES)}"
        )
    return [
        folder / name
        for name in names
        if name.lower().endswith(_SUFFIXES) and not name.startswith(".")
    ]


def _tasks(files: List[Path]) -> Iterator[Task]:
    for file in files:
        with _opened(file) as stream:
            try:
                start = _first_byte(stream)
                if start in _UTF_16:
                    raise ScaleException(f"{file}: is UTF-16: save it as UTF-8")
                yield from (_elements if start == b"[" else _lines)(stream, file)
            except (EOFError, UnicodeError, zlib.error) as error:
                # The second is not UTF-8, the others are what gzip says.
                raise ScaleException(f"{file}: cannot be read: {error}") from error


def _opened(file: Path) -> IO[bytes]:
    stream = file.open("rb")
    try:
        compressed = stream.read(2) == _GZIP
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    if not compressed:
        return stream
    stream.close()
    return gzip.open(file, "rb")  # type: ignore[return-value]


def _first_byte(stream: IO[bytes]) -> bytes:
    """Return the first byte that is not padding; the stream is at its start again."""
    found = b""
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)
    start = stream.tell()
    while True:
        byte = stream.read(1)
        if not byte or byte not in _PADDING:
            found = byte
            break
    stream.seek(start)
    return found


def _lines(stream: IO[bytes], file: Path) -> Iterator[Task]:
    for number, line in enumerate(stream, 1):
        text = line.strip(_PADDING)
        if text:
            whole = line.endswith(b"\n")
            yield _line_task(text, whole, f"{file}, line {number}")


def _line_task(text: bytes, whole: bool, place: str) -> Task:
    try:
        document = loads(text)
    except (ValueError, RecursionError) as error:
        # The very first character would not be wrong if the rest were cut off.
        is_cut = not whole and getattr(error, "pos", 1) > 0 and _is_at_end(error)
        hint = _CUT if is_cut else _ONE_A_LINE if text[:1] == b"{" else ""
        raise ScaleException(f"{place}: not JSON: {error}{hint}") from error
    return _task(document, place)


def _is_at_end(error: Exception) -> bool:
    """Return whether a text may only be incomplete, and not wrong."""
    if isinstance(error, UnicodeDecodeError):
        return error.end == len(error.object)
    return isinstance(error, json.JSONDecodeError) and (
        error.pos > len(error.doc) - _LONGEST_TOKEN
        or error.msg.startswith("Unterminated string")
    )


def _task(document: Any, place: str) -> Task:
    try:
        return Task(document, None)
    except ScaleException as error:
        raise ScaleException(f"{place}: {error.message}") from None


def _elements(stream: IO[bytes], file: Path) -> Iterator[Task]:
    """Yield the elements of an array, of which only a few are in memory at a time."""
    text = _Text(stream, file)
    text.skip(1)
    number = 0
    while True:
        text.skip_padding()
        if text.next == "]":
            text.skip(1)
            text.skip_padding()
            if text.next:
                raise ScaleException(
                    f"{file}: there is more after the end of the array"
                )
            return
        number += 1
        place = f"{file}, element {number}"
        yield _task(text.value(place), place)


class _Text:
    """The text of a file, of which a part is in memory.

    Args:
        stream: The file, open.
        file: Its path, for errors.
    """

    _decode = json.JSONDecoder().raw_decode

    def __init__(self, stream: IO[bytes], file: Path) -> None:
        self._stream, self._file = stream, file
        self._incoming = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        self._text, self._position, self._has_ended = "", 0, False
        self.skip_padding()

    @property
    def next(self) -> str:
        """The next character; empty at the end of the file."""
        return self._text[self._position : self._position + 1]

    def skip(self, characters: int) -> None:
        self._position += characters

    def skip_padding(self) -> None:
        """Skip what stands between two elements."""
        while True:
            found = _BETWEEN.match(self._text, self._position)
            self._position = found.end() if found else self._position
            if self.next or self._has_ended:
                return
            self._read_more()

    def value(self, place: str) -> Any:
        """Return the next value, and skip it.

        Args:
            place: Where it is, for the error.

        Raises:
            ScaleException: The text at `place` is not JSON.
        """
        while True:
            try:
                value, self._position = self._decode(self._text, self._position)
                return value
            except (ValueError, RecursionError) as error:
                if not self._has_ended and _is_at_end(error):
                    self._read_more()
                    continue
                hint = _CUT if self._has_ended else ""
                raise ScaleException(f"{place}: not JSON: {error}{hint}") from error

    def _read_more(self) -> None:
        rest = self._text[self._position :]
        # At least doubled, so that a value of any length is tried only a few times.
        data = self._stream.read(max(_CHUNK, len(rest)))
        self._has_ended = not data
        self._text = rest + self._incoming.decode(data, final=not data)
        self._position = 0
