"""`Multipart`: a form that is read while it is sent, and can be sent again."""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from contextlib import suppress
from typing import (
    Any,
    BinaryIO,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Tuple,
    Union,
)

from urllib3.fields import RequestField

from scaleapi._transport.encoding import check_text, encode, in_order
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

logger = logging.getLogger("scaleapi")

_CHUNK_BYTES = 1 << 16
#: The name that is sent for a file without one.
_NAMELESS = "file"
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
#: A body up to this length is sent as bytes.
_MAX_BUFFERED_BYTES = 1 << 20


class Multipart:
    """The form of an upload: text fields, followed by files.

    Args:
        fields: Name -> value, or pairs of them. None leaves a field out, a list
            repeats it, a dict is encoded as JSON, other values are converted to text.
        files: Name -> file, or pairs of them. A file is a binary file object, which is
            read from its present position; bytes; a str, which is encoded as UTF-8; or
            a tuple ``(name, one of these[, content type[, headers]])``.

    Raises:
        ScaleTypeError: A value in `fields` or `files` has a type that cannot be sent,
            or a file is open in text mode.
        ScaleValueError: A file in `files` is closed or read by another form, or a text
            cannot be sent.
        ScaleException: A file in `files` cannot be read.
    """

    def __init__(self, fields: Any, files: Any) -> None:
        self._boundary = os.urandom(16).hex()
        self._pieces: List[Union[bytes, _File]] = []
        self._claimed: List[Any] = []
        try:
            for name, value in _pairs("data", fields or {}):
                for text in _texts(name, value):
                    self._add_head(RequestField(name, data=""))
                    self._pieces += [text, b"\r\n"]
            for name, given in _pairs("files", files):
                file_name, file, content_type, headers = _named(given)
                field = RequestField(name, data="", filename=file_name, headers=headers)
                self._add_head(field, content_type)
                self._claim(file, file_name)
                self._pieces += [_File(file, file_name), b"\r\n"]
        except BaseException:
            self.close()
            raise
        self._pieces.append(f"--{self._boundary}--\r\n".encode())
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}"
        }

    def _add_head(
        self, field: RequestField, content_type: Optional[str] = None
    ) -> None:
        field.make_multipart(content_type=content_type)
        head = f"--{self._boundary}\r\n{field.render_headers()}"
        self._pieces.append(head.encode())

    def _claim(self, file: Any, name: Optional[str]) -> None:
        """Reserve a file: two forms that read it would each get a part of it."""
        self._claimed.append(file)
        if _being_read.setdefault(id(file), self) is not self:
            raise ScaleValueError(
                f"cannot read {_label(file, name)}: it is being read for another "
                f"upload; open the file once for each"
            )

    def body(self) -> Union[bytes, Body]:
        """Return the body, from its beginning.

        A short body is bytes, as in requests, because tools that match or record
        requests search it.
        """
        body = Body(self._pieces)
        return body.read() if len(body) <= _MAX_BUFFERED_BYTES else body

    def close(self) -> None:
        """Delete temporary copies, and release the files."""
        for file in self._claimed:
            if _being_read.get(id(file)) is self:
                del _being_read[id(file)]
        for piece in self._pieces:
            if isinstance(piece, _File):
                piece.close()


#: id() of a file -> the form that reads it.
_being_read: Dict[int, Multipart] = {}


