"""The workloads that are measured, and the targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Tuple

#: Suffix of the names of peers that decode with orjson.
ORJSON = "+orjson"

ALL = ("urllib3", "urllib3+orjson", "requests", "official", "ours", "ours+orjson")
WITHOUT_ORJSON = ("urllib3", "requests", "official", "ours")
BARE_AND_OURS = ("urllib3", "urllib3+orjson", "ours", "ours+orjson")
OURS = ("ours", "ours+orjson")


@dataclass(frozen=True)
class Target:
    """A limit, and who has to keep it.

    `measure` is a key of `report.MEASURES`.
    """

    measure: str
    limit: float
    at_most: bool = True
    peers: Tuple[str, ...] = OURS

    def holds(self, figure: float) -> bool:
        return figure <= self.limit if self.at_most else figure >= self.limit

    def __str__(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.limit:g}"


@dataclass(frozen=True)
class Workload:
    """A piece of work for several peers.

    `work` is a function of peer.py. The official client does `official_items`,
    fewer where it would take minutes: all figures are per item. `project` names
    the kind of tasks that the server lists. `passes` is how often the work is
    done within one run, where once is too short to measure; the official client
    takes long enough as it is.
    """

    name: str
    title: str
    work: str
    items: int
    official_items: int = 0
    project: str = "herd"
    threads: int = 1
    round_trip_ms: int = 0
    passes: int = 1
    repeats: int = 5
    peers: Tuple[str, ...] = ALL
    shows: Tuple[str, ...] = ("cpu", "rate", "connections", "server")
    targets: List[Target] = field(default_factory=list)

    def passes_of(self, peer: str) -> int:
        return 1 if peer == "official" else self.passes

    def items_of(self, peer: str) -> int:
        return (peer == "official" and self.official_items) or self.items


COMPARED = [
    Workload(
        "page",
        "paging 10,000 tasks of 3 KB",
        "page",
        10_000,
        passes=4,
        repeats=9,
        targets=[Target("cpu", 1.30), Target("rate", 4.5, at_most=False)],
    ),
    Workload(
        "page-20ms",
        "the same, 20 ms round trip",
        "page",
        10_000,
        5_000,
        round_trip_ms=20,
        repeats=3,
        targets=[Target("rate", 2.5, at_most=False)],
    ),
    Workload(
        "create",
        "1,000 creates in sequence",
        "create",
        1_000,
        150,
        repeats=5,
        targets=[
            Target("cpu", 1.40, peers=("ours",)),
            Target("rate", 35, at_most=False, peers=("ours",)),
        ],
    ),
    Workload(
        "create-16",
        "2,000 creates, 16 threads, 20 ms",
        "create",
        2_000,
        400,
        threads=16,
        round_trip_ms=20,
        repeats=3,
        peers=WITHOUT_ORJSON,
        targets=[
            Target("rate", 7.5, at_most=False, peers=("ours",)),
            Target("connections", 16, peers=("ours",)),
        ],
    ),
    Workload(
        "create-50",
        "2,000 creates, 50 threads, 20 ms",
        "create",
        2_000,
        400,
        threads=50,
        round_trip_ms=20,
        repeats=5,
        peers=WITHOUT_ORJSON,
        targets=[
            Target("rate", 16, at_most=False, peers=("ours",)),
            Target("connections", 50, peers=("ours",)),
        ],
    ),
    Workload(
        "script",
        "a script of 300 calls",
        "script",
        100,
        20,
        repeats=1,
        peers=WITHOUT_ORJSON,
        shows=("connections",),
        targets=[Target("connections", 1, peers=("ours",))],
    ),
    Workload(
        "upload",
        "an upload of 200 MiB",
        "upload",
        1,
        repeats=2,
        peers=WITHOUT_ORJSON,
        shows=("peak",),
        targets=[Target("peak", 16, peers=("ours",))],
    ),
    Workload(
        "stream",
        "100,000 tasks, none kept",
        "stream",
        100_000,
        10_000,
        repeats=1,
        peers=("urllib3", "official", *OURS),
        shows=("peak",),
        targets=[Target("peak", 10)],
    ),
    Workload(
        "hold",
        "20,000 tasks, all kept",
        "hold",
        20_000,
        5_000,
        repeats=2,
        shows=("kept",),
        targets=[Target("kept", 1.05)],
    ),
]

IMPORT = Workload(
    "import",
    "``import scaleapi``",
    "",
    1,
    repeats=15,
    shows=("time", "extra"),
    targets=[
        Target("time", 1.10, peers=("ours",)),
        Target("extra", 2, peers=("ours",)),
    ],
)


@dataclass(frozen=True)
class Growth:
    """The same work in several sizes; the cost of an item ought not to change.

    CPU is given as a ratio to that of the step called `reference`.
    """

    name: str
    title: str
    unit: str
    reference: int
    steps: Tuple[Tuple[int, Workload], ...]

    @property
    def repeats(self) -> int:
        return max(workload.repeats for _, workload in self.steps)


GROWTH = [
    Growth(
        "growth-page",
        "CPU a task, paged; brief tasks, so that our own part is large",
        "tasks",
        10_000,
        tuple(
            (
                items,
                Workload(
                    f"growth-page-{items}",
                    "",
                    "page",
                    items,
                    project="brief",
                    passes=max(1, 100_000 // items),
                    repeats=3,
                    peers=("urllib3", *OURS),
                ),
            )
            for items in (1_000, 10_000, 100_000, 1_000_000)
        ),
    ),
    Growth(
        "growth-create",
        "CPU a create",
        "threads",
        1,
        tuple(
            (
                threads,
                Workload(
                    f"growth-create-{threads}",
                    "",
                    "create",
                    max(200, 100 * threads),
                    threads=threads,
                    round_trip_ms=20,
                    repeats=2,
                    peers=("urllib3", "ours"),
                ),
            )
            for threads in (1, 2, 4, 8, 16, 32, 64)
        ),
    ),
]

#: Where a create spends its CPU: a script of its own, layers.py.
LAYERS = "layers"
LAYERS_ROUNDS = 15

NAMES = [
    *(workload.name for workload in COMPARED),
    IMPORT.name,
    LAYERS,
    *(growth.name for growth in GROWTH),
]
