"""Receive callbacks: check the callback key, read the body, handle each delivery once.

`Receiver` works with any web framework. `parse_callback` only checks and reads.
"""

from __future__ import annotations

from typing import Any

from scaleapi.callbacks.event import Body, CallbackEvent, raw_body, read_event
from scaleapi.callbacks.receiver import Receiver
from scaleapi.callbacks.seen import DeliveryInProgress, MemorySeen, Seen
from scaleapi.callbacks.verify import (
    CallbackKeys,
    CallbackRejected,
    Headers,
    Keys,
    is_live,
)
from scaleapi.exceptions import ScaleException

__all__ = [
    "CallbackEvent",
    "CallbackRejected",
    "DeliveryInProgress",
    "MemorySeen",
    "Receiver",
    "Seen",
    "parse_callback",
]


def parse_callback(
    body: Body, headers: Headers, keys: Keys, client: Any = None
) -> CallbackEvent:
    """Check the callback key of a request, and return what the request reports.

    A callback can come more than once. `Receiver` handles each delivery once.

    Args:
        body: The body of the request, as it came.
        headers: The headers of the request: a mapping or pairs, of str or bytes, in any
            case; also the ``environ`` of WSGI and both forms of Amazon's API Gateway.
        keys: Your callback keys, ``{"live": key, "test": key}``. Each may be a list of
            keys, for the time in which you replace one. Leave a mode out to refuse its
            callbacks.
        client: The client of the event's task or batch. Default: none, so that methods
            that call the API, such as `Task.refresh`, raise an error.

    Raises:
        CallbackRejected: The key is missing or wrong, or the body is not a callback.
        ScaleTypeError: `body`, `headers` or `keys` has the wrong type.
        ScaleValueError: `keys` has no key, an empty one, or one for both modes.
    """
    try:
        live = is_live(headers, CallbackKeys(keys))
    except ScaleException as error:
        # Tools that report errors show the local variables of each frame.
        del headers, keys
        raise error.with_traceback(None) from None
    del headers, keys
    return read_event(raw_body(body), live, client)
