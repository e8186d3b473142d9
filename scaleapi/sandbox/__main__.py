"""The sandbox from the shell: ``python -m scaleapi.sandbox --port 4010``."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import List, Optional

from scaleapi.sandbox import Sandbox


def main(arguments: Optional[List[str]] = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scaleapi.sandbox",
        description="A local stand-in for Scale's API.",
    )
    parser.add_argument(
        "--port", type=int, default=4010, help="port to listen on (4010; 0: any)"
    )
    parser.add_argument(
        "--db", metavar="FILE", help="keep the state in this SQLite file"
    )
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stop.set())
    try:
        sandbox = Sandbox(port=options.port, db=options.db).start()
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"The sandbox listens on {sandbox.url}\n"
        f"  test key {sandbox.api_key}: tasks are completed at once\n"
        f"  live key {sandbox.live_api_key}: tasks pend\n"
        f"Ctrl-C stops it.",
        flush=True,
    )
    stop.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
