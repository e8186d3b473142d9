"""Refuses to send a key that is not a test key, if only test keys are wanted."""

from __future__ import annotations

import os
from typing import Any, Optional

from scaleapi._key_mode import key_mode
from scaleapi.exceptions import ScaleTypeError, ScaleValueError

_VARIABLE = "SCALE_REQUIRE"


def key_of(auth: Any) -> str:
    """Return the API key in the authentication of a session; empty if it has none.

    Args:
        auth: What requests takes as the argument of this name.
    """
    key = auth[0] if isinstance(auth, tuple) and auth else None
    return str(getattr(auth, "username", None) or key or "")


def checked_requirement(require: Any) -> Optional[str]:
    """Return the option `require`, which defaults to the environment's.

    Raises:
        ScaleTypeError: `require` is neither a str nor None.
        ScaleValueError: `require`, or ``SCALE_REQUIRE``, is something else than
            ``test``.
    """
    if not isinstance(require, (str, type(None))):
        raise ScaleTypeError(f"require must be a str; got {type(require).__name__}")
    if require not in (None, "test"):
        raise ScaleValueError(f'require must be "test" or None; got {require!r}')
    return _of_environment() or require


def _of_environment() -> Optional[str]:
    value = os.environ.get(_VARIABLE)
    if value and value != "test":
        raise ScaleValueError(f"{_VARIABLE} must be test or empty; got {value!r}")
    return value or None


def check_requirement(required: Optional[str], auth: Any) -> None:
    """Check the authentication of a request that is about to be sent.

    The environment is asked each time, so that it also counts for a client that was
    made before the variable was set, or in another process.

    Args:
        required: The result of `checked_requirement`.
        auth: What requests takes as the argument of this name.

    Raises:
        ScaleValueError: A test key is required, and that of `auth` is none; or
            ``SCALE_REQUIRE`` is something else than ``test``.
    """
    if not (required or _of_environment()):
        return
    mode = key_mode(key_of(auth))
    if mode == "test":
        return
    del auth  # a traceback that shows local variables must not show the key
    form = "is a live key" if mode else "does not have the form of a test key"
    because = "SCALE_REQUIRE=test" if _of_environment() else 'require="test"'
    raise ScaleValueError(
        f"the API key {form}, and {because} allows only test keys, which begin with "
        "test_. It was not sent"
    )
