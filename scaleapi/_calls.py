"""The floor that every room of calls stands on."""

from __future__ import annotations

from scaleapi.api import Api


class Calls:
    """The transport, and nothing else."""

    api: Api
