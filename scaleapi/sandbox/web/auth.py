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

#: Scheme -> how it sends a key.
_WAYS = {
    "basic": "as the user name of HTTP Basic; the password is empty",
    "bearer": "in /v2 as it is, in the header Authorization: Bearer",
}


def credentials(request: Request, scheme: str = "basic") -> Tuple[str, bool]:
    """Return the key of a request, and whether it is a live key.

    Args:
        request: Has the key in its header ``Authorization``.
        scheme: The only scheme that is taken: ``basic`` or ``bearer``.
            api-notes: v2-keys (guess)

    Raises:
        ApiError: `request` has no valid key; the status is 401.
    """
    given, key = key_in(request.headers.get("authorization", ""))
    if given != scheme:
        raise _unauthorized(scheme)
    return key, is_live(key, scheme)


def key_in(header: str) -> Tuple[str, str]:
    """Return the scheme of a header ``Authorization``, in lower case, and the key."""
    scheme, _, value = header.partition(" ")
    scheme, value = scheme.lower(), value.strip()
    if scheme == "basic":
        try:
            decoded = base64.b64decode(value, validate=True).decode("latin-1")
        except (binascii.Error, ValueError):
            decoded = ""
        value = decoded.partition(":")[0]
    return scheme, value


def is_live(key: str, scheme: str = "basic") -> bool:
    """Return whether a key is a live key and not a test key.

    api-notes: keys

    Args:
        key: The key.
        scheme: How it was sent, for the text of the error.

    Raises:
        ApiError: `key` is neither a test key nor a live key; the status is 401.
    """
    if key.startswith("test_") or key.endswith("|test"):
        return False
    if key.startswith("live_"):
        return True
    raise _unauthorized(scheme)


def _unauthorized(scheme: str) -> ApiError:
    return ApiError(
        401,
        # The API's own words first, in case a script looks at how they begin.
        f"{WORDS[401]} A sandbox takes every key that begins with test_ or live_, "
        f"{_WAYS[scheme]}.",
        {"WWW-Authenticate": f'{scheme.capitalize()} realm="sandbox"'},
    )
