"""`TaskFilter`: the conditions of a list of tasks, translated to SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Collection, List, Optional, Sequence, Tuple, Union

#: None matches all, a list matches any of its values.
Values = Union[None, str, Sequence[str]]

#: An SQL condition and the values of its placeholders.
Condition = Tuple[str, List[Any]]

#: The filters that have a column in ``task_counts``.
_COUNTED = ("project", "batch", "type", "status", "review_statuses")
#: The filters that have none, besides those by time.
_UNCOUNTED = ("unique_ids", "tags", "task_ids", "delivery")
#: Up to this many values are bound one by one; longer lists use json_each().
_MAX_PLACEHOLDERS = 500


@dataclass(frozen=True)
class TaskFilter:
    """Conditions on tasks; None matches all, a list matches any of its values."""

    project: Values = None
    batch: Values = None
    type: Values = None
    status: Values = None
    review_statuses: Values = None
    unique_ids: Values = None
    tags: Values = None
    task_ids: Values = None
    delivery: Values = None
    created_from: Optional[int] = None
    created_to: Optional[int] = None
    updated_from: Optional[int] = None
    updated_to: Optional[int] = None
    completed_from: Optional[int] = None
    completed_to: Optional[int] = None

    def counted(self, world: int, *, null: str = "review_status = x''") -> Condition:
        """Return the part of the condition that ``task_counts`` supports, too."""
        conditions: List[Condition] = [("world = ?", [world])]
        for name, accepted in (
            ("project", self.project),
            ("batch", self.batch),
            ("type", self.type),
            ("status", self.status),
        ):
            if accepted is not None:
                conditions.append(one_of(name, accepted))
        if self.review_statuses is not None:
            known, values = one_of("review_status", self.review_statuses)
            if "pending" in values_of(self.review_statuses):
                # api-notes: review-status (guess)
                known += f" OR ({null} AND status = 'completed')"
            conditions.append((f"({known})", values))
        return _all(conditions)

    @property
    def is_counted(self) -> bool:
        """Whether ``task_counts`` supports the whole condition."""
        others = (getattr(self, name) for name in _UNCOUNTED)
        return not self._times() and all(accepted is None for accepted in others)

    @property
    def parts(self) -> List[TaskFilter]:
        """One filter for each condition that ``task_counts`` supports."""
        return [
            TaskFilter(**{name: getattr(self, name)})
            for name in _COUNTED
            if getattr(self, name) is not None
        ]

    def without(self, other: TaskFilter) -> TaskFilter:
        """Return this filter without the conditions of another."""
        names = {name for name in _COUNTED if getattr(other, name) is not None}
        return replace(self, **dict.fromkeys(names))

    @property
    def matches_none(self) -> bool:
        """Whether a list of values is empty, so that nothing matches."""
        lists = (*_COUNTED, *_UNCOUNTED)
        return any(getattr(self, name) in ([], ()) for name in lists)

    @property
    def only_tags(self) -> bool:
        """Whether tags are the only condition."""
        return self.tags is not None and self == TaskFilter(tags=self.tags)

    @property
    def only_times(self) -> bool:
        """Whether time bounds are the only conditions."""
        others = (*_COUNTED, *_UNCOUNTED)
        return all(getattr(self, name) is None for name in others)

    @property
    def times(self) -> List[str]:
        """The columns of times that have a bound."""
        return list(dict.fromkeys(name.split()[0] for name, _ in self._times()))

    def where(self, world: int, *, few_tagged: bool = False) -> Condition:
        """Return the whole condition on tasks.

        Args:
            world: The world of the tasks.
            few_tagged: Whether to start from the tags, rather than to look up the
                tags of each task.
        """
        conditions = [self.counted(world, null="review_status IS NULL")]
        conditions += [(f"{name} ?", [moment]) for name, moment in self._times()]
        for column, accepted in (
            ("unique_id", self.unique_ids),
            ("task_id", self.task_ids),
            ("delivery", self.delivery),
        ):
            if accepted is not None:
                conditions.append(one_of(column, accepted))
        if self.tags is not None:
            known, values = self.tagged(world)
            tagged = (
                f"seq IN (SELECT task FROM task_tags WHERE {known})"
                if few_tagged
                else "EXISTS (SELECT 1 FROM task_tags"
                f" WHERE {known} AND task_tags.task = tasks.seq)"
            )
            conditions.append((tagged, values))
        return _all(conditions)

    def tagged(self, world: int) -> Condition:
        """Return the condition on ``task_tags``."""
        # Any of the tags is enough. api-notes: tags-filter (guess)
        known, values = one_of("tag", self.tags or [])
        return f"task_tags.world = ? AND {known}", [world, *values]

    def _times(self) -> List[Tuple[str, int]]:
        bounds = [
            ("updated_at >=", self.updated_from),
            ("updated_at <=", self.updated_to),
            ("completed_at >=", self.completed_from),
            ("completed_at <=", self.completed_to),
            ("created_at >=", self.created_from),
            ("created_at <=", self.created_to),
        ]
        return [(name, moment) for name, moment in bounds if moment is not None]


def values_of(accepted: Union[str, Sequence[str]]) -> List[str]:
    """Return the accepted values without duplicates."""
    return [accepted] if isinstance(accepted, str) else list(dict.fromkeys(accepted))


def one_of(column: str, accepted: Union[str, Sequence[str]]) -> Condition:
    """Return the condition that a column has any of some values.

    A value that no row has is not an error. (api-notes: unknown-names)
    """
    values = values_of(accepted)
    if len(values) == 1:
        return f"{column} = ?", [values[0]]
    if len(values) <= _MAX_PLACEHOLDERS:
        return f"{column} IN ({placeholders(values)})", [*values]
    return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(values)]


def placeholders(values: Collection[Any]) -> str:
    """Return an SQL placeholder for each value."""
    return ", ".join("?" * len(values))


def _all(conditions: Sequence[Condition]) -> Condition:
    text = " AND ".join(condition for condition, _ in conditions)
    return text, [value for _, values in conditions for value in values]
