"""Progress of long calls: shown as a bar, passed to a callable, or not shown."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

from scaleapi.exceptions import ScaleTypeError


class Counts(NamedTuple):
    """Progress of a call, as numbers of inputs, tasks or batches.

    Attributes:
        done: How many are finished, including those that failed.
        total: How many there are; None if that is not known.
        failed: How many have failed.
        statuses: Status -> how many have it: ``{"created": 7, "failed": 1}``.
    """

    done: int = 0
    total: Optional[int] = None
    failed: int = 0
    statuses: Mapping[str, int] = {}


#: False shows nothing; True shows a bar; a callable is called with the `Counts`.
Progress = Union[bool, Callable[[Counts], Any]]


class Meter:
    """Shows the counts of one call.

    Args:
        progress: What the caller passed as `progress`.
        label: What is written in front of a bar.

    Raises:
        ImportError: `progress` is True, and tqdm is not installed.
        ScaleTypeError: `progress` is neither a bool nor a callable.
    """

    def __init__(self, progress: Progress, label: str) -> None:
        self._callback = progress if callable(progress) else None
        self._bar: Any = None
        self._new_bar: Optional[Callable[[], Any]] = None
        if progress is True:
            cls = _bar_class()
            self._new_bar = lambda: cls(
                desc=label, unit="", disable=_disable(cls, sys.stderr)
            )
        elif progress is not False and self._callback is None:
            raise ScaleTypeError(
                f"progress must be True, False or a callable; got {progress!r}"
            )

    def show(self, counts: Counts) -> None:
        """Show these counts."""
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
        """Stop updating the bar; it stays on the screen."""
        if self._bar is not None:
            self._bar.close()


def _bar_class() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tqdm.auto warns that it is experimental
            from tqdm.auto import tqdm
    except ModuleNotFoundError:
        raise ImportError(
            'progress=True needs tqdm: pip install "scaleapi[progress]", or pass a '
            "callable, which is given the counts"
        ) from None
    return tqdm


def _disable(cls: Any, stream: Any) -> Optional[bool]:
    """Return the option `disable` of a bar.

    Args:
        cls: Class of the bar.
        stream: Where the bar is drawn.

    Returns:
        True draws no bar, False draws one, None draws one if `stream` is a terminal.
    """
    # The option overrides the variable, and tqdm before 4.66 does not read it.
    if os.environ.get("TQDM_DISABLE"):
        return True
    # In files and pipes a bar is noise. A notebook is not a terminal, but shows bars:
    # as widgets or, if ipywidgets is not installed, as text.
    is_widget = any("notebook" in base.__module__ for base in cls.__mro__)
    is_cell = type(stream).__module__.partition(".")[0] == "ipykernel"
    return False if is_widget or is_cell else None
