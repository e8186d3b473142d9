"""Where the key of the command comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, NamedTuple

from scaleapi.cli.failures import KEY, USAGE, CommandFailure
from scaleapi.cli.settings import Settings

if TYPE_CHECKING:
    from scaleapi.client import ScaleClient
    from scaleapi.exceptions import ScaleException


class Connection(NamedTuple):
    """A client, and where its key comes from.

    Attributes:
        client: The client.
        source: ``profile NAME``, or the name of the environment variable.
    """

    client: "ScaleClient"
    source: str


def connect(settings: Settings) -> Connection:
    """Return a client with the key that the options and the environment name.

    Raises:
        CommandFailure: No key is found, or the key or the address cannot be used.
    """
    from scaleapi.client import ScaleClient
    from scaleapi.exceptions import (
        ScaleException,
        ScaleProfileError,
        ScaleTypeError,
        ScaleValueError,
    )
    from scaleapi.profiles import profile_name

    options: Dict[str, Any] = {"source": "cli", "api_instance_url": settings.url}
    if settings.test_only:
        options["require"] = "test"
    given = settings.profile or os.environ.get("SCALE_PROFILE")
    try:
        if not given and os.environ.get("SCALE_API_KEY"):
            return Connection(ScaleClient(**options), "SCALE_API_KEY")
        source = f"profile {profile_name(given or None)}"
        return Connection(ScaleClient.from_profile(given or None, **options), source)
    except ScaleProfileError as error:
        hint = "" if given else "; or set SCALE_API_KEY, or pass --profile"
        raise CommandFailure(f"{error.message}{hint}", KEY, "NoKey") from error
    except (ScaleTypeError, ScaleValueError) as error:
        raise unusable(error, settings) from error
    except ScaleException as error:
        raise CommandFailure(str(error.message), KEY, "NoKey") from error


def unusable(error: "ScaleException", settings: Settings) -> CommandFailure:
    """Return the failure for a key or an address with which no client can be made."""
    needs_test_key = settings.test_only or os.environ.get("SCALE_REQUIRE")
    text = str(error.message)
    if settings.test_only:
        text = text.replace('require="test"', "--test-only")
    return CommandFailure(text, KEY if needs_test_key else USAGE, "NotUsable")
