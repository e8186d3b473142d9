"""What is said at the end of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List

from scaleapi.sandbox.run.calls import Calls

NOT_REDIRECTED = (
    "no Python process of the command was redirected, so calls may have gone to the "
    "live API"
)
_MAX_LINES = 50


@dataclass
class Report:
    """What a command has done.

    Attributes:
        exit_status: The exit status of the command.
        calls: Its calls of the API.
        notes: What its Python processes have noted, from `Redirect.notes`.
    """

    exit_status: int
    calls: Calls
    notes: Dict[str, List[str]]

    def as_dict(self) -> Dict[str, Any]:
        """Return the report as JSON."""
        return {
            "exit_status": self.exit_status,
            **self.calls.as_dict(),
            "other_hosts": self.notes["host"],
            "python_processes": len(self.notes["process"]),
            "refused_libraries": bool(self.notes["refused"]),
        }

    def save(self, path: str) -> None:
        """Write the report as JSON into a file.

        Raises:
            OSError: The file at `path` cannot be written.
        """
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.as_dict(), file, indent=2)
            file.write("\n")

    def __str__(self) -> str:
        found = self.as_dict()
        total = sum(found["calls"].values())
        lines = [
            f"The command has ended with status {self.exit_status}.",
            f"{_count(total, 'call')} of the API" + (":" if total else "."),
            *_counted(found["calls"]),
        ]
        if found["refused"]:
            number = sum(one["times"] for one in found["refused"])
            lines.append(f"{_count(number, 'call')} failed:")
            refused = {
                f"{one['status'] or '---'} {one['call']}: {one['text']}": one["times"]
                for one in found["refused"]
            }
            lines += _counted(refused)
        paid = found["would_have_cost_money"]
        if paid:
            number = sum(paid.values())
            lines.append(
                f"{_count(number, 'task')} created under a live key, which would have "
                "cost money:"
            )
            lines += _counted(paid)
        elif total:
            lines.append(
                "None of these calls would have cost money: they created no task under "
                "a live key."
            )
        if self.notes["host"]:
            lines.append("Other hosts were called:")
            lines += [f"  {host}" for host in self.notes["host"]]
        if self.notes["refused"]:
            lines.append(
                "A library that cannot be redirected was kept from the live API; its "
                "error says more."
            )
        processes = len(self.notes["process"])
        if processes:
            verb = "was" if processes == 1 else "were"
            lines.append(
                f"{_count(processes, 'Python process', 'Python processes')} {verb} "
                "redirected."
            )
        return "\n".join(lines)


def _counted(numbers: Dict[str, int]) -> List[str]:
    """Return a line for each name with its number."""
    shown = list(numbers.items())[:_MAX_LINES]
    lines = [f"{number:7}  {name}" for name, number in shown]
    if len(numbers) > len(shown):
        lines.append(f"         and {len(numbers) - len(shown)} more; see --report")
    return lines


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
