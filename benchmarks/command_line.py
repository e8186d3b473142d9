"""What the start of the command costs: ``python benchmarks/command_line.py``.

It ends with 1 if ``scaleapi --version`` takes more than 1.3 times the CPU of an
interpreter that imports click, or ``scaleapi --help`` 100 ms more than an empty one.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import List

REPEATS = 20
MAX_VERSION_RATIO = 1.3
MAX_HELP_MS = 100.0

_MAIN = "import sys; from scaleapi.cli import main; sys.exit(main())"


def cpu_ms(code: str, *arguments: str) -> float:
    """Return the least CPU time of an interpreter, user and system, in milliseconds."""
    # Without bytecode, most of the time would be that of the compiler.
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }
    times: List[float] = []
    for _ in range(REPEATS + 1):  # the first one writes the bytecode
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.DEVNULL,
            env=environment,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = (
            after.ru_utime - before.ru_utime,
            after.ru_stime - before.ru_stime,
        )
        times.append((user + system) * 1000)
    return min(times[1:])


def main() -> int:
    """Measure, and print; return 1 if a limit is exceeded."""
    empty, click = cpu_ms(""), cpu_ms("import click")
    version, help_ = cpu_ms(_MAIN, "--version"), cpu_ms(_MAIN, "--help")
    ratio, beyond = version / click, help_ - empty
    print(f"python {empty:.0f} ms, with click {click:.0f} ms")
    print(f"--version {version:.0f} ms: {ratio:.2f} times click ({MAX_VERSION_RATIO})")
    print(f"--help {help_:.0f} ms: {beyond:.0f} ms beyond python ({MAX_HELP_MS:.0f})")
    return int(ratio > MAX_VERSION_RATIO or beyond > MAX_HELP_MS)


if __name__ == "__main__":
    sys.exit(main())
