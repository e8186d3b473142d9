"""`ListCache`: results of queries, kept until the tasks of their world change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Dict, Hashable, Iterable, Optional, Tuple

_MAX_RESULTS = 500


class ListCache:
    """Caches results of queries over the tasks of a world while they are valid.

    A transaction has an age: the number of changes before it began. A result of a
    transaction is valid for all later ones, until that world changes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = 0
        self._changed: Dict[int, int] = {}
        self._results: "OrderedDict[Tuple[int, Hashable], Tuple[int, Any]]" = (
            OrderedDict()
        )

    def age(self) -> int:
        """Return the age of a transaction that is about to begin."""
        return self._changes

    def get(self, world: int, key: Hashable) -> Optional[Any]:
        """Return the cached result of a query, or None if none is valid."""
        with self._lock:
            age, result = self._results.get((world, key), (-1, None))
            if age < self._changed.get(world, 0):
                return None
            self._results.move_to_end((world, key))
            return result

    def put(self, world: int, key: Hashable, age: int, result: Any) -> None:
        """Cache a result that was found in a transaction of this age."""
        with self._lock:
            self._results[world, key] = age, result
            if len(self._results) > _MAX_RESULTS:
                self._results.popitem(last=False)

    def forget(self, worlds: Iterable[int]) -> None:
        """Invalidate the results of worlds that have just changed."""
        with self._lock:
            self._changes += 1
            for world in worlds:
                self._changed[world] = self._changes

    def clear(self) -> None:
        """Invalidate all results."""
        with self._lock:
            self._changes += 1
            self._changed.clear()
            self._results.clear()
