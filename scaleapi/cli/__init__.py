"""``scaleapi``, the command. It needs click, which is in the extra ``scaleapi[cli]``.

The script is installed with the package in any case, so this module imports click only
when it runs.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command with the arguments of the process; return the exit status."""
    try:
        import click  # noqa: F401
    except ModuleNotFoundError:
        text = 'scaleapi needs click to be a command: pip install "scaleapi[cli]"'
        print(text, file=sys.stderr)
        return 1
    try:
        from scaleapi.cli.program import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while modules were imported
        return 130
