"""What a client is made with, checked before anything is sent."""

from __future__ import annotations

import os
from typing import Any, Optional, Tuple

from scaleapi.exceptions import ScaleException


def checked_number(name: str, number: Any, least: int) -> int:
    """Return a whole number that is large enough.

    Raises:
        ValueError: It is none.
    """
    if isinstance(number, int) and number >= least:
        return number
    raise ValueError(f"{name} must be a whole number, {least} or more; got {number!r}")


def checked_source(source: Optional[str], user_agent: str) -> str:
    """Return a User-Agent header that can be sent.

    Raises:
        ValueError: The source makes it one that cannot.
    """
    if fits_header(user_agent):
        return user_agent
    raise ValueError(
        f"source becomes part of a header, so it must be one line of Latin letters; "
        f"got {source!r}"
    )


def fits_header(text: str) -> bool:
    """Return whether a text can be the value of a header."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return "\r" not in text and "\n" not in text


def checked_key(api_key: Any) -> str:
    """Return the key, that of the environment if it is None.

    Raises:
        ScaleException: There is none, or it cannot be one.
    """
    if api_key is None:
        api_key = os.environ.get("SCALE_API_KEY")
    if isinstance(api_key, bytes):
        api_key = api_key.decode("latin-1")
    if isinstance(api_key, str):
        # Keys that are read from a file tend to end with the end of its line.
        api_key = api_key.strip()
    problem = _problem_of_key(api_key)
    if problem is None:
        return str(api_key)
    # A traceback that shows local variables must not show it.
    del api_key
    raise ScaleException(f"Please provide a valid API Key.{problem}")


def _problem_of_key(api_key: Any) -> Optional[str]:
    if not api_key:
        return ""
    if not isinstance(api_key, str):
        return f" It must be a str, not {type(api_key).__name__}."
    if not fits_header(api_key):
        return " It may have Latin letters only, on one line."
    return None


def checked_timeout(timeout: Any) -> Tuple[Optional[float], Optional[float]]:
    """Return a time-out as a pair: to connect, and to read.

    Raises:
        ValueError: It is neither seconds nor a pair of them.
    """
    pair = timeout if isinstance(timeout, (tuple, list)) else (timeout, timeout)
    if len(pair) == 2 and all(
        seconds is None
        or (isinstance(seconds, (int, float)) and 0 < seconds < float("inf"))
        for seconds in pair
    ):
        return pair[0], pair[1]
    raise ValueError(
        f"timeout must be seconds, more than 0, or a pair of them (connect, read); "
        f"None waits for ever; got {timeout!r}"
    )
