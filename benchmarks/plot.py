"""Draw how cost grows, from results.json into docs/images/growth.svg.

    python benchmarks/plot.py [FILE]

Needs matplotlib; ``run.py --write`` runs it in an environment that has it. The
ending of FILE (``.svg``, ``.png``) says what is drawn.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Dict

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "results.json"
PICTURE = ROOT / "docs" / "images" / "growth.svg"

#: Peer -> name, color, marker. The colors can be distinguished by everyone.
STYLES = {
    "urllib3": ("bare urllib3", "#777777", "s"),
    "ours": ("scaleapi", "#0072b2", "o"),
    "ours+orjson": ("scaleapi with orjson", "#d55e00", "^"),
}


def draw(
    axes: Any, title: str, label: str, found: Dict[str, Dict[str, Any]], reference: str
) -> None:
    """Draw the medians of all peers, with bars from the least to the greatest."""
    steps = sorted({int(step) for peer in found.values() for step in peer})
    for peer, figures in found.items():
        name, color, marker = STYLES[peer]
        points = [(int(step), *row["cpu"]) for step, row in figures.items()]
        places, middles, least, most = zip(*sorted(points))
        below = [middle - low for middle, low in zip(middles, least)]
        above = [high - middle for middle, high in zip(middles, most)]
        axes.errorbar(
            places,
            middles,
            yerr=[below, above],
            label=name,
            color=color,
            marker=marker,
            capsize=3,
            linewidth=1.8,
        )
    axes.set_xscale("log", base=10 if steps[-1] > 1000 else 2)
    axes.set_xticks(steps)
    axes.set_xticklabels([f"{step:,}" for step in steps])
    axes.minorticks_off()
    axes.set_ylim(0, 2)
    axes.axhline(1, color="#bbbbbb", linewidth=0.8, zorder=0)
    axes.set_title(title)
    axes.set_xlabel(label)
    axes.set_ylabel(f"CPU as a ratio to that of {reference}")
    axes.legend(loc="lower left", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    growth = json.loads(STORED.read_text(encoding="utf-8"))["growth"]
    # So that the same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4.2))
    paged, created = growth["growth-page"], growth["growth-create"]
    draw(left, "CPU a task, paged", "tasks in the list", paged, "10,000 tasks")
    draw(right, "CPU a create", "threads on one client", created, "one thread")
    figure.tight_layout()
    picture.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Date": None} if picture.suffix == ".svg" else None
    figure.savefig(picture, dpi=110, metadata=metadata)
    print(f"drew {picture}")


if __name__ == "__main__":
    main()
