"""Files that appear whole, by rename, or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Iterable, Iterator, Optional

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError


def path_of(name: str, path: Any) -> Path:
    """Return a path.

    Args:
        name: Name of the argument, for the error.
        path: A str or a path.

    Raises:
        ScaleTypeError: `path` is neither.
    """
    try:
        return Path(os.fsdecode(path))
    except TypeError:
        raise ScaleTypeError(f"{name} must be a str or a path; got {path!r}") from None


def make_folder(folder: Path) -> None:
    """Make a folder, if it does not exist.

    Raises:
        ScaleException: `folder` cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScaleException(f"cannot make the folder {folder}: {error}") from error


class Source:
    """An iterable that remembers the error with which it ended.

    It tells errors of the file that is written from errors of what is read meanwhile.

    Args:
        items: The iterable.
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = items
        self.error: Optional[BaseException] = None

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._items
        except Exception as error:
            self.error = error
            raise


def is_device(path: Path) -> bool:
    """Return whether a path is that of a device.

    A link such as /dev/stdout may lead to a file, but would itself be replaced.
    """
    return os.path.realpath(str(path.parent)) == "/dev"


def _check_place(path: Path) -> None:
    """Check that a path is that of a file, since what is there is replaced.

    Raises:
        ScaleValueError: `path` is that of a folder or a device.
    """
    is_other = path.exists() and not path.is_file()
    if not path.name or is_other or is_device(path):
        raise ScaleValueError(f"{path} is not a regular file; pass the path of a file")


@contextmanager
def new_file(
    path: Path, source: Optional[Source] = None, mode: str = "wb", **options: Any
) -> Iterator[IO[Any]]:
    """Open a file that has its name only when the block has ended.

    A file that is there already is replaced then. After an error it is as it was, and
    nothing of the new one is left.

    Args:
        path: Where the file is to appear.
        source: What is read in the block; its errors are not those of the file.
        mode: As of ``open``.
        options: As of ``open``.

    Raises:
        ScaleException: `path` cannot be written, e.g. because the disk is full.
        ScaleValueError: `path` is that of a folder or a device.
    """
    _check_place(path)
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with open(str(partial), mode, **options) as stream:
            yield stream
        os.replace(str(partial), str(path))
    except OSError as error:
        if source is not None and source.error is error:
            raise
        raise ScaleException(f"{path} could not be written: {error}") from error
    finally:
        with suppress(OSError):
            partial.unlink()