class Body:
    """The body of a form, read in pieces; requests calls len() for its length."""

    def __init__(self, pieces: List[Union[bytes, _File]]) -> None:
        self._length = sum(map(len, pieces))
        self._pieces = pieces
        self._chunks = _chunks(pieces)
        self._rest = b""

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, or the rest of the body if `size` is negative."""
        if size < 0:
            chunk, self._rest = self._rest + b"".join(self._chunks), b""
            return chunk
        if not self._rest:
            self._rest = next(self._chunks, b"")
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk

    def seek(self, offset: int) -> None:
        """Go back to the beginning, for tools that read a body before it is sent.

        Raises:
            ScaleValueError: `offset` is not 0.
        """
        if offset:
            raise ScaleValueError(f"the body of an upload cannot seek to {offset}")
        self._chunks = _chunks(self._pieces)
        self._rest = b""


def _chunks(pieces: List[Union[bytes, _File]]) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            yield from piece.chunks()


class _File:
    """A file as one piece of a body, which can be read several times.

    Args:
        content: A file object. If it cannot seek, it is copied to a temporary file,
            because its length must be known before it is sent, and because it may
            have to be sent again.
        name: Name of the file in errors, if the file object has no name.

    Raises:
        ScaleTypeError: `content` is open in text mode.
        ScaleValueError: `content` is closed.
        ScaleException: `content` cannot be read or copied.
    """

    def __init__(self, content: Any, name: Optional[str]) -> None:
        self._label = _label(content, name)
        self._file = content
        self._start = self._length = 0
        self._copy: Optional[BinaryIO] = None
        self._check_binary()
        if not self._measure():
            try:
                self._keep_copy()
            except BaseException:
                self.close()
                raise

    def __len__(self) -> int:
        return self._length

    def chunks(self) -> Iterator[bytes]:
        """Yield the content.

        Raises:
            ScaleException: The file cannot be read. This is not an error of the
                network, and is not retried.
        """
        left = self._length
        try:
            self._file.seek(self._start)
        except Exception as error:
            raise self._unreadable(error) from error
        while left:
            chunk = self._read(min(_CHUNK_BYTES, left))
            if not chunk:
                raise ScaleValueError(
                    f"{self._label} became {left} bytes shorter while it was sent"
                )
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Delete the temporary copy, if there is one."""
        if self._copy is not None:
            self._copy.close()

    def _check_binary(self) -> None:
        if getattr(self._file, "closed", False) is True:
            raise ScaleValueError(f"cannot read {self._label}: it is closed")
        nothing: Any = b""
        with suppress(Exception):  # reading the file later shows the error
            nothing = self._file.read(0)
        if isinstance(nothing, str):
            raise ScaleTypeError(
                f"the file must be opened in binary mode, which {self._label} is not: "
                f'pass open(path, "rb")'
            )

    def _measure(self) -> bool:
        """Set position and length; return False if the file cannot tell them."""
        try:
            self._start = int(self._file.tell())
            self._file.seek(0, os.SEEK_END)
        except Exception:  # the file may be of a user's class and raise anything
            return False
        try:
            self._length = max(self._file.tell() - self._start, 0)
            self._file.seek(self._start)
            if self._length or not self._read(1):
                if self._start and not self._length:
                    logger.warning(
                        "nothing is left to upload of %s: it stands at its end, as "
                        "after it was read or written; seek(0) goes back",
                        self._label,
                    )
                return True
            # Files in /proc and devices report the length 0.
            self._file.seek(self._start)
        except ScaleException:
            raise
        except Exception as error:
            raise self._unreadable(error) from error
        return False

    def _check_end(self) -> None:
        mode, interactive = 0, False
        with suppress(Exception):  # the object may have no file descriptor
            mode = os.fstat(self._file.fileno()).st_mode
            interactive = self._file.isatty()
        if stat.S_ISCHR(mode) and not interactive:
            raise ScaleValueError(
                f"cannot send {self._label}: it is a device, which may have no end"
            )

    def _keep_copy(self) -> None:
        import tempfile  # imported late, so that importing the package is fast

        self._check_end()
        self._start = 0
        try:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115  (kept for retries)
            while True:
                chunk = self._read(_CHUNK_BYTES)
                if not chunk:
                    break
                self._copy.write(chunk)
                self._length += len(chunk)
        except OSError as error:
            raise ScaleException(
                f"{self._label} cannot seek, and no copy of it can be kept for another "
                f"attempt: {error}. Pass its bytes, or let TMPDIR name a directory "
                f"with room"
            ) from error
        self._file = self._copy

    def _read(self, size: int) -> bytes:
        try:
            try:
                chunk = self._file.read(size)
            except TypeError:
                chunk = self._file.read()  # this read() takes no size
        except Exception as error:
            raise self._unreadable(error) from error
        if not isinstance(chunk, bytes):
            raise ScaleTypeError(
                f"reading {self._label} gave {type(chunk).__name__}, not bytes"
            )
        return chunk

    def _unreadable(self, error: Exception) -> ScaleException:
        kind = ScaleValueError if isinstance(error, ValueError) else ScaleException
        return kind(f"cannot read {self._label}: {str(error) or type(error).__name__}")


