"""Names of the files of a folder with a file for each batch. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Dict, Iterable, List, Optional, Set

from scaleapi.download.names import cleaned

#: The file of a folder that says which file has which batch.
INDEX = "_batches.json"
#: The file of the tasks that have no batch.
NO_BATCH = "_no_batch"


def file_names(batches: Iterable[Optional[str]]) -> Dict[Optional[str], str]:
    """Return batch -> name of its file, which every system accepts.

    A name that had to be changed, and each of several that differ only in case, or
    would have the same file, ends in some digits that depend on the batch alone.

    Args:
        batches: Names of all batches; None stands for tasks that have none.
    """
    stems = {batch: _stem(batch) for batch in batches}
    marked: Set[Optional[str]] = {
        batch for batch, stem in stems.items() if batch not in (None, stem)
    }
    digits = 8
    while True:
        names = {
            batch: _name(batch, stem, digits if batch in marked else 0)
            for batch, stem in stems.items()
        }
        alike: Dict[str, List[Optional[str]]] = {}
        for batch, name in names.items():
            alike.setdefault(_folded(name), []).append(batch)
        doubled = {batch for each in alike.values() if len(each) > 1 for batch in each}
        if not doubled:
            return names
        # A batch may be called like the file of another one, by chance or on purpose.
        if doubled <= marked:
            digits *= 2
        marked |= doubled - {None}


def _stem(batch: Optional[str]) -> str:
    return NO_BATCH if batch is None else cleaned(batch)


def _name(batch: Optional[str], stem: str, digits: int) -> str:
    if batch is None or not digits:
        return f"{stem}.jsonl"
    digest = hashlib.sha256(batch.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{stem}-{digest[:digits]}.jsonl"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
