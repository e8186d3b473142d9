"""Refuses requests to foreign hosts, and requests that pages of other sites send."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import List, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from scaleapi.sandbox.argument_checks import HOST_NAME
from scaleapi.sandbox.services.hosting import Origin
from scaleapi.sandbox.web.bodies import read_to_end
from scaleapi.sandbox.web.errors import ApiError
from scaleapi.sandbox.web.responses import error_response

_PLAIN_HOST = re.compile(r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?", re.ASCII)
_ALL_ADDRESSES = ("0.0.0.0", "::", "")


class HostMiddleware:
    """Lets only requests through that are meant for this sandbox.

    The path of the scope becomes the path as it was sent, still quoted. In the path
    that servers decode, a batch named ``a/b`` would look like two segments. The
    segments are decoded one by one later.

    Args:
        app: The application behind this middleware.
        names: The address that is listened on, and the further names that are
            allowed.
        origin: Receives the name under which each request calls the sandbox.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str], origin: Origin) -> None:
        self._app = app
        self._names = {name.lower().strip("[]").rstrip(".") for name in names}
        self._listens_everywhere = names[0].strip("[]") in _ALL_ADDRESSES
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, authority = _target(scope)
        scope = {**scope, "raw_path": path.encode("latin-1"), "path": path}
        hosts = [v.decode("latin-1") for n, v in scope["headers"] if n == b"host"]
        if authority is not None:
            hosts.append(authority)
        problem = self._foreign_host(hosts) or _foreign_page(scope, hosts)
        if problem is not None:
            await read_to_end(receive)
            await error_response(ApiError(403, problem))(scope, receive, send)
            return
        if hosts and _PLAIN_HOST.fullmatch(hosts[-1]):
            self._origin.is_at(hosts[-1])
        await self._app(scope, receive, send)

    def _foreign_host(self, hosts: List[str]) -> Optional[str]:
        """Return what is wrong with the hosts that a request names, if anything."""
        foreign = next((host for host in hosts if not self._is_own(host)), None)
        if foreign is None:
            return None
        name = _name_of(foreign)
        name = name if name and HOST_NAME.fullmatch(name) else "NAME"
        return (
            f"This sandbox is not {foreign[:100]}; call it by its address, or start it "
            f"with --allow-host {name} or Sandbox(allow_hosts=[{name!r}])"
        )

    def _is_own(self, authority: str) -> bool:
        """Return whether a host is this sandbox.

        A page of another site could otherwise reach the sandbox under a name of
        its own that resolves to this machine.
        """
        host = _name_of(authority)
        if host is None:
            return False
        if host == "localhost" or host.endswith(".localhost") or host in self._names:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return self._listens_everywhere and host == socket.gethostname().lower()
        # A literal address cannot be made to lead anywhere else.
        return address.is_loopback or self._listens_everywhere


def _name_of(authority: str) -> Optional[str]:
    """Return the host of a host and port; None if they cannot be read."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return None


def _target(scope: Scope) -> Tuple[str, Optional[str]]:
    """Return the path of a request, quoted, and the host that its target names.

    Only proxies send a target that is a whole URL; the host is None otherwise.
    """
    target = scope["raw_path"].decode("latin-1")
    match = re.match(r"(?i)https?://([^/?#]*)", target)
    if match is None:
        return target, None
    return target[match.end() :] or "/", match.group(1)


def _foreign_page(scope: Scope, hosts: List[str]) -> Optional[str]:
    """Return why a request must not come from another site's page, if it does.

    A browser sends a form of any page to the API, and with ``http://test_...@`` in
    its address the key too; it also sends forms to the page, which changes tasks.
    """
    path = scope["path"]
    is_form = scope["method"] == "POST" and path.startswith("/page/")
    if not is_form and not path.startswith(("/v1/", "/v2/", "/control/")):
        return None
    # The page's own forms are never opened by the person's address bar.
    own = (b"same-origin",) if is_form else (b"same-origin", b"none")
    for name, value in scope["headers"]:
        if name == b"sec-fetch-site" and value not in own:
            return "Pages of other sites must not call the sandbox"
        if name == b"origin":
            origin = value.decode("latin-1")
            if origin.partition("://")[2].lower() not in map(str.lower, hosts):
                return f"Pages of {origin[:100]} must not call the sandbox"
    return None
