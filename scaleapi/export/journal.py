"""The folder of an export that is not finished: what was fetched, and what for.

For a path it is the folder ``path.part``. In it ``plan.json`` has the arguments and the
windows, and each window that was fetched has a file of tasks and then one of facts.
Files appear by rename, so a process may be killed at any moment.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ContextManager, Dict, Iterator, List, NamedTuple, Optional

from scaleapi.exceptions import ScaleException, ScaleValueError
from scaleapi.export.locking import FolderLock
from scaleapi.export.windows import Window

logger = logging.getLogger("scaleapi")

_VERSION = 1
_PLAN = "plan.json"
#: Says that the folder is one of ours, and which export it belongs to.
_KEY = "export-key"


class Facts(NamedTuple):
    """What is known of a window that was fetched.

    Attributes:
        tasks: Number of tasks in its file.
        size: Size of the file in bytes.
        counted: Number of tasks that the API counted; None if it did not say.
        listed: Number of tasks that it listed, with those of the neighbor windows.
        passes: How often it was listed.
    """

    tasks: int
    size: int
    counted: Optional[int]
    listed: int
    passes: int


class Journal:
    """The folder of one export.

    Args:
        path: Where the export is to appear.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path.with_name(f"{path.name}.part")
        self.windows: Optional[List[Window]] = None
        self.total: Optional[int] = None
        self.key = ""
        self._lock = FolderLock(self.folder)

    def open(self, settings: Dict[str, Any], *, resume: bool) -> None:
        """Create the folder, or take up what an interrupted export left in it.

        Args:
            settings: Argument -> value. They decide what is exported.
            resume: Whether to take it up.

        Raises:
            ScaleValueError: What is there was begun with other arguments, is not a
                folder of an export, or another thread or process is working on it.
        """
        if self.folder.exists() and not self._is_ours():
            raise ScaleValueError(
                f"path: {self.folder} is in the way, and was not made by an export: "
                f"rename it, or choose another path"
            )
        with self.writing():
            holder = self._lock.take()
        if holder is not None:
            raise ScaleValueError(f"path: {holder} is exporting to {self.path}")
        try:
            self._take_up(settings, resume=resume)
        except BaseException:
            self.close()
            raise

    def _take_up(self, settings: Dict[str, Any], *, resume: bool) -> None:
        plan = self._plan() if resume else None
        if plan is None:
            with self.writing():
                self._clear()
                self._write(_KEY, os.urandom(8).hex())
        else:
            self._check(plan["settings"], settings)
            self.windows = [Window(*bounds) for bounds in plan["windows"]]
            self.total = plan["total"]
            logger.warning(
                "%s: going on with the export of %s; what it fetched is not fetched "
                "again (resume=False begins anew)",
                self.path,
                plan["begun"],
            )
        self.key = (self.folder / _KEY).read_text("ascii")

    def save_plan(
        self, settings: Dict[str, Any], windows: List[Window], total: Optional[int]
    ) -> None:
        """Keep what is to be fetched."""
        self.windows, self.total = windows, total
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        plan = {
            "version": _VERSION,
            "begun": now,
            "settings": settings,
            "total": total,
            "windows": windows,
        }
        with self.writing():
            self._write(_PLAN, json.dumps(plan))

    def facts(self) -> Dict[int, Facts]:
        """Return number of a window -> what is known of it, for those fetched."""
        found = {}
        for index in range(len(self.windows or [])):
            facts = read_facts(self.folder, index)
            if facts is not None:
                found[index] = facts
        return found

    def writing(self) -> ContextManager[None]:
        """Return `writing` for this export."""
        return writing(self.path, self.folder)

    def close(self) -> None:
        """Let others work on the folder."""
        self._lock.free()

    def remove(self) -> None:
        """Remove the folder, when the export has appeared."""
        # First, so that half a folder is not taken up.
        with self.writing():
            (self.folder / _PLAN).unlink()
        with suppress(OSError):
            self._clear()
        self._lock.remove_folder()

    def _is_ours(self) -> bool:
        if not self.folder.is_dir():
            return False
        try:
            names = {entry.name for entry in self.folder.iterdir()}
        except FileNotFoundError:  # an export that has just finished
            return True
        # The process may have been killed before it wrote the key.
        return _KEY in names or names <= {FolderLock.name, f"{_KEY}.new"}

    def _plan(self) -> Optional[Dict[str, Any]]:
        try:
            plan = json.loads((self.folder / _PLAN).read_text("ascii"))
        except (OSError, ValueError):
            return None
        return plan if plan.get("version") == _VERSION else None

    def _check(self, before: Dict[str, Any], now: Dict[str, Any]) -> None:
        differing = [
            f"{name} was {before.get(name)!r} and is {now.get(name)!r}"
            for name in sorted({*before, *now})
            if before.get(name) != now.get(name)
        ]
        if differing:
            raise ScaleValueError(
                f"{self.folder} has an unfinished export with other arguments: "
                f"{', '.join(differing)}. Pass the same to go on with it, resume=False "
                f"to throw it away, or another path"
            )

    def _clear(self) -> None:
        for entry in self.folder.iterdir():
            if entry.name == FolderLock.name:
                continue
            if entry.is_dir():
                shutil.rmtree(str(entry))
            else:
                entry.unlink()

    def _write(self, name: str, text: str) -> None:
        whole = self.folder / f"{name}.new"
        whole.write_text(text, "ascii")
        os.replace(str(whole), str(self.folder / name))


def window_file(folder: Path, index: int) -> Path:
    """Return the path of the tasks of a window."""
    return folder / f"{index:06}.jsonl"


def is_shared(folder: Path, key: str) -> bool:
    """Return whether this process sees the folder, which may be on another machine."""
    try:
        return (folder / _KEY).read_text("ascii") == key
    except OSError:
        return False


def keep_window(folder: Path, index: int, tasks: Path, facts: Facts) -> None:
    """Add a window that was fetched, in the order that makes it whole or absent.

    Args:
        folder: The folder of the export.
        index: Number of the window.
        tasks: The file of tasks, in this folder; it is renamed.
        facts: What is known of it.
    """
    os.replace(str(tasks), str(window_file(folder, index)))
    name = folder / f"{index:06}.json"
    partial = tasks.with_suffix(".facts")
    partial.write_text(json.dumps(facts), "ascii")
    os.replace(str(partial), str(name))


def read_facts(folder: Path, index: int) -> Optional[Facts]:
    """Return what is known of a window; None if it was not fetched."""
    try:
        text = (folder / f"{index:06}.json").read_text("ascii")
        facts = Facts(*json.loads(text))
        size = window_file(folder, index).stat().st_size
    except (OSError, ValueError, TypeError):
        return None
    # After a power failure, a file may have its name but not its content.
    return facts if size == facts.size else None


@contextmanager
def writing(path: Path, folder: Path) -> Iterator[None]:
    """Turn errors of the file system into one that says what is kept.

    Args:
        path: Where the export is to appear.
        folder: Its folder.

    Raises:
        ScaleException: A file could not be written.
    """
    try:
        yield
    except ScaleException:
        raise
    except OSError as error:
        raise ScaleException(
            f"{path} could not be written: {error}. What was fetched is kept in "
            f"{folder}: when the cause is gone, the same call goes on from there"
        ) from error


def discard(*paths: Path) -> None:
    """Remove files, as far as they exist, since the disk may be full."""
    for path in paths:
        with suppress(OSError):
            path.unlink()
