"""A multipart body that is read while it is sent, and can be sent again."""

from __future__ import annotations

import io
import json
import os
from typing import Any, BinaryIO, Iterator, List, Mapping, Optional, Tuple

from urllib3.fields import RequestField

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

_CHUNK = 1 << 16


class Multipart:
    """The form of an upload: text fields in front, one file behind them.

    Args:
        fields: Name -> value. None leaves a field out, a list repeats it, an
            object is put into JSON, the rest becomes text.
        files: Name -> file, or pairs of them. A file is a binary file object,
            read from where it stands; bytes; a str, which is put into UTF-8; or
            a tuple ``(name, one of these[, content type[, headers]])``.

    Raises:
        ScaleTypeError: A file is none of these; a path is not a file.
        ScaleValueError: A file is closed.
    """

    def __init__(self, fields: Optional[Mapping[str, Any]], files: Any) -> None:
        self._boundary = os.urandom(16).hex()
        # Text, and files as (file, start, length).
        self._pieces: List[Any] = []
        self._spooled: List[BinaryIO] = []
        for name, value in (fields or {}).items():
            for text in _texts(value):
                self._add_text(RequestField(name, data=""), text + b"\r\n")
        for name, given in files.items() if isinstance(files, Mapping) else files:
            file_name, file, content_type, headers = _named(given)
            field = RequestField(name, data="", filename=file_name, headers=headers)
            self._add_text(field, b"", content_type)
            self._pieces += [self._measured(file), b"\r\n"]
        self._pieces.append(f"--{self._boundary}--\r\n".encode())
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}"
        }

    def _add_text(
        self, field: RequestField, text: bytes, content_type: Optional[str] = None
    ) -> None:
        field.make_multipart(content_type=content_type)
        head = f"--{self._boundary}\r\n{field.render_headers()}"
        self._pieces.append(head.encode() + text)

    def _measured(self, file: Any) -> Tuple[BinaryIO, int, int]:
        """Return a file that can seek, with its start and its length."""
        try:
            nothing = file.read(0)
            if not isinstance(nothing, bytes):
                raise ScaleTypeError(
                    f"the file must be opened in binary mode, which "
                    f'{_described(file)} is not: pass open(path, "rb")'
                )
            start = file.tell()
            file.seek(0, os.SEEK_END)
            length = file.tell() - start
            file.seek(start)
        except ScaleTypeError:
            raise
        except (OSError, AttributeError, TypeError):
            file = self._spool(file)
            start, length = 0, file.tell()
        except ValueError as error:
            raise _unreadable(file, error) from error
        return file, start, max(length, 0)

    def _spool(self, file: Any) -> BinaryIO:
        """Copy a stream that cannot seek to a file that can.

        Its length must be known before it is sent, and it must be there for
        another attempt.
        """
        import tempfile

        spooled = tempfile.TemporaryFile()  # noqa: SIM115
        self._spooled.append(spooled)
        while True:
            chunk = _read(file, _CHUNK)
            if not chunk:
                return spooled
            spooled.write(chunk)

    def body(self) -> Body:
        """Return the body, from its beginning."""
        return Body(self._pieces)

    def close(self) -> None:
        """Delete what had to be written to temporary files."""
        for file in self._spooled:
            file.close()


class Body:
    """What is sent: read once, in pieces; requests takes its length from here."""

    def __init__(self, pieces: List[Any]) -> None:
        self._length = sum(
            len(piece) if isinstance(piece, bytes) else piece[2] for piece in pieces
        )
        self._chunks = _chunks(pieces)
        self._rest = b""

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; all that is left if it is negative."""
        if size < 0:
            return self._rest + b"".join(self._chunks)
        if not self._rest:
            self._rest = next(self._chunks, b"")
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def _chunks(pieces: List[Any]) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        file, start, left = piece
        _at(file, start)
        while left:
            chunk = _read(file, min(_CHUNK, left))
            if not chunk:
                raise ScaleValueError(
                    f"{_described(file)} became {left} bytes shorter while it was sent"
                )
            left -= len(chunk)
            yield chunk


def _at(file: BinaryIO, start: int) -> None:
    try:
        file.seek(start)
    except Exception as error:
        raise _unreadable(file, error) from error


def _read(file: Any, size: int) -> bytes:
    """Return the next bytes of a file.

    Raises:
        ScaleException: The file fails. Sent again it would fail again, and it
            must not be taken for a failure of the network.
    """
    try:
        try:
            chunk = file.read(size)
        except TypeError:
            chunk = file.read()  # of those whose read takes no size
    except Exception as error:
        raise _unreadable(file, error) from error
    if not isinstance(chunk, bytes):
        raise ScaleTypeError(
            f"reading {_described(file)} gave {type(chunk).__name__}, not bytes"
        )
    return chunk


def _unreadable(file: Any, error: Exception) -> ScaleException:
    kind = ScaleValueError if isinstance(error, ValueError) else ScaleException
    return kind(f"cannot read {_described(file)}: {error}")


def _texts(value: Any) -> Iterator[bytes]:
    values = value if isinstance(value, (list, tuple, set)) else [value]
    for each in values:
        if isinstance(each, bytes):
            yield each
        elif isinstance(each, dict):
            yield json.dumps(each).encode()
        elif each is not None:
            yield str(each).encode()


def _named(given: Any) -> Tuple[Optional[str], Any, Optional[str], Any]:
    """Return name, file, content type and headers of a part."""
    if isinstance(given, tuple) and 2 <= len(given) <= 4:
        name, file, content_type, headers = (*given, None, None)[:4]
    else:
        name, file, content_type, headers = _name(given), given, None, None
    for text in (content_type, *(headers or {}), *(headers or {}).values()):
        if text and ("\r" in text or "\n" in text):
            raise ScaleValueError(f"{text!r} cannot be part of a header")
    if isinstance(file, str):
        file = file.encode()
    if isinstance(file, (bytes, bytearray, memoryview)):
        file = io.BytesIO(file)
    if not hasattr(file, "read"):
        raise ScaleTypeError(
            f"file must be a binary file object or bytes; got {_described(file)}: "
            f'pass open(path, "rb")'
        )
    return name, file, content_type, headers


def _name(file: Any) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name) or "file"
    return "file"


def _described(file: Any) -> str:
    text = repr(file)
    return text if len(text) <= 100 else f"{text[:100]}..."
