"""Ratios, verdicts and tables from the runs."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from measure import Run, Runs
from workloads import COMPARED, GROWTH, IMPORT, ORJSON, Growth, Target, Workload

#: Median, least and greatest of the repeats.
Figure = List[float]
#: Peer -> measure -> figure.
Figures = Dict[str, Dict[str, Figure]]


def _same_decoder(peer: str) -> str:
    return "urllib3+orjson" if peer.endswith(ORJSON) else "urllib3"


def _requests(peer: str) -> str:
    return "base of official" if peer == "official" else "requests"


@dataclass(frozen=True)
class Measure:
    """A column: what is measured, and against whom.

    `base` returns the peer that a ratio (or, with `difference`, a difference) is
    taken to; without it the figure stands alone.
    """

    heading: str
    base: Optional[Callable[[str], str]] = None
    difference: bool = False
    digits: int = 2

    def of(self, name: str, run: Run, base: Run) -> float:
        if self.difference:
            return run[name] - base[name]
        return run[name] / base[name] if self.base else run[name]

    def text(self, figure: Optional[Figure], *, spread: bool = True) -> str:
        if figure is None:
            return "n/a"
        middle, least, most = (f"{value:,.{self.digits}f}" for value in figure)
        if not spread or least == most:
            return middle
        return f"{middle} ({least} to {most})"


MEASURES = {
    "cpu": Measure("CPU / urllib3", _same_decoder),
    "rate": Measure("rate / official", lambda peer: "official"),
    "kept": Measure("memory / urllib3", _same_decoder, digits=3),
    "peak": Measure("MiB more", digits=1),
    "connections": Measure("connections", digits=0),
    "server": Measure("server busy"),
    "time": Measure("time / requests", _requests),
    "extra": Measure("MiB over requests", _requests, difference=True, digits=1),
}


def figures(workload: Workload, runs: Runs) -> Figures:
    """Return the figures of a workload; ratios are taken within one repeat."""
    found: Figures = {}
    for peer, own in runs.items():
        found[peer] = {}
        for name in workload.shows:
            measure = MEASURES[name]
            base = runs.get(measure.base(peer) if measure.base else peer)
            if base is not None:
                values = [measure.of(name, *pair) for pair in zip(own, base)]
                found[peer][name] = _figure(values)
    return found


def growth_figures(
    growth: Growth, runs: Dict[Tuple[str, int], List[Run]]
) -> Dict[str, Dict[str, Dict[str, Figure]]]:
    """Return peer -> step -> CPU as a ratio to the reference, and to urllib3."""
    found: Dict[str, Dict[str, Dict[str, Figure]]] = {}
    for (peer, step), own in runs.items():
        row = {"cpu": _ratios(own, runs[peer, growth.reference])}
        bare = runs.get((_same_decoder(peer), step))
        if bare is not None:
            row["urllib3"] = _ratios(own, bare)
        found.setdefault(peer, {})[str(step)] = row
    return found


def layer_figures(ratios: Dict[str, List[float]]) -> Dict[str, Figure]:
    return {layer: _figure(values) for layer, values in ratios.items()}


def _ratios(runs: List[Run], base: List[Run]) -> Figure:
    return _figure([run["cpu"] / other["cpu"] for run, other in zip(runs, base)])


def _figure(values: List[float]) -> Figure:
    return [round(f(values), 4) for f in (statistics.median, min, max)]


def holds(target: Target, found: Figures) -> Optional[bool]:
    """Return whether a target is reached; None if it was not measured."""
    reached = [
        target.holds(found[peer][target.measure][0])
        for peer in target.peers
        if target.measure in found.get(peer, {})
    ]
    return all(reached) if reached else None


Rows = List[List[str]]


def workload_rows(workload: Workload, found: Figures) -> Rows:
    """Return the table of one workload, with a row for each peer."""
    names = [name for name in workload.shows if any(name in f for f in found.values())]
    rows = [["", *(MEASURES[name].heading for name in names)]]
    for peer, own in found.items():
        if not peer.startswith("base"):
            cells = [MEASURES[name].text(own.get(name)) for name in names]
            rows.append([_words(peer), *cells])
    return rows


def target_rows(results: Dict[str, Any]) -> Rows:
    """Return the table of targets, with a row for each."""
    rows = [["work", "measure", "target", "urllib3", "ours", "with orjson", "holds"]]
    for workload in [*COMPARED, IMPORT]:
        found = results["compared"].get(workload.name)
        if found is None:
            continue
        for target in workload.targets:
            measure = MEASURES[target.measure]
            cells = [
                measure.text(found.get(peer, {}).get(target.measure))
                for peer in ("urllib3", "ours", "ours+orjson")
            ]
            verdict = {True: "yes", False: "NO", None: "n/a"}[holds(target, found)]
            rows.append([workload.title, measure.heading, str(target), *cells, verdict])
    return rows


def growth_rows(growth: Growth, found: Dict[str, Any]) -> Rows:
    """Return the table of a growth, with a row for each step."""
    heads = [growth.unit]
    columns: List[Tuple[str, str]] = []
    for peer in found:
        columns.append((peer, "cpu"))
        heads.append(f"{_words(peer)}: CPU / that of {growth.reference:,}")
    for peer, steps in found.items():
        if any("urllib3" in row for row in steps.values()) and peer != "urllib3":
            columns.append((peer, "urllib3"))
            heads.append(f"{_words(peer)}: CPU / urllib3")
    rows = [heads]
    for step, _ in growth.steps:
        row = [f"{step:,}"]
        for peer, name in columns:
            figure = found[peer].get(str(step), {}).get(name)
            measure = MEASURES["peak" if name == "peak" else "cpu"]
            row.append(measure.text(figure))
        rows.append(row)
    return rows


def layer_rows(found: Dict[str, Figure]) -> Rows:
    """Return the table of layers, with a row for each and what it adds."""
    rows = [["a create, begun at", MEASURES["cpu"].heading, "more than the row above"]]
    above: Optional[float] = None
    for layer, figure in found.items():
        added = "n/a" if above is None else f"{figure[0] - above:+.2f}"
        rows.append([layer, MEASURES["cpu"].text(figure), added])
        above = figure[0]
    return rows


def _words(peer: str) -> str:
    return peer.replace(ORJSON, " with orjson")


def plain(rows: Rows) -> str:
    """Return a table for the terminal."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths))
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def rst(rows: Rows) -> str:
    """Return a table for a page."""
    head, *body = rows
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [head, *body]:
        for place, cell in enumerate(row):
            lines.append(f"   {'  -' if place else '* -'} {cell}".rstrip())
    return "\n".join(lines)


