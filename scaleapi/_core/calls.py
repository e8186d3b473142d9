"""The base class of the call mixins, and what the creating calls share."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, TypeVar

from scaleapi.api import Api
from scaleapi.exceptions import ScaleDuplicateResource

T = TypeVar("T")


class Calls:
    """Base class of the call mixins that `ScaleClient` inherits.

    Attributes:
        api: Sends the requests.
    """

    api: Api


def get_or_create(
    create: Callable[[], T], existing: Callable[[ScaleDuplicateResource], T]
) -> T:
    """Create something; if the API says that it exists, return what exists.

    Args:
        create: Sends the request that creates it.
        existing: Takes the API's error; fetches what exists, or raises if that is not
            what the caller asked for.
    """
    # Fetching first would leave a gap in which someone else creates it.
    try:
        return create()
    except ScaleDuplicateResource as duplicate:
        return existing(duplicate)


def creation_body(api: Api, params: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """Return the body of a request that creates a task of any type.

    A task without a ``unique_id`` is given one if the client was made with
    ``auto_unique_id``.

    Args:
        api: The transport of the client.
        params: The parameters of the task.

    Returns:
        The body; None without parameters, since the API reads no body as ``{}``.
    """
    if api.auto_unique_id and params.get("unique_id") in (None, ""):
        params = {**params, "unique_id": fresh_unique_id()}
    # api-notes: empty-body
    return params or None


def fresh_unique_id() -> str:
    """Return a unique_id that no other task has."""
    import uuid  # not at the top, so that the package is imported faster

    return uuid.uuid4().hex
