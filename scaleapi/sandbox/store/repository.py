"""`Repository`: base class of the repositories."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, Optional, Tuple

from scaleapi.sandbox.store.database import Connection

Document = Dict[str, Any]

#: A position in a list: creation time and number of the element there.
Cursor = Tuple[int, int]


class Repository:
    """The documents of one type in one world."""

    def __init__(self, connection: Connection, world: int) -> None:
        self._connection = connection
        self._world = world

    def _document(self, select: str, *values: Any) -> Optional[Document]:
        """Return the document in the first row of a query, or None."""
        row = self._connection.execute(select, (self._world, *values)).fetchone()
        return None if row is None else json.loads(row["document"])

    def stable_id(self, kind: str, name: str) -> str:
        """Return an id that depends only on the world, the kind and the name."""
        text = f"{self._world}\n{kind}\n{name}".encode()
        return hashlib.sha256(text).hexdigest()[:24]

    def _count(self, select: str, values: Any) -> int:
        return int(self._connection.execute(select, values).fetchone()[0])
