"""`Address`: where a file is, without showing its signature. Without I/O."""

from __future__ import annotations

import functools
import re
from datetime import datetime, timezone
from typing import Any, Dict, Optional, Tuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from scaleapi._transport.redact import masked_address

_PORTS = {"http": 80, "https": 443}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\x00-\x1f\x7f]+", re.I)
#: Keys of a query, in small letters: those that hold the time at which an address
#: expires, in seconds since 1970.
_EXPIRY_KEYS = ("expires", "x-oss-expires")
#: The same for a time of signing and the seconds from then on.
_SIGNING_KEYS = (("x-amz-date", "x-amz-expires"), ("x-goog-date", "x-goog-expires"))


class Address:
    """The address of a file. Its text has no query, which may hold a signature.

    Args:
        url: The whole address.

    Attributes:
        scheme: The scheme in small letters.
        server: Host and port; None if the address is malformed.
    """

    __slots__ = ("scheme", "server", "url")

    def __init__(self, url: str) -> None:
        self.url = url
        self.scheme = url.partition(":")[0].lower()
        # Host and port end before the third slash.
        self.server = _server("/".join(url.split("/", 3)[:3]))

    def __str__(self) -> str:
        return masked_address(re.split("[?#]", self.url, maxsplit=1)[0])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.url == other.url

    def __hash__(self) -> int:
        return hash(self.url)

    @property
    def can_be_fetched(self) -> bool:
        """Whether it is an http or https address with a host."""
        return self.scheme in _PORTS and self.server is not None

    def redirected(self, location: str) -> Address:
        """Return the address to which an answer redirects.

        Raises:
            ValueError: `location` is malformed.
        """
        return Address(urljoin(self.url, location))

    def has_expired(self, now: float) -> bool:
        """Return whether the address says of itself that it has expired.

        api-notes: signed-addresses

        Args:
            now: Seconds since 1970.
        """
        if "xpires" not in self.url:
            return False
        try:
            expiry = _expiry(urlsplit(self.url).query)
        except (ValueError, OverflowError):
            return False
        return expiry is not None and expiry <= now


@functools.lru_cache(maxsize=64)
def _server(url: str) -> Optional[Tuple[str, int]]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if "\\" in parts.netloc:
        return None  # urllib3 would connect to another host
    number = port or _PORTS.get(parts.scheme.lower(), 0)
    return (host.rstrip("."), number) if host else None


def _expiry(query: str) -> Optional[float]:
    values: Dict[str, str] = {k.lower(): v for k, v in parse_qsl(query)}
    for key in _EXPIRY_KEYS:
        if values.get(key, "").isdecimal():
            return float(values[key])
    for signed, lifetime in _SIGNING_KEYS:
        if signed in values and lifetime in values:
            moment = datetime.strptime(values[signed], "%Y%m%dT%H%M%SZ")
            begin = moment.replace(tzinfo=timezone.utc).timestamp()
            return begin + float(values[lifetime])
    return None


def address_in(value: Any) -> Optional[Address]:
    """Return the address that a value is as a whole; None if it is something else."""
    if isinstance(value, str) and len(value) > 6 and _ADDRESS.fullmatch(value):
        return Address(value)
    return None
