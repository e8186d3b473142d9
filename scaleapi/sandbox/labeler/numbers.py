"""Numbers within `min`, `max`, `step` and `digits`."""

from __future__ import annotations

import math
import random
from typing import Any, Mapping, Optional, Tuple, Union

from scaleapi.sandbox.labeler.json_readers import a_count, a_number

#: Distance between the bounds if only one is given.
_USUAL_SPAN = 10.0
_FINEST_STEP = 1e-6


def number_within(spec: Mapping[str, Any], rng: random.Random) -> Union[int, float]:
    """Return a number that a field or attribute allows.

    Steps are counted from `min`, as in HTML; if no number satisfies all that
    is asked for, the result is `min`.
    """
    low, high = _bounds(a_number(spec.get("min")), a_number(spec.get("max")))
    step = a_number(spec.get("step"))
    if step is not None and step >= _FINEST_STEP:
        start = low
    else:
        step = 10.0 ** -a_count(spec.get("digits"), 0, 0, 6)
        start = math.ceil(low / step) * step
        if start > high:
            # No rounded number lies between the bounds.
            return plain(low)
    last = math.floor((high - start) / step + _FINEST_STEP)
    value = round(start + rng.randint(0, max(0, last)) * step, 9)
    return plain(max(low, min(value, high)))


def _bounds(low: Optional[float], high: Optional[float]) -> Tuple[float, float]:
    if low is None:
        low = 0.0 if high is None or high >= 0 else high - _USUAL_SPAN
    if high is None:
        high = low + _USUAL_SPAN
    return low, max(low, high)


def plain(number: float) -> Union[int, float]:
    """Return an int if the fraction is zero, else the number."""
    return int(number) if number.is_integer() else number
