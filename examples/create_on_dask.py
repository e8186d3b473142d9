"""Create tasks from several processes or machines, through a Dask cluster.

    python examples/create_on_dask.py --count 1000
    python examples/create_on_dask.py --scheduler tcp://10.0.0.7:8786 --live

The script needs ``pip install distributed``. Without ``--scheduler`` it starts a
cluster of two processes on this machine; without ``--live`` it uses a sandbox. Any
``concurrent.futures.Executor`` works in the same way, such as a
``ProcessPoolExecutor``: pass it as ``executor``.

The workers receive the client with its API key. More than one machine is seldom useful,
since the API accepts 30 new tasks a second; ``docs/bulk.rst`` says more.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from typing import Any, Dict, Iterator, List, Optional

import distributed

import scaleapi


def payloads(count: int) -> Iterator[Dict[str, Any]]:
    """Yield example payloads; replace them by your own."""
    for number in range(count):
        yield {
            "attachment": f"https://example.com/cows/{number}.jpg",
            "instruction": "Draw a tight box around each cow.",
            "geometries": {"box": {"objects_to_annotate": ["cow"]}},
        }


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--scheduler", help="address of a running cluster")
    parser.add_argument("--live", action="store_true")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        if options.live:
            if not os.environ.get("SCALE_API_KEY"):
                sys.exit("--live needs your key in the variable SCALE_API_KEY.")
            client = scaleapi.ScaleClient(source="create_on_dask")
        else:
            from scaleapi.sandbox import Sandbox

            sandbox = stack.enter_context(Sandbox())
            client = scaleapi.ScaleClient(sandbox.api_key, api_instance_url=sandbox.url)
        address = options.scheduler or stack.enter_context(
            distributed.LocalCluster(n_workers=2, dashboard_address=":0")
        )
        cluster = stack.enter_context(distributed.Client(address))
        results = client.create_tasks(
            "imageannotation",
            payloads(options.count),
            unique_id="content",
            executor=cluster.get_executor(),
        )
        for result in results:
            if result.error is not None:
                print(f"{result.index}: {result.error}", file=sys.stderr)
        print(dict(results.counts.statuses))


if __name__ == "__main__":
    main()
