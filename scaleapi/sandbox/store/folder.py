"""Folders of temporary databases, and what killed processes have left of them.

A folder is in use as long as a process holds the lock on a file in it. A number of a
process would not tell: processes of several containers can share a folder.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from contextlib import suppress
from typing import Optional, Set

if sys.platform != "win32":
    import fcntl

_PREFIX = "scaleapi-sandbox-"
_LOCK = "in-use"
#: What is in the file of the lock once it is held: proof that the folder is ours.
_MARKER = b"a folder of scaleapi.sandbox\n"
_DATABASE = "sandbox.db"
#: All that is ever in a folder. The lock goes last: until then another process can
#: still find the rest and remove it.
_CONTENTS = (
    _DATABASE,
    *(_DATABASE + end for end in ("-wal", "-shm", "-request_log")),
    _LOCK,
)
#: Folders of this process. Where the file system is NFS, a lock does not keep out the
#: process that holds it.
_own: Set[str] = set()


class TemporaryFolder:
    """A folder of a temporary database, which is in use until it is removed.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix=_PREFIX)
        _own.add(os.path.basename(self.path))
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        #: Descriptor of the file whose lock is held.
        self.lock = os.open(os.path.join(self.path, _LOCK), flags, 0o600)
        with suppress(OSError):  # some network file systems have no locks
            if sys.platform != "win32":
                fcntl.flock(self.lock, fcntl.LOCK_EX)
            # Only once the lock is held, or it would look as if it had been left.
            os.write(self.lock, _MARKER)

    @property
    def database(self) -> str:
        """Path of the database in it."""
        return os.path.join(self.path, _DATABASE)

    def remove(self) -> None:
        """Remove it, as far as that is possible, and let go of the lock."""
        if sys.platform == "win32":
            os.close(self.lock)  # what is open cannot be removed there
            _remove(self.path)
        else:
            _remove(self.path)
            os.close(self.lock)
        _own.discard(os.path.basename(self.path))


def remove_left_folders() -> None:
    """Remove what killed processes of this user have left on this machine.

    Nothing that belongs to others is touched, nothing that is in use, and nothing
    behind a symbolic link.
    """
    place = tempfile.gettempdir()
    with suppress(OSError):
        for name in os.listdir(place):
            if name.startswith(_PREFIX) and name not in _own:
                with suppress(OSError):
                    _remove_if_left(place, name)


if sys.platform == "win32":

    def _remove_if_left(place: str, name: str) -> None:
        """Remove a folder that nobody uses."""
        path = os.path.join(place, name)
        status = os.lstat(path)
        links = stat.FILE_ATTRIBUTE_REPARSE_POINT
        if not stat.S_ISDIR(status.st_mode) or status.st_file_attributes & links:
            return
        lock = os.path.join(path, _LOCK)
        with open(lock, "rb") as file:
            if file.read() != _MARKER:
                return
        os.unlink(lock)  # it fails as long as a process has it open
        _remove(path)

else:

    def _remove_if_left(place: str, name: str) -> None:
        """Remove a folder that nobody uses.

        It is opened once, and all that follows is asked of what was opened: the
        name may be another folder's, or a link, a moment later.
        """
        path = os.path.join(place, name)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            status = os.fstat(folder)
            if status.st_uid != os.geteuid() or status.st_mode & 0o777 != 0o700:
                return
            lock = os.open(_LOCK, os.O_RDWR | os.O_NOFOLLOW, dir_fd=folder)
            try:
                if _is_left(lock):
                    _remove(path, folder)
            finally:
                os.close(lock)
        finally:
            os.close(folder)

    def _is_left(lock: int) -> bool:
        """Take the lock of a folder; return whether nobody uses the folder."""
        status = os.fstat(lock)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False  # the one who holds it uses the folder
        # Without a name it was removed by another process in the meantime.
        has_one_name = os.fstat(lock).st_nlink == 1
        return has_one_name and os.read(lock, len(_MARKER) + 1) == _MARKER


def _remove(path: str, folder: Optional[int] = None) -> None:
    """Remove a folder of which it is known that it is ours.

    Only the files that are known by name are removed, and the folder only if it is
    empty then, so that nothing of anybody else can be lost.

    Args:
        path: Where it is.
        folder: Its descriptor, where the path is not to be trusted.
    """
    for name in _CONTENTS:
        with suppress(OSError):
            if folder is None:
                os.unlink(os.path.join(path, name))
            else:
                os.unlink(name, dir_fd=folder)
    with suppress(OSError):
        os.rmdir(path)
