"""`CallSettings`: how a call is sent, where that differs from the calls of v1."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple


class CallSettings:
    """How a call is sent to v2, and what answers it may have.

    Such a call has the key as a bearer token, has no ``Content-Type`` without a body,
    and may be answered with 201 to 299 and an empty body.

    Attributes:
        base_address: What the path is appended to.
        headers: Headers, besides those of the client.
        timeout: Seconds to connect, and seconds between two bytes; None for those of
            the client.
        returns_location: Whether the answer is a redirect, whose target is returned
            and not fetched.
    """

    __slots__ = ("base_address", "headers", "returns_location", "timeout")

    def __init__(
        self,
        base_address: str,
        headers: Mapping[str, str],
        timeout: Optional[Tuple[Optional[float], Optional[float]]] = None,
        *,
        returns_location: bool = False,
    ) -> None:
        self.base_address = base_address
        self.headers = headers
        self.timeout = timeout
        self.returns_location = returns_location
