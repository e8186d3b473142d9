"""Tells addresses of this machine from addresses of others."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine, which a proxy cannot reach."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with contextlib.suppress(OSError):
        # Short forms such as 127.1 are resolved to an address with four parts.
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        address: Any = ipaddress.ip_address(host)
    except ValueError:
        return False  # the host is some other name
    address = getattr(address, "ipv4_mapped", None) or address
    return bool(address.is_loopback or address.is_unspecified)
