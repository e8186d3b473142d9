"""Base class of the enums whose values are strings of the API."""

from __future__ import annotations

from enum import Enum


class WireEnum(str, Enum):
    """An enum whose members equal the strings that the API sends.

    Both ``task.status == TaskStatus.Completed`` and ``task.status == "completed"``
    hold. ``str()``, ``format()`` and ``repr()`` give what a plain ``Enum`` gives, on
    every Python: the standard library changed twice between 3.8 and 3.12 what they
    give for an enum that is also a str.
    """

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec)

    def __repr__(self) -> str:
        return f"<{self}: {self.value!r}>"
