"""The credentials file: its place, who may have written it, how it is replaced."""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
import sys
import time
import warnings
from typing import Callable, Iterator, Optional

from scaleapi._monotonic import monotonic
from scaleapi.exceptions import ScaleProfileError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_VARIABLE = "SCALE_CREDENTIALS_FILE"
_DEFAULT = os.path.join("~", ".scaleapi", "credentials")
_MAX_BYTES = 1_000_000
_LOCK_TIMEOUT_S = 10.0


def credentials_path() -> str:
    """Return the path of the credentials file, which need not exist.

    It is ``~/.scaleapi/credentials``, or what ``SCALE_CREDENTIALS_FILE`` says.

    Raises:
        ScaleProfileError: The path is not absolute: it would name another file in each
            folder, perhaps one that somebody else has put there.
    """
    moved = os.environ.get(_VARIABLE)
    path = os.path.expanduser(moved or _DEFAULT)
    if os.path.isabs(path) and "\0" not in path:
        return path
    if moved:
        raise ScaleProfileError(f"{_VARIABLE} must be an absolute path; got {moved!r}")
    raise ScaleProfileError(f"HOME is not an absolute path; set it, or {_VARIABLE}")


def read_text(path: str) -> Optional[str]:
    """Return the text of the credentials file; None if there is no file.

    Raises:
        ScaleProfileError: The file cannot be read, is not text, or someone else can
            have written it.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    # Opening a named pipe would wait for its other end.
    flags |= getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(path, "cannot be read", error) from None
    try:
        _check_file(path, os.fstat(descriptor))
        _check_place(path)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _failed(path, "cannot be read", error) from None
    finally:
        os.close(descriptor)
    if len(content) > _MAX_BYTES:
        raise ScaleProfileError(f"{path}: is too large for a credentials file")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ScaleProfileError(f"{path}: is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScaleProfileError(f"{path}: line {line} is not UTF-8") from None


def change_text(path: str, change: Callable[[Optional[str]], str]) -> None:
    """Replace the text of the credentials file, as a whole or not at all.

    What several processes change at the same time is changed by one after the other.
    If the path is a symbolic link, the file that it points to is replaced.

    Args:
        path: Path of the file. Its folder is created if it is missing.
        change: Takes the present text, or None if there is no file; returns the new
            text.

    Raises:
        ScaleProfileError: The file cannot be read or written, or someone else can
            write it.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with _locked(path, f"{target}.lock"):
            _replace(target, change(read_text(path)).encode("utf-8"))
    except OSError as error:
        raise _failed(path, "cannot be written", error) from None


def _replace(target: str, content: bytes) -> None:
    """Write a file that only its owner can read, and give it the name of another."""
    # The name is always the same, so that what a process leaves behind that is killed
    # is removed by the next one: it has keys in it. The lock is held.
    partial = f"{target}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(partial)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(partial, flags, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(partial, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise
    if sys.platform != "win32":  # where folders cannot be opened
        folder = os.open(os.path.dirname(target), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _locked(path: str, lock: str) -> Iterator[None]:
    """Hold the lock of a file; the system frees it when the process ends, however."""
    _check_place(path)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(lock, flags, 0o600)
    try:
        give_up = monotonic() + _LOCK_TIMEOUT_S
        while not _take(descriptor):
            if monotonic() > give_up:
                raise ScaleProfileError(
                    f"{path}: another process has been changing it for "
                    f"{_LOCK_TIMEOUT_S:.0f} s; it holds the lock of {lock}"
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Take a lock; return whether nobody else has it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    return True


def _check_file(path: str, status: os.stat_result) -> None:
    """Check that only the user can have written a file; warn if others can read it.

    Raises:
        ScaleProfileError: `path` is not a file, someone else can write it, or it
            belongs to someone else.
    """
    if not stat.S_ISREG(status.st_mode):
        raise ScaleProfileError(f"{path}: is not a file")
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise ScaleProfileError(
            f"{path}: belongs to another user, who can see and change the keys"
        )
    if status.st_mode & 0o022:
        raise ScaleProfileError(
            f"{path}: other users can change it, and with it the address to which keys "
            f"are sent; check it, then: chmod 600 {shlex.quote(path)}"
        )
    if status.st_mode & 0o044:
        warnings.warn(
            f"{path}: other users can read the keys in it; to stop that: chmod 600 "
            f"{shlex.quote(path)}",
            stacklevel=2,
        )


def _check_place(path: str) -> None:
    """Check that nobody else can have put the file where it is.

    Raises:
        ScaleProfileError: Someone else can replace `path`, or what it points to.
    """
    if sys.platform == "win32":
        return
    trusted = (os.geteuid(), 0)
    with contextlib.suppress(FileNotFoundError):
        link = os.lstat(path)
        if stat.S_ISLNK(link.st_mode) and link.st_uid not in trusted:
            raise ScaleProfileError(f"{path}: is a link of another user")
    for folder in {os.path.dirname(path), os.path.dirname(os.path.realpath(path))}:
        status = os.stat(folder)
        if status.st_uid not in trusted:
            raise ScaleProfileError(
                f"{path}: its folder {folder} belongs to another user"
            )
        # In a folder with the sticky bit, such as /tmp, only owners replace files.
        if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
            raise ScaleProfileError(
                f"{path}: other users can replace it; check it, then: chmod go-w "
                f"{shlex.quote(folder)}"
            )


def _failed(path: str, what: str, error: OSError) -> ScaleProfileError:
    return ScaleProfileError(f"{path}: {what}: {error.strerror or error}")
