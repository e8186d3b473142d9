"""Reports of what was written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaleapi.cli.session import Session

if TYPE_CHECKING:
    from scaleapi.export import ExportReport

#: Problems that are shown to people; the others are counted.
_SHOWN = 10


def write_report(session: Session, report: "ExportReport") -> int:
    """Write a report, with its problems as warnings; return the exit status."""
    problems = [str(problem) for problem in report.problems]
    for text in problems[:_SHOWN]:
        session.console.warn(text)
    if len(problems) > _SHOWN:
        session.console.warn(f"and {len(problems) - _SHOWN:,} other problems")
    record = {
        "tasks": report.tasks,
        "files": list(report.files),
        "resumed": report.resumed,
        "problems": problems,
    }
    if session.settings.for_programs or session.settings.fields:
        session.out.record(record, (), "files")
    else:
        files = report.files
        where = files[0] if len(files) == 1 else f"{len(files):,} files"
        session.out.say(f"{report.tasks:,} tasks in {where}")
    return 0
