"""Where the key of the command comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, Tuple

from scaleapi.cli.failures import KEY, CommandFailure
from scaleapi.cli.settings import Settings

if TYPE_CHECKING:
    from scaleapi.client import ScaleClient


def connect(settings: Settings) -> Tuple["ScaleClient", str]:
    """Return a client, and where its key comes from, in words.

    Raises:
        CommandFailure: There is no key, or it cannot be used.
        ScaleException: The address cannot be used.
    """
    from scaleapi.client import ScaleClient

    if not os.environ.get("SCALE_API_KEY"):
        raise CommandFailure("there is no key: set SCALE_API_KEY", KEY, "NoKey")
    options: Dict[str, Any] = {"source": "cli", "api_instance_url": settings.url}
    return ScaleClient(**options), "SCALE_API_KEY"
