"""From the files of the windows to the file or the folder that the caller asked for."""

from __future__ import annotations

import gzip
import heapq
import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from scaleapi._transport.decoding import loads
from scaleapi.exceptions import ScaleValueError
from scaleapi.export.journal import Journal, window_file
from scaleapi.export.names import INDEX, file_names
from scaleapi.export.output import is_device
from scaleapi.export.windows import milliseconds

_CHUNK = 1 << 20
#: Bytes of one batch that are collected before its file is opened.
_COLLECTED = 8 << 20


def check_target(path: Path, *, by_batch: bool) -> None:
    """Check that an export may appear at a path, and may replace what is there.

    Raises:
        ScaleValueError: Something else than an earlier export is there.
    """
    if not path.name:
        raise ScaleValueError(f"path must be that of a file; got {str(path)!r}")
    if is_device(path):
        raise ScaleValueError(f"path: {path} is a device; pass the path of a file")
    if not by_batch and path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise ScaleValueError(
            f"path: {path} is {kind}. Pass a path such as {path / 'tasks.jsonl'}, or "
            f"split_by='batch' for a folder with a file for each batch"
        )
    if by_batch and path.exists() and not _is_export(path):
        raise ScaleValueError(
            f"path: {path} has something else than an export with split_by='batch', "
            f"which would be lost: choose a new folder"
        )


def _is_export(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    names = {entry.name for entry in folder.iterdir()}
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
        return names <= {INDEX, *(entry["file"] for entry in index)}
    except (OSError, ValueError, TypeError, KeyError):
        return not names


def write_file(journal: Journal, windows: int) -> None:
    """Put the windows together in one file; a name that ends in .gz compresses it."""
    whole = journal.folder / "whole.tmp"
    with whole.open("wb") as file:
        if journal.path.suffix.lower() == ".gz":
            # Without a time or a name in it, the same tasks give the same file.
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as compressed:
                _copy(journal, windows, compressed)
        else:
            _copy(journal, windows, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(str(whole), str(journal.path))


def _copy(journal: Journal, windows: int, file: Any) -> None:
    for index in range(windows):
        with window_file(journal.folder, index).open("rb") as part:
            if not isinstance(file, gzip.GzipFile):
                file.flush()  # nothing may be in its buffer
                _send(part.fileno(), file.fileno())
            shutil.copyfileobj(part, file, _CHUNK)


def _send(source: int, target: int) -> None:
    """Copy a file within the system, as far as it can do that."""
    if sys.platform != "linux":
        return
    # Without an offset it moves the positions, so that what is left can be copied, and
    # an error comes again.
    with suppress(OSError):
        while os.sendfile(target, source, None, 1 << 30):
            pass


def write_folder(journal: Journal, windows: int) -> List[str]:
    """Put the windows together in a folder with a file for each batch.

    Returns:
        Names of the files, without the index.
    """
    whole = journal.folder / "whole"
    shutil.rmtree(str(whole), ignore_errors=True)
    whole.mkdir()
    numbers: Dict[Optional[str], int] = {}
    for index in range(windows):
        with window_file(journal.folder, index).open("rb") as part:
            for batch, lines in _by_batch(part):
                number = numbers.setdefault(batch, len(numbers))
                with (whole / f"{number}.tmp").open("ab") as file:
                    file.writelines(lines)
    names = file_names(numbers)
    for batch, number in numbers.items():
        os.replace(str(whole / f"{number}.tmp"), str(whole / names[batch]))
    index_of = [{"batch": batch, "file": names[batch]} for batch in numbers]
    (whole / INDEX).write_text(json.dumps(index_of, indent=1) + "\n", "ascii")
    old = journal.folder / "old"
    if journal.path.exists():
        # Left there by a process that was killed when the folder had appeared.
        shutil.rmtree(str(old), ignore_errors=True)
        os.replace(str(journal.path), str(old))
    os.replace(str(whole), str(journal.path))
    return sorted(names.values())


def batch_prefix(document: Dict[str, Any]) -> bytes:
    """Return what is put in front of a line for `write_folder`: the batch."""
    batch = document.get("batch")
    return json.dumps(batch if isinstance(batch, str) else None).encode() + b"\t"


def _by_batch(lines: Iterable[bytes]) -> Iterator[Tuple[Optional[str], List[bytes]]]:
    """Yield batches with lines of theirs; a batch may come several times."""
    collected: Dict[bytes, List[bytes]] = {}
    size = 0
    for line in lines:
        batch, _, rest = line.partition(b"\t")
        collected.setdefault(batch, []).append(rest)
        size += len(rest)
        if size > _COLLECTED:
            yield from ((json.loads(name), some) for name, some in collected.items())
            collected, size = {}, 0
    yield from ((json.loads(name), some) for name, some in collected.items())


def merge(first: Path, second: Path, into: Path) -> None:
    """Put the tasks of two files in one, the newest first, as they are in each."""
    with first.open("rb") as one, second.open("rb") as other, into.open("wb") as file:
        file.writelines(heapq.merge(one, other, key=_created, reverse=True))


def _created(line: Any) -> int:
    document = line if line.startswith(b"{") else line.partition(b"\t")[2]
    return milliseconds(loads(document).get("created_at")) or 0
