"""Temporary folders, and the removal of those that killed processes left behind.

A folder is in use as long as a process holds the lock on a file in it. A process id
would not be enough, because processes of several containers can share a folder.
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

PREFIX = "scaleapi-sandbox-"
_LOCK = "in-use"
#: Content of the lock file once the lock is held: proof that the folder is ours.
_MARKER = b"a folder of scaleapi.sandbox\n"
_DATABASE = "sandbox.db"
#: All files of a folder: those of a database, or those that ``run`` keeps there. The
#: lock file is removed last: until then another process can still find the rest and
#: remove it.
_CONTENTS = (
    _DATABASE,
    *(_DATABASE + end for end in ("-wal", "-shm", "-journal")),
    "sitecustomize.py",
    "_scaleapi_redirect.py",
    "__pycache__",
    "address",
    "notes",
    _LOCK,
)
#: Folders of this process. Where the file system is NFS, a lock does not keep out the
#: process that holds it.
_own: Set[str] = set()


class TemporaryFolder:
    """A folder in the system's temporary folder, in use until it is removed.

    Raises:
        OSError: The folder cannot be created.
    """

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix=PREFIX)
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
        """Path of the database in the folder."""
        return os.path.join(self.path, _DATABASE)

    def remove(self) -> None:
        """Remove the folder as far as possible, and release the lock."""
        if sys.platform == "win32":
            os.close(self.lock)  # Windows cannot remove open files
            _remove(self.path)
        else:
            _remove(self.path)
            os.close(self.lock)
        _own.discard(os.path.basename(self.path))


def remove_left_folders() -> None:
    """Remove the folders that killed processes of this user have left behind.

    Folders of other users, folders in use and symbolic links are not touched.
    """
    place = tempfile.gettempdir()
    with suppress(OSError):
        for name in os.listdir(place):
            if name.startswith(PREFIX) and name not in _own:
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

        The folder is opened once, and all checks use this descriptor: a moment later
        its name may belong to another folder or a link.
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
            return False  # the holder of the lock uses the folder
        # A file without a name was removed by another process in the meantime.
        has_one_name = os.fstat(lock).st_nlink == 1
        return has_one_name and os.read(lock, len(_MARKER) + 1) == _MARKER


def _remove(path: str, folder: Optional[int] = None) -> None:
    """Remove a folder that is known to be ours.

    Only files with known names are removed, and the folder only if it is empty then,
    so that no other data can be lost.

    Args:
        path: Path of the folder.
        folder: Descriptor of the folder, where the path cannot be trusted.
    """
    for name in _CONTENTS:
        with suppress(OSError):
            if folder is None:
                os.unlink(os.path.join(path, name))
            else:
                os.unlink(name, dir_fd=folder)
    with suppress(OSError):
        os.rmdir(path)
