"""The tokens by which a page of a list names the next one."""

from __future__ import annotations

import base64
from typing import Optional

from scaleapi.sandbox.store.repository import Cursor
from scaleapi.sandbox.web.errors import invalid


def token_of(cursor: Cursor) -> str:
    """Return the token for what follows a cursor."""
    return base64.urlsafe_b64encode("{}.{}".format(*cursor).encode()).decode()


def cursor_of(token: Optional[str]) -> Optional[Cursor]:
    """Return the cursor that a token stands for; None without a token.

    Raises:
        ApiError: `token` is not one of ours; the status is 400.
    """
    if token is None:
        return None
    try:
        created_at, seq = base64.urlsafe_b64decode(token.encode()).split(b".")
        cursor = int(created_at), int(seq)
    except ValueError:
        raise invalid('"next_token" is not one that a page has given') from None
    if max(cursor) >= 1 << 62 or min(cursor) < 0:
        raise invalid('"next_token" is not one that a page has given')
    return cursor