def page(results: Dict[str, Any]) -> str:
    """Return results.rst: all that was measured."""
    title = "Results"
    parts = [
        f"{title}\n{'=' * len(title)}",
        "Written by ``run.py --write``; do not edit. Medians of the repeats, the "
        "least and\nthe greatest in brackets. README.rst says what the columns mean.",
        _about(results["about"]),
        _section("Targets", rst(target_rows(results))),
    ]
    for workload in [*COMPARED, IMPORT]:
        found = results["compared"].get(workload.name)
        if found:
            title = f"{workload.name}: {workload.title}"
            parts.append(_section(title, rst(workload_rows(workload, found))))
    for growth in GROWTH:
        found = results["growth"].get(growth.name)
        if found:
            title = f"{growth.name}: {growth.title}"
            parts.append(_section(title, rst(growth_rows(growth, found))))
    if results["layers"]:
        title = "layers: where a create spends its CPU"
        parts.append(_section(title, rst(layer_rows(results["layers"]))))
    return "\n\n\n".join(parts) + "\n"


def _about(about: Dict[str, Any]) -> str:
    lines = [f"* {about['machine']}"]
    for name, versions in about["versions"].items():
        found = ", ".join(f"{what} {number}" for what, number in versions.items())
        lines.append(f"* environment of {name}: {found}")
    return "\n".join(lines)


def _section(title: str, text: str) -> str:
    return f"{title}\n{'-' * len(title)}\n\n{text}"


def replace_marked(path: Path, texts: Dict[str, str]) -> None:
    """Replace the part of a page between marks such as ``.. begin targets``."""
    content = path.read_text(encoding="utf-8")
    for name, text in texts.items():
        pattern = rf"(\.\. begin {name}\n\n).*?(\n\n\.\. end {name}\n)"
        marked = re.compile(pattern, re.DOTALL)
        content = marked.sub(lambda found, new=text: found[1] + new + found[2], content)
    path.write_text(content, encoding="utf-8")


def failures(results: Dict[str, Any]) -> Iterable[str]:
    """Yield the targets that were missed."""
    for workload in [*COMPARED, IMPORT]:
        found = results["compared"].get(workload.name, {})
        for target in workload.targets:
            if holds(target, found) is False:
                yield f"{workload.name}: {MEASURES[target.measure].heading} {target}"
