"""The kind of enum whose members are the API's own words."""

from __future__ import annotations

from enum import Enum


class WireEnum(str, Enum):
    """An enum whose members equal the strings on the wire.

    ``task.status == TaskStatus.Completed`` and ``== "completed"`` both hold.
    ``str()``, ``format()`` and ``repr()`` stay those of a plain ``Enum`` on
    every Python: between 3.8 and 3.12 the standard library changed its mind
    twice about what they print for an enum that is also a str.
    """

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec)

    def __repr__(self) -> str:
        return f"<{self}: {self.value!r}>"
