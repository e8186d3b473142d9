"""How far a long job is: as a bar, as counts for a callable, or not at all."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

from scaleapi.exceptions import ScaleTypeError


class Counts(NamedTuple):
    """How far a job is.

    Attributes:
        done: How many are finished, the failed ones among them.
        total: How many there are; None if that cannot be known.
        failed: How many have failed.
        statuses: The same by status: ``{"created": 7, "failed": 1}``.
    """

    done: int = 0
    total: Optional[int] = None
    failed: int = 0
    statuses: Mapping[str, int] = {}


#: False shows nothing, True a bar; a callable is given the `Counts`.
Progress = Union[bool, Callable[[Counts], Any]]


class Meter:
    """Shows the counts of one job.

    Args:
        progress: What the caller asked for.
        label: What stands in front of a bar.
        unit: What is counted.

    Raises:
        ImportError: A bar is asked for, and tqdm is not installed.
        ScaleTypeError: `progress` is neither a bool nor callable.
    """

    def __init__(self, progress: Progress, label: str) -> None:
        self._callback = progress if callable(progress) else None
        self._bar: Any = None
        self._new_bar: Optional[Callable[[], Any]] = None
        if progress is True:
            kind = _bar_class()
            self._new_bar = lambda: kind(
                desc=label, unit="", disable=_disable(kind, sys.stderr)
            )
        elif progress is not False and self._callback is None:
            raise ScaleTypeError(
                f"progress must be True, False or a callable; got {progress!r}"
            )

    def show(self, counts: Counts) -> None:
        """Show the counts as they are now."""
        if self._callback is not None:
            self._callback(counts)
        if self._new_bar is None:
            return
        if self._bar is None:
            self._bar = self._new_bar()
        self._bar.total = counts.total
        if counts.failed:
            self._bar.set_postfix(failed=counts.failed, refresh=False)
        self._bar.update(counts.done - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def _bar_class() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is called experimental
            from tqdm.auto import tqdm
    except ModuleNotFoundError:
        raise ImportError(
            'progress=True needs tqdm: pip install "scaleapi[progress]", or pass a '
            "callable, which is given the counts"
        ) from None
    return tqdm


def _disable(kind: Any, stream: Any) -> Optional[bool]:
    """Return whether a bar is not to be drawn; None: if there is no terminal.

    Args:
        kind: Class of the bar.
        stream: Where it is drawn.
    """
    # What is passed wins over the variables of the environment, all of which tqdm
    # reads where nothing is passed; and until its 4.66 it read none.
    if os.environ.get("TQDM_DISABLE"):
        return True
    # On paper and in pipes a bar is noise. A notebook is no terminal either, but
    # shows it: as a widget or, where ipywidgets is not installed, as text.
    is_widget = any("notebook" in base.__module__ for base in kind.__mro__)
    is_cell = type(stream).__module__.partition(".")[0] == "ipykernel"
    return False if is_widget or is_cell else None
