"""`ExportReport`: what a call has written, and what it could not write as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

#: Problems that `str` shows; the others are only counted.
_SHOWN = 10


@dataclass(frozen=True)
class Problem:
    """Something that the files do not hold as it is in the tasks.

    Attributes:
        text: What is wrong, in words for a person.
        task_id: The first task that it concerns; None if it concerns no single task.
        column: The column or key that it concerns; None if there is none.
        count: How often it occurred.
    """

    text: str
    task_id: Optional[str] = None
    column: Optional[str] = None
    count: int = 1

    def __str__(self) -> str:
        where = [self.column] if self.column is not None else []
        if self.task_id is not None:
            first = "first in task" if self.count > 1 else "task"
            where.append(f"{first} {self.task_id}")
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        return ": ".join([*([", ".join(where)] if where else []), self.text + times])


@dataclass(frozen=True)
class ExportReport:
    """What was written. ``print(report)`` shows it.

    Attributes:
        files: The paths of the files.
        tasks: Number of tasks in them.
        windows: Number of parts of the time of creation that were fetched on their own.
            1 is a single walk over the pages; 0 means that nothing was fetched.
        counted: Number of tasks that the API counted before they were fetched; None if
            it did not say, or if nothing was fetched.
        problems: What the files do not hold as it is in the tasks.
        resumed: Number of tasks that an earlier call had fetched and that were not
            fetched again.
    """

    files: Tuple[str, ...] = ()
    tasks: int = 0
    windows: int = 0
    counted: Optional[int] = None
    problems: Tuple[Problem, ...] = ()
    resumed: int = 0

    def __str__(self) -> str:
        files = self.files[0] if len(self.files) == 1 else f"{len(self.files):,} files"
        facts = [f"{self.tasks:,} tasks in {files}"]
        if self.windows:
            counted = "" if self.counted is None else f"{self.counted:,} counted before"
            parts = f"fetched in {self.windows:,} windows" if self.windows > 1 else ""
            facts += [text for text in (counted, parts) if text]
        if self.resumed:
            facts.append(f"{self.resumed:,} of them from an interrupted export")
        lines = [", ".join(facts)]
        if not self.problems:
            return lines[0]
        lines.append(f"{sum(each.count for each in self.problems):,} problems:")
        lines += [f"  {each}" for each in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"  and {len(self.problems) - _SHOWN:,} others")
        return "\n".join(lines)
