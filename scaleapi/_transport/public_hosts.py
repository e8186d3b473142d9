"""Connections to public hosts only: none to this machine or to a private network.

Addresses in a response are data that somebody else has written. The check applies to
the address that is connected to, so a name that resolves to another address the next
time cannot pass it.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from typing import Any, List, Optional
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from scaleapi._transport.loopback import is_loopback
from scaleapi._transport.speedups import FastAdapter, FastConnection
from scaleapi.exceptions import ScaleException

#: IPv6 addresses that stand for an IPv4 address in their last four bytes.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: All other IPv6 addresses of the public internet. Not all versions of Python know
#: that no address outside of it is one, such as fec0::1, which is of a local network.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    try:
        # Link-local addresses are followed by the name of an interface.
        ip: Any = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(ip)
    if inner is not None:
        return is_public(str(inner))
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:
        return False
    return bool(ip.is_global and not ip.is_multicast)


def _embedded(ip: Any) -> Optional[Any]:
    """Return the IPv4 address that an IPv6 address stands for."""
    if ip.version == 4:
        return None
    if ip in _NAT64:
        return ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])


def refuse_unless_public(host: str) -> None:
    """Check a host before it is resolved, which a proxy would do by itself.

    Raises:
        ScaleException: `host` is an IP address that is not public, in any notation,
            or a name of this machine.
    """
    with suppress(OSError, UnicodeError):
        # Short forms such as 127.1 and 0x7f000001 are resolved, too.
        host = socket.inet_ntoa(socket.inet_aton(host))
    numeric = ":" in host or host.replace(".", "").isdigit()
    shown = f"[{host}]" if ":" in host else host
    if is_loopback(f"http://{shown}") or (numeric and not is_public(host)):
        raise _refusal(host, host)


def _refusal(host: str, address: str) -> ScaleException:
    found = "" if host == address else f", which resolves to {address}"
    return ScaleException(
        f"the response has an address on {host}{found}: it is not fetched, because it "
        f"is on this machine or in a private network"
    )


class _PublicConnection(FastConnection):
    """Connects to public addresses only."""

    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> Any:
        name = self._dns_host
        error: Optional[Exception] = None
        for address in self._public_addresses(name):
            self._dns_host = address
            try:
                return super()._new_conn()  # type: ignore[misc]
            except (NewConnectionError, ConnectTimeoutError) as failed:
                error = failed
            finally:
                self._dns_host = name
        raise error or NewConnectionError(self, f"{name} has no address")  # type: ignore[arg-type]

    def _public_addresses(self, name: str) -> List[str]:
        try:
            found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as failed:
            raise NewConnectionError(self, f"{name} cannot be resolved") from failed  # type: ignore[arg-type]
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for address in addresses:
            if not is_public(address):
                raise _refusal(name, address)
        return addresses


class PublicAdapter(FastAdapter):
    """Connects to public addresses only, unless a proxy makes the connections."""

    connection_mixin = _PublicConnection

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request, unless its address states a host that is not public.

        The address is the one that is sent: requests has decoded what was escaped in
        its host.

        Raises:
            ScaleException: The host is not public.
        """
        refuse_unless_public(urlsplit(request.url or "").hostname or "")
        return super().send(request, *args, **kwargs)

    def mixin_for(self, manager: Any) -> type:
        # The proxy, which the user has chosen, may be anywhere.
        return self.connection_mixin if manager is self.poolmanager else FastConnection
