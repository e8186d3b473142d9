"""Measure this client beside others; README.rst says how to read it.

python benchmarks/run.py
python benchmarks/run.py --only page create --repeats 9
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import environments
import report
from environments import ROOT, environment
from measure import Bench
from workloads import COMPARED, GROWTH, IMPORT, LAYERS, NAMES

HERE = Path(__file__).resolve().parent
STORED = HERE / "results.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measure this client beside others.",
        epilog=f"NAME is one of {', '.join(NAMES)}.",
    )
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME")
    parser.add_argument("--repeats", type=int, help="instead of each work's own number")
    parser.add_argument(
        "--official",
        metavar="PY",
        help="an interpreter that has the official client, instead of one made here",
    )
    parser.add_argument(
        "--candidate",
        metavar="PY",
        help="an interpreter that has this client and orjson, instead of one made here",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures there")
    parser.add_argument(
        "--write",
        action="store_true",
        help="renew results.json and results.rst, and the tables and the plot of "
        "docs/performance.rst",
    )
    return parser.parse_args()


def measure(
    bench: Bench, only: Optional[List[str]], repeats: Optional[int]
) -> Dict[str, Any]:
    """Measure, and print each table when it is ready."""
    wanted = only or NAMES
    results: Dict[str, Any] = {"compared": {}, "layers": {}, "growth": {}}

    def show(name: str, title: str, rows: report.Rows) -> None:
        print(f"\n{name}: {title}\n{report.plain(rows)}", flush=True)

    for workload in [*COMPARED, IMPORT]:
        if workload.name not in wanted:
            continue
        runs = (
            bench.imports(repeats)
            if workload is IMPORT
            else bench.compare(workload, repeats)
        )
        found = report.figures(workload, runs)
        results["compared"][workload.name] = found
        show(workload.name, workload.title, report.workload_rows(workload, found))
    if LAYERS in wanted:
        layers = report.layer_figures(bench.layers(repeats))
        results["layers"] = layers
        show(LAYERS, "where a create spends its CPU", report.layer_rows(layers))
    for growth in GROWTH:
        if growth.name in wanted:
            grown = report.growth_figures(growth, bench.grow(growth, repeats))
            results["growth"][growth.name] = grown
            show(growth.name, growth.title, report.growth_rows(growth, grown))
    return results


def write(results: Dict[str, Any]) -> None:
    """Renew what the repository holds, leaving what was not measured."""
    if STORED.exists():
        old = json.loads(STORED.read_text())
        for kind in ("compared", "growth"):
            results = {**results, kind: {**old[kind], **results[kind]}}
        results = {**results, "layers": results["layers"] or old.get("layers", {})}
    STORED.write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "results.rst").write_text(report.page(results), encoding="utf-8")
    tables = {"targets": report.rst(report.target_rows(results))}
    if results["layers"]:
        tables[LAYERS] = report.rst(report.layer_rows(results["layers"]))
    for growth in GROWTH:
        if growth.name in results["growth"]:
            rows = report.growth_rows(growth, results["growth"][growth.name])
            tables[growth.name] = report.rst(rows)
    report.replace_marked(ROOT / "docs" / "performance.rst", tables)
    plotter = environment("plot", *environments.PLOT)
    print(environments.output(plotter, str(HERE / "plot.py")).strip())


def main() -> int:
    options = arguments()
    candidate = options.candidate or environment("ours", *environments.OURS, path=ROOT)
    official = options.official or environment("official", *environments.OFFICIAL)
    # The loops live where our client does, with the same requests and urllib3.
    pythons = dict.fromkeys(("urllib3", "requests", "ours"), candidate)
    pythons["official"] = official

    started, load = time.monotonic(), os.getloadavg()[0]
    cores = os.cpu_count() or 1
    if load > cores / 2:
        print(f"the load is {load:.1f} on {cores} cores: CPU ratios will be rough")
    with tempfile.TemporaryDirectory() as folder, Bench(pythons, Path(folder)) as bench:
        results = measure(bench, options.only, options.repeats)
    results["about"] = {
        "machine": f"{platform.system()} on {platform.machine()}, {cores} cores, "
        f"{time.strftime('%Y-%m-%d')}",
        "versions": {
            name: environments.versions(pythons[name]) for name in ("ours", "official")
        },
    }
    print(f"\ntargets\n{report.plain(report.target_rows(results))}")
    missed = list(report.failures(results))
    print(f"\n{len(missed)} missed" + "".join(f"\n  {line}" for line in missed))
    print(f"measured for {(time.monotonic() - started) / 60:.1f} minutes")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    if options.write:
        write(results)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
