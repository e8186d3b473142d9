"""What lists have been asked for before, until something changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Dict, Hashable, Iterable, Optional, Tuple

_MAX_ANSWERS = 500


class ListCache:
    """Remembers answers of queries over a world's tasks while they hold.

    A transaction has an age: the number of changes before it began. An answer
    found in it holds for all later ones, until a change of that world.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = 0
        self._changed: Dict[int, int] = {}
        self._answers: "OrderedDict[Tuple[int, Hashable], Tuple[int, Any]]" = (
            OrderedDict()
        )

    def age(self) -> int:
        """Return the age of a transaction that is about to begin."""
        return self._changes

    def get(self, world: int, key: Hashable) -> Optional[Any]:
        """Return the answer that is known to a query, if one holds."""
        with self._lock:
            age, answer = self._answers.get((world, key), (-1, None))
            if age < self._changed.get(world, 0):
                return None
            self._answers.move_to_end((world, key))
            return answer

    def put(self, world: int, key: Hashable, age: int, answer: Any) -> None:
        """Remember an answer that was found in a transaction of this age."""
        with self._lock:
            self._answers[world, key] = age, answer
            if len(self._answers) > _MAX_ANSWERS:
                self._answers.popitem(last=False)

    def forget(self, worlds: Iterable[int]) -> None:
        """Forget what was known of worlds that have changed just now."""
        with self._lock:
            self._changes += 1
            for world in worlds:
                self._changed[world] = self._changes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._changes += 1
            self._changed.clear()
            self._answers.clear()
