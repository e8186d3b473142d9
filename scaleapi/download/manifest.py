"""`Manifest`: the list of the files in a folder, in JSON lines."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from typing import Any, BinaryIO, Dict, NamedTuple, Optional, Tuple

from scaleapi.download.names import MANIFEST, is_safe
from scaleapi.exceptions import ScaleException


class FileOnDisk(NamedTuple):
    """A file that is there as a whole.

    Attributes:
        path: Its path in the folder, with slashes.
        size: Its number of bytes.
        sha256: The SHA-256 of its content, in hexadecimal.
    """

    path: str
    size: int
    sha256: str


class Manifest:
    """The list of the files in a folder. Each line is written when its file is there.

    Args:
        folder: Where it is. The folder is made if it is not there.

    Raises:
        ScaleException: The folder cannot be made, or the list cannot be read.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, MANIFEST)
        self._lock = threading.Lock()
        self._writers = 0
        self._stream: Optional[BinaryIO] = None
        self.files: Dict[Tuple[str, str], FileOnDisk] = {}
        try:
            os.makedirs(folder, exist_ok=True)
            self._load()
        except OSError as error:
            raise ScaleException(f"cannot use folder {folder!r}: {error}") from error

    def _load(self) -> None:
        try:
            with open(self._path, "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return
        # The program may have been killed while it wrote the last line.
        whole = self._without_half_a_line(content)
        for line in content[:whole].splitlines():
            entry = _entry(line)
            if entry is not None:
                self.files[entry[0]] = entry[1]

    def _without_half_a_line(self, content: bytes) -> int:
        """Cut off what follows the last whole line; return the size of the rest."""
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._path, whole)
        return whole

    def __enter__(self) -> Manifest:
        """Keep the file open until the last of several threads leaves."""
        with self._lock:
            self._writers += 1
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._writers -= 1
            if not self._writers and self._stream is not None:
                self._stream.close()
                self._stream = None

    def add(self, task_id: str, key: str, file: FileOnDisk) -> None:
        """Write a line, within a ``with`` block of the manifest.

        Raises:
            ScaleException: The line cannot be written; then nothing of it is there.
        """
        line = json.dumps({"task": task_id, "key": key, **file._asdict()})
        with self._lock:
            try:
                if self._stream is None:
                    self._stream = open(self._path, "ab", buffering=0)  # noqa: SIM115
                self._append(self._stream, line.encode() + b"\n")
            except OSError as error:
                reason = error.strerror or str(error)
                raise ScaleException(
                    f"cannot write {self._path!r}: {reason}"
                ) from error
            self.files[task_id, key] = file

    def _append(self, stream: BinaryIO, line: bytes) -> None:
        try:
            write_all(stream, line)
        except OSError:
            # The next line must not begin in the middle of this one.
            with suppress(OSError), open(self._path, "rb") as file:
                self._without_half_a_line(file.read())
            raise


def write_all(file: BinaryIO, data: bytes) -> None:
    """Write to a file without a buffer, which may take less than it is given.

    It does so on a disk that is nearly full: the bytes that fitted are written, and
    only the next attempt raises an error.

    Raises:
        OSError: Not everything can be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _entry(line: bytes) -> Optional[Tuple[Tuple[str, str], FileOnDisk]]:
    """Return what a line says; None if it is not one of ours."""
    try:
        raw: Any = json.loads(line)
        task_id, key = raw["task"], raw["key"]
        file = FileOnDisk(raw["path"], raw["size"], raw["sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = (task_id, key, file.sha256)
    valid = is_safe(file.path) and isinstance(file.size, int)
    if valid and all(isinstance(text, str) for text in texts):
        return (task_id, key), file
    return None
