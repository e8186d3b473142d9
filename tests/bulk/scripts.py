"""Scripts that run as a program of their own, against a server of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any, Optional

#: What each script begins with.
HEAD = """
import atexit, sys, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from scaleapi import ScaleClient, ScaleException

client = ScaleClient("key", api_instance_url=sys.argv[1])
payloads = [{"metadata": {"n": n}} for n in range(1000)]
"""


def start(script: str, address: str) -> "subprocess.Popen[str]":
    """Start a script."""
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + script, address],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where a shell has started the tests without, Ctrl-C interrupts here.
        preexec_fn=_heed_ctrl_c if sys.platform != "win32" else None,
    )


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def finish(process: "subprocess.Popen[str]", within_s: float = 120.0) -> Any:
    """Wait for the end of a script; return its output and its errors."""
    try:
        return process.communicate(timeout=within_s)
    finally:
        process.kill()
        process.communicate()


def run(script: str, address: str, code: Optional[int] = 0) -> Any:
    """Run a script; return its output and its errors."""
    process = start(script, address)
    output, errors = finish(process)
    assert code is None or process.returncode == code, errors
    return output, errors
