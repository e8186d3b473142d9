"""Authentication: the key of a request, and which keys are accepted."""

from __future__ import annotations

import base64
import binascii
from typing import Tuple

from starlette.requests import Request

from scaleapi.sandbox.web.errors import WORDS, ApiError

#: The keys of `Sandbox` and of the documentation, which are no secrets.
TEST_KEY = "test_sandbox"
LIVE_KEY = "live_sandbox"
PUBLISHED_KEYS = frozenset({TEST_KEY, LIVE_KEY})


def credentials(request: Request) -> Tuple[str, bool]:
    """Return the key of a request, and whether it is a live key.

    Raises:
        ApiError: `request` has no valid key; the status is 401.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        decoded = ""
    key = decoded.partition(":")[0]
    if scheme.lower() != "basic":
        raise _unauthorized()
    return key, is_live(key)


def is_live(key: str) -> bool:
    """Return whether a key is a live key and not a test key.

    api-notes: keys

    Raises:
        ApiError: `key` is neither a test key nor a live key; the status is 401.
    """
    if key.startswith("test_") or key.endswith("|test"):
        return False
    if key.startswith("live_"):
        return True
    raise _unauthorized()


def _unauthorized() -> ApiError:
    return ApiError(
        401,
        # The API's own words first, in case a script looks at how they begin.
        f"{WORDS[401]} A sandbox takes every key that begins with test_ or live_, "
        "as the user name of HTTP Basic; the password is empty.",
        {"WWW-Authenticate": 'Basic realm="sandbox"'},
    )
