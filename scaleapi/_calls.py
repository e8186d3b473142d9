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
        import uuid  # here, since importing the package need not wait for it

        params = {**params, "unique_id": uuid.uuid4().hex}
    return params or None
