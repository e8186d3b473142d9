"""A file that is to be uploaded, in a form that can be sent more than once."""

from __future__ import annotations

import os
from typing import Any, Tuple

#: File name, content and, where the caller gave one, the content type.
Part = Tuple[Any, ...]


def file_part(file: Any) -> Part:
    """Return a file as the tuple that requests takes.

    Args:
        file: A binary file object, read from where it stands; bytes; or a tuple
            ``(name, file or bytes)`` or ``(name, file or bytes, content type)``.

    Raises:
        TypeError: It is none of these; a path is not a file.
        ValueError: The file is closed.
    """
    if isinstance(file, tuple) and len(file) in (2, 3):
        name, content, *content_type = file
        return (name, _content(content), *content_type)
    return (_name(file), _content(file))


def _name(file: Any) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name)
    return "file"


def _content(file: Any) -> bytes:
    if isinstance(file, (bytes, bytearray, memoryview)):
        return bytes(file)
    if not hasattr(file, "read"):
        raise TypeError(
            f"file must be a binary file object or bytes; got {_described(file)}: "
            f'pass open(path, "rb")'
        )
    content = file.read()
    if not isinstance(content, bytes):
        raise TypeError(
            f"the file must be opened in binary mode; reading {_described(file)} "
            f'gave {type(content).__name__}: pass open(path, "rb")'
        )
    return content


def _described(file: Any) -> str:
    text = repr(file)
    return text if len(text) <= 100 else f"{text[:100]}..."
