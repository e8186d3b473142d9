"""`Problems`: collects what does not fit, one `Problem` for each kind. Pure."""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Tuple

from scaleapi.export.report import Problem

#: Of an address, its user name and password, and its query, where signatures are.
_SECRETS = re.compile(r"(?<=://)[^\s?'\"]*@|(?<=\?)[^\s?'\"]+=[^\s'\"]*")
#: Of a long value, what is looked at.
_MOST = 1_000


class Problems:
    """What a file does not hold as it is in the tasks.

    However many tasks there are, it holds one example of each kind.
    """

    def __init__(self) -> None:
        self._found: Dict[Tuple[Optional[str], str], List[object]] = {}

    def add(
        self,
        kind: str,
        task_id: Optional[str] = None,
        column: Optional[str] = None,
        example: object = None,
        count: int = 1,
    ) -> None:
        """Count a problem.

        Args:
            kind: What is wrong, without anything of the task.
            task_id: The task that it concerns.
            column: The column or key that it concerns.
            example: The value; only the first one of a kind is shown.
            count: How often it occurred.
        """
        known = self._found.get((column, kind))
        if known is None:
            shown = "" if example is None else f"; got {_shortened(example)}"
            self._found[column, kind] = [f"{kind}{shown}", task_id, count]
        else:
            known[2] += count  # type: ignore[operator]

    def all(self) -> Tuple[Problem, ...]:
        """Return them, in the order in which each kind was first met."""
        return tuple(
            Problem(text, task_id, column, count)  # type: ignore[arg-type]
            for (column, _), (text, task_id, count) in self._found.items()
        )


def _shortened(value: object, length: int = 60) -> str:
    # ascii, because the text is printed, and a value may have any character.
    try:
        text = ascii(value)
    except (RecursionError, ValueError):  # nested too deeply, or too many digits
        text = f"a {type(value).__name__}"
    text = _SECRETS.sub("...", text[:_MOST])
    return text if len(text) <= length else f"{text[:length]}..."
