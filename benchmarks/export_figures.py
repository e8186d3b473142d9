"""The figures of exports in docs/performance.rst: a table and a plot.

    python benchmarks/export_figures.py

draws them from export.json, to which ``export.py --write`` and ``tables.py --write``
add what they have measured. The plot needs matplotlib, in an environment of its own.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

# An isolated interpreter does not look beside the script.
sys.path.append(str(Path(__file__).resolve().parent))

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "export.json"
PICTURE = ROOT / "docs" / "images" / "export.svg"
MARK = "exports"


class Figure(NamedTuple):
    """What was measured, of which the median counts.

    Attributes:
        title: What is compared with what.
        values: The value of each repeat.
        limit: The target.
        at_most: Whether the target is the largest value; else it is the smallest.
    """

    title: str
    values: List[float]
    limit: float
    at_most: bool

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def holds(self) -> bool:
        if self.at_most:
            return self.median <= self.limit
        return self.median >= self.limit

    @property
    def target(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.limit:.3g}"

    @property
    def seen(self) -> str:
        spread = f"{min(self.values):.2f} to {max(self.values):.2f}"
        return f"{self.median:.2f} ({spread})"

    def __str__(self) -> str:
        return f"{self.title}: {self.seen}, {self.target}"


def stored() -> Dict[str, Figure]:
    """Return all figures by their titles."""
    if not STORED.exists():
        return {}
    raw: List[Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return {each["title"]: Figure(**each) for each in raw}


def write(figures: List[Figure]) -> None:
    """Add figures to the file, and renew the table and the plot."""
    import environments
    import report

    known = {**stored(), **{each.title: each for each in figures}}
    raw = [
        {**each._asdict(), "values": [round(value, 3) for value in each.values]}
        for each in known.values()
    ]
    STORED.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    rows = [["what is compared", "target", "seen", "holds"]]
    for each in known.values():
        holds = "yes" if each.holds else "NO"
        rows.append([each.title, each.target, each.seen, holds])
    texts = {MARK: report.rst(rows)}
    report.replace_marked(ROOT / "docs" / "performance.rst", texts)
    plotter = environments.environment("plot", *environments.PLOT)
    print(environments.output(plotter, __file__).strip())


def draw() -> None:
    """Draw how large each figure is, as a part of its target."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # So that the same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "export"
    known = list(stored().values())[::-1]
    height = 1.2 + 0.42 * len(known)
    figure, axes = pyplot.subplots(figsize=(10, height))
    for place, each in enumerate(known):
        # To the left of 1 is better, for both kinds of targets.
        parts = [
            value / each.limit if each.at_most else each.limit / value
            for value in each.values
        ]
        middle = statistics.median(parts)
        color = "#0072b2" if each.holds else "#d55e00"
        axes.barh(place, middle, color=color, height=0.6)
        spread = [[middle - min(parts)], [max(parts) - middle]]
        axes.errorbar(middle, place, xerr=spread, color="#333333", capsize=3)
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_yticks(range(len(known)))
    axes.set_yticklabels([f"{each.title}\n{each.target}" for each in known], fontsize=8)
    axes.set_xlabel("part of what the target allows: less is better, 1 is the target")
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=110, metadata={"Date": None})
    print(f"drew {PICTURE}")


if __name__ == "__main__":
    draw()
