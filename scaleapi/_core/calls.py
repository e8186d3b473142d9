"""The floor that every room of calls stands on."""

from __future__ import annotations

from typing import Any, Dict, Optional

from scaleapi.api import Api


class Calls:
    """The transport, and nothing else."""

    api: Api


def creation_body(api: Api, params: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """Return the body of a request that creates a task of any kind.

    Without parameters nothing is sent, which the server reads as ``{}``. With
    ``auto_unique_id`` a task that has no ``unique_id`` is given one.
    """
    if api.auto_unique_id and params.get("unique_id") in (None, ""):
        params = {**params, "unique_id": fresh_unique_id()}
    return params or None


def fresh_unique_id() -> str:
    """Return a unique_id that no task has."""
    import uuid  # here, since importing the package need not wait for it

    return uuid.uuid4().hex