def _pairs(argument: str, given: Any) -> Iterable[Tuple[str, Any]]:
    """Return names and values of a mapping, or of pairs.

    Raises:
        ScaleTypeError: `given` is neither a mapping nor a list of pairs.
        ScaleValueError: A name in `given` cannot be sent.
    """
    try:
        pairs = [
            (name, value) for name, value in getattr(given, "items", lambda: given)()
        ]
    except (TypeError, ValueError):
        raise ScaleTypeError(
            f"{argument} must be a dict, or a list of pairs; got {_described(given)}"
        ) from None
    for name, _ in pairs:
        if not isinstance(name, str):
            raise ScaleTypeError(f"a name in {argument} must be a str; got {name!r}")
        check_text(f"a name in {argument}", name)
    return pairs


def _texts(name: str, value: Any) -> Iterator[bytes]:
    """Yield the texts to send for a field: none for None, several for a list."""
    values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    for each in in_order(values):
        if isinstance(each, bytes):
            yield each
        elif isinstance(each, dict):
            yield encode(each, "the form", name)[1]
        elif each is not None:
            text = str(each)
            check_text(name, text)
            yield text.encode()


def _named(given: Any) -> Tuple[Optional[str], Any, Optional[str], Any]:
    """Return name, file, content type and headers of a part.

    Raises:
        ScaleTypeError: `given` is neither a file nor a tuple with one.
        ScaleValueError: A header in `given` cannot be sent.
    """
    if isinstance(given, tuple) and 2 <= len(given) <= 4:
        name, file, content_type, headers = (*given, None, None)[:4]
        if not isinstance(headers, (Mapping, type(None))):
            raise ScaleTypeError(
                f"the headers of a file must be a dict; got {headers!r}"
            )
    else:
        name, file, content_type, headers = _name(given), given, None, None
    _check_headers({"Content-Type": content_type, **(headers or {})})
    if isinstance(file, str):
        check_text("the content of a file", file)
        file = file.encode()
    if isinstance(file, (bytes, bytearray, memoryview)):
        file = io.BytesIO(file)
    if not hasattr(file, "read"):
        raise ScaleTypeError(
            f"file must be a binary file object or bytes; got {_described(file)}: "
            f'pass open(path, "rb")'
        )
    return _sendable(name), file, content_type, headers


def _check_headers(headers: Any) -> None:
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, (str, type(None))):
            raise ScaleTypeError(
                f"a header of a file must be a str; got {name!r}: {value!r}"
            )
        for text in (name, value or ""):
            if "\r" in text or "\n" in text:
                raise ScaleValueError(f"{text!r} cannot be part of a header")
            check_text("a header of a file", text)


def _name(file: Any) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name) or _NAMELESS
    return _NAMELESS


def _sendable(name: Optional[Any]) -> Optional[str]:
    """Return the name of a file as text that UTF-8 can hold.

    Bytes of the name that are not UTF-8 become replacement characters: the name is
    only shown to people.
    """
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if name is not None and not isinstance(name, str):
        raise ScaleTypeError(f"the name of a file must be a str; got {name!r}")
    return name and _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", name)


def _label(file: Any, name: Optional[str]) -> str:
    """Return the name of a file for errors."""
    has_name = isinstance(getattr(file, "name", None), (str, bytes))
    return _described(file) if has_name or name in (None, "", _NAMELESS) else repr(name)


def _described(file: Any) -> str:
    try:
        text = repr(file)
    except Exception:
        text = f"a {type(file).__name__}"  # its __repr__ is broken
    return text if len(text) <= 300 else f"{text[:300]}..."
