"""Runs of peers: each in a fresh process, peers taking turns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from environments import output
from workloads import IMPORT, LAYERS_ROUNDS, ORJSON, Growth, Workload

HERE = Path(__file__).resolve().parent
UPLOAD_SIZE = 200 * 2**20

#: Result of one run: figure -> value.
Run = Dict[str, float]
#: The runs of each peer, the repeats in order.
Runs = Dict[str, List[Run]]

_IMPORT = """
import sys, time
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM:")))
"""


class Server:
    """The stand-in of the API, with a given round trip."""

    def __init__(self, round_trip_ms: int, folder: Path, roots: str) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                str(HERE / "server.py"),
                f"--round-trip-ms={round_trip_ms}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        place = self._read()
        self.url = place["url"]
        self.trusted = folder / f"trusted-{round_trip_ms}.pem"
        # As in real use: all roots of certifi, and our certificate.
        self.trusted.write_text(roots + place["certificate"])

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def counters(self) -> Dict[str, float]:
        """Return what has happened since this was called last."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        self._process.communicate()


class Bench:
    """Servers, environments and files for all runs of one command.

    Args:
        pythons: Peer, without ``+orjson`` -> interpreter that has it.
        folder: For files that are needed meanwhile.
    """

    def __init__(self, pythons: Dict[str, str], folder: Path) -> None:
        self._pythons = pythons
        self._folder = folder
        self._servers: Dict[int, Server] = {}
        print_roots = "import certifi; print(certifi.contents())"
        self._roots = output(pythons["ours"], "-c", print_roots)
        self._file = folder / "upload.bin"
        with self._file.open("wb") as file:
            file.truncate(UPLOAD_SIZE)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *error: object) -> None:
        for server in self._servers.values():
            server.close()

    def _server(self, round_trip_ms: int) -> Server:
        if round_trip_ms not in self._servers:
            server = Server(round_trip_ms, self._folder, self._roots)
            self._servers[round_trip_ms] = server
        return self._servers[round_trip_ms]

    def run(self, workload: Workload, peer: str) -> Run:
        """Run a workload once with one peer."""
        server = self._server(workload.round_trip_ms)
        items = workload.items_of(peer)
        name = peer.replace(ORJSON, "")
        job = {
            "peer": name,
            "fast": name != peer,
            "work": workload.work,
            "project": workload.project,
            "items": items,
            "passes": workload.passes_of(peer),
            "threads": workload.threads,
            "file": str(self._file),
            "url": server.url,
            "trusted": str(server.trusted),
        }
        server.counters()
        text = output(self._pythons[name], str(HERE / "peer.py"), json.dumps(job))
        found = json.loads(text)
        counted = server.counters()
        if found["done"] != items:
            raise SystemExit(
                f"{peer} did {found['done']} of {items} in {workload.name}"
            )
        done = items * workload.passes_of(peer)
        return {
            "cpu": found["cpu"] / done,
            "rate": done / found["wall"],
            "peak": found["peak_kib"] / 1024,
            "kept": found["kept_kib"] / done,
            "connections": counted["connections"],
            "server": counted["cpu"] / found["wall"],
        }

    def compare(self, workload: Workload, repeats: Optional[int]) -> Runs:
        """Run a workload with all peers, which take turns."""

        def run(peer: str) -> Run:
            return self.run(workload, peer)

        return _in_turns(list(workload.peers), repeats or workload.repeats, run)

    def grow(
        self, growth: Growth, repeats: Optional[int]
    ) -> Dict[Tuple[str, int], List[Run]]:
        """Let peers do the steps of a growth, all steps in each repeat.

        Returns:
            (peer, step) -> runs; a step may have fewer repeats than others.
        """
        runs: Dict[Tuple[str, int], List[Run]] = {}
        for repeat in range(repeats or growth.repeats):
            for step, workload in growth.steps:
                for peer in workload.peers:
                    if repeat < workload.repeats:
                        run = self.run(workload, peer)
                        runs.setdefault((peer, step), []).append(run)
        return runs

    def layers(self, repeats: Optional[int]) -> Dict[str, List[float]]:
        """Return layer -> CPU of a create that begins there, against urllib3."""
        server = self._server(0)
        job = {
            "url": server.url,
            "trusted": str(server.trusted),
            "rounds": repeats or LAYERS_ROUNDS,
        }
        script = str(HERE / "layers.py")
        return json.loads(output(self._pythons["ours"], script, json.dumps(job)))

    def imports(self, repeats: Optional[int]) -> Runs:
        """Import things in fresh interpreters, taking turns.

        The base of a peer is ``import requests`` in the same environment.
        """
        statements = {
            "requests": ("ours", "import requests"),
            "ours": ("ours", "import scaleapi"),
            "ours, with the client": ("ours", "from scaleapi import ScaleClient"),
            "base of official": ("official", "import requests"),
            "official": ("official", "import scaleapi"),
        }

        def run(peer: str) -> Run:
            name, statement = statements[peer]
            code = _IMPORT.format(statement=statement)
            seconds, kib = output(self._pythons[name], "-c", code).split()
            return {"time": float(seconds), "extra": int(kib) / 1024}

        peers = [peer for peer in statements if statements[peer][0] in self._pythons]
        for peer in peers:
            run(peer)  # so that the byte code is there
        return _in_turns(peers, repeats or IMPORT.repeats, run)


def _in_turns(peers: List[str], repeats: int, run: Callable[[str], Run]) -> Runs:
    runs: Runs = {peer: [] for peer in peers}
    for repeat in range(repeats):
        first = repeat % len(peers)  # nobody is always the first
        for peer in peers[first:] + peers[:first]:
            runs[peer].append(run(peer))
    return runs
