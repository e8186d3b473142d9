"""The lock of a folder: only one thread of one process at a time works on it."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Optional, Set, Tuple

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FILE = "lock"
#: The folders that threads of this process work on, by device, number of the file and
#: process: a process that was forked does not work on those of its parent. Locks of
#: files do not exclude threads of one process.
_held: Set[Tuple[int, int, int]] = set()
_guard = threading.Lock()


class FolderLock:
    """The lock of a folder, which the system frees when the process ends, however.

    Args:
        folder: The folder. The lock is a file in it.
    """

    #: Name of the file in the folder.
    name = _FILE

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Optional[IO[str]] = None
        self._key: Optional[Tuple[int, int, int]] = None

    def take(self) -> Optional[str]:
        """Take the lock, and make the folder if there is none.

        Returns:
            Who has it, in words for a person; None if it was taken.
        """
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            status = self._folder.stat()
            key = (status.st_dev, status.st_ino, os.getpid())
            # First, since to close the file in one thread would free the lock of all.
            with _guard:
                if key in _held:
                    return "another thread of this process"
                _held.add(key)
            self._key = key
            try:
                # The one who had it may have removed the folder meanwhile.
                with suppress(FileNotFoundError):
                    self._file = (self._folder / _FILE).open("a", encoding="ascii")
                    if not _lock(self._file):
                        self.free()
                        return "another process"
                    opened = os.fstat(self._file.fileno())
                    if os.path.samestat(opened, (self._folder / _FILE).stat()):
                        return None
            except BaseException:
                self.free()
                raise
            self.free()

    def free(self) -> None:
        """Free the lock, if it was taken."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._key is not None:
            with _guard:
                _held.discard(self._key)
            self._key = None

    def remove_folder(self) -> None:
        """Remove the folder, if nothing else is in it, and free the lock."""
        if sys.platform == "win32":  # where files that are open are not removed
            self.free()
        with suppress(OSError):
            (self._folder / _FILE).unlink()
            self._folder.rmdir()
        self.free()


def _lock(file: IO[str]) -> bool:
    """Lock a file; return whether no other process has locked it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            # Unlike flock, this is not inherited by the processes of a pool, which
            # may survive.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on Windows
        return False
    except OSError:  # a network file system without locks
        return True
    return True
