"""Names of the files of a folder with a file for each batch. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Dict, Iterable, List, Optional

from scaleapi.download.names import cleaned

#: The file of a folder that says which file has which batch.
INDEX = "_batches.json"
#: The file of the tasks that have no batch.
NO_BATCH = "_no_batch"


def file_names(batches: Iterable[Optional[str]]) -> Dict[Optional[str], str]:
    """Return batch -> name of its file, which every system accepts.

    A name that had to be changed, and each of several that differ only in case, ends
    in some digits that depend on the batch alone.

    Args:
        batches: Names of all batches; None stands for tasks that have none.
    """
    stems = {batch: _stem(batch) for batch in batches}
    alike: Dict[str, List[Optional[str]]] = {}
    for batch, stem in stems.items():
        alike.setdefault(_folded(stem), []).append(batch)
    names = {}
    for batch, stem in stems.items():
        if batch is not None and (stem != batch or len(alike[_folded(stem)]) > 1):
            content = batch.encode("utf-8", "surrogatepass")
            stem = f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}"
        names[batch] = f"{stem}.jsonl"
    return names


def _stem(batch: Optional[str]) -> str:
    return NO_BATCH if batch is None else cleaned(batch)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
