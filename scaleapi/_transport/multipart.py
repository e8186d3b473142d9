"""`Multipart`: a form that is read while it is sent, and can be sent again."""

from __future__ import annotations

import io
import os
import re
from typing import (
    Any,
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
from scaleapi._transport.uploaded_file import (
    NAMELESS,
    UploadedFile,
    described,
    label_of,
)
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

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
        self._pieces: List[Union[bytes, UploadedFile]] = []
        self._claimed: List[Any] = []
        try:
            for name, value in _pairs("data", fields or {}):
                for text in _texts(name, value):
                    self._add_head(RequestField(name, data=""))
                    self._pieces += [text, b"\r\n"]
            for name, part in _pairs("files", files):
                file_name, file, content_type, headers = _file_part(part)
                field = RequestField(name, data="", filename=file_name, headers=headers)
                self._add_head(field, content_type)
                self._claim(file, file_name)
                self._pieces += [UploadedFile(file, file_name), b"\r\n"]
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
                f"cannot read {label_of(file, name)}: it is being read for another "
                f"upload; open the file once for each"
            )

    @property
    def file_bytes(self) -> int:
        """Number of bytes of the files together."""
        return sum(len(p) for p in self._pieces if isinstance(p, UploadedFile))

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
            if isinstance(piece, UploadedFile):
                piece.close()


#: id() of a file -> the form that reads it.
_being_read: Dict[int, Multipart] = {}


class Body:
    """The body of a form, read in pieces; requests calls len() for its length."""

    def __init__(self, pieces: List[Union[bytes, UploadedFile]]) -> None:
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


def _chunks(pieces: List[Union[bytes, UploadedFile]]) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
        else:
            yield from piece.chunks()


def _pairs(argument: str, values: Any) -> Iterable[Tuple[str, Any]]:
    """Return names and values of a mapping, or of pairs.

    Raises:
        ScaleTypeError: `values` is neither a mapping nor a list of pairs.
        ScaleValueError: A name in `values` cannot be sent.
    """
    try:
        pairs = [
            (name, value) for name, value in getattr(values, "items", lambda: values)()
        ]
    except (TypeError, ValueError):
        raise ScaleTypeError(
            f"{argument} must be a dict, or a list of pairs; got {described(values)}"
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


def _file_part(part: Any) -> Tuple[Optional[str], Any, Optional[str], Any]:
    """Return name, file, content type and headers of a part.

    Raises:
        ScaleTypeError: `part` is neither a file nor a tuple with one.
        ScaleValueError: A header in `part` cannot be sent.
    """
    if isinstance(part, tuple) and 2 <= len(part) <= 4:
        name, file, *more = part
        content_type = more[0] if more else None
        headers = more[1] if len(more) == 2 else None
        if not isinstance(headers, (Mapping, type(None))):
            raise ScaleTypeError(
                f"the headers of a file must be a dict; got {headers!r}"
            )
    else:
        name, file, content_type, headers = _name(part), part, None, None
    _check_headers({"Content-Type": content_type, **(headers or {})})
    if isinstance(file, str):
        check_text("the content of a file", file)
        file = file.encode()
    if isinstance(file, (bytes, bytearray, memoryview)):
        file = io.BytesIO(file)
    if not hasattr(file, "read"):
        raise ScaleTypeError(
            f"file must be a binary file object or bytes; got {described(file)}: "
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
        return os.path.basename(name) or NAMELESS
    return NAMELESS


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
