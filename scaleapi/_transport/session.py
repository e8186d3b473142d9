"""The one session of a client: what it sends, and what it keeps to itself."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    Mapping,
    Optional,
    Type,
)
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.cookies import RequestsCookieJar

from scaleapi._transport.adapter import Adapter
from scaleapi._transport.fast import FastSession

if TYPE_CHECKING:
    _Base = requests.Session
else:
    _Base = object

#: The class of requests itself, also while a tool has put its own in its place.
_STANDARD: Type[requests.Session] = next(
    cls
    for cls in requests.sessions.Session.__mro__
    if cls.__module__ == "requests.sessions"
)
_STANDARD_PORTS = {"http": 80, "https": 443}


class _NoCookies(RequestsCookieJar):
    """A jar that takes no cookies, and so has none to give."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave the cookies of an answer where they are."""

    def add_cookie_header(self, request: Any) -> None:
        """Add nothing."""

    def set_cookie(self, cookie: Any, *args: Any, **kwargs: Any) -> None:
        """Keep nothing."""


class SessionMixin(_Base):
    """What a client's session does otherwise than the session that it is based on.

    It sends the key to one server only, keeps no cookies, and lets options of the
    client win over the environment.

    Attributes:
        base: What ``requests.Session`` was when the session was made.
        adapter_class: Makes the connections.
    """

    base: ClassVar[Type[requests.Session]]
    adapter_class: ClassVar[Type[Adapter]] = Adapter

    def __init__(
        self, api_key: str, pool_size: int, read_timeout: Optional[float]
    ) -> None:
        super().__init__()
        self.auth = HTTPBasicAuth(api_key, "")
        self.cookies = _NoCookies()
        for scheme in ("http://", "https://"):
            self.mount(scheme, self.adapter_class(pool_size, read_timeout))

    def __reduce__(self) -> Any:
        # The class is made at run time, so pickles name the function that makes it.
        return _restored, ({name: getattr(self, name) for name in _STANDARD.__attrs__},)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare a request whose redirects keep no cookies either."""
        prepared = super().prepare_request(request)
        prepared.prepare_cookies(self.cookies)
        return prepared

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Let options of the caller win over variables of the environment."""
        settings = super().merge_environment_settings(
            # requests adds the proxies of the environment to the dict that it gets.
            url,
            dict(proxies or {}),
            stream,
            verify,
            cert,
        )
        if verify is not None:
            settings["verify"] = verify
        if {*(proxies or {})} - {"no_proxy"}:
            settings["proxies"] = dict(proxies)
        elif _is_loopback(str(url)):
            settings["proxies"] = {k: v for k, v in self.proxies.items() if v}
        return settings

    def get_redirect_target(self, resp: requests.Response) -> Optional[str]:
        """Follow a redirect only with a GET, and only to the same server."""
        try:
            target = super().get_redirect_target(resp)
            if target is None or resp.request.method != "GET":
                return None
            return target if _same_server(str(resp.request.url), target) else None
        except ValueError:
            return None  # an address that is none

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Leave the key as it is: the server is the same (netrc may differ)."""

    def rebuild_proxies(
        self, prepared_request: Any, proxies: Optional[Mapping[str, str]]
    ) -> Dict[str, str]:
        """Stay with the proxies of the first request."""
        return dict(proxies or {})


def new_session(
    api_key: str, pool_size: int, read_timeout: Optional[float]
) -> requests.Session:
    """Return the session of a client, based on what ``requests.Session`` is now.

    Args:
        api_key: Sent as the user name of HTTP Basic authentication.
        pool_size: How many idle connections are kept.
        read_timeout: Seconds between two bytes, while sending too; None waits for
            ever.
    """
    return _class_of(_current_base())(api_key, pool_size, read_timeout)


def current_session(session: requests.Session) -> requests.Session:
    """Return a session that is based on what ``requests.Session`` is now.

    Tools such as requests-cache put a class of their own in its place, before or
    after a client was made. What was set on the session stays.

    Args:
        session: The session so far, which is returned if nothing has changed, or
            if it is none that `new_session` has made.
    """
    if not isinstance(session, SessionMixin) or session.base is requests.Session:
        return session
    return session if session.base is _current_base() else _restored(vars(session))


def _current_base() -> Any:
    current = requests.Session
    if isinstance(current, type) and issubclass(current, _STANDARD):
        return current
    return _STANDARD  # a stand-in such as a Mock cannot be derived from


def _restored(state: Mapping[str, Any]) -> requests.Session:
    """Return a session with all that was set on another one."""
    session = _class_of(_current_base())("", 1, None)
    # What the base sets up for itself, such as a cache, is that of the new one.
    own = vars(session).keys() - set(_STANDARD.__attrs__)
    vars(session).update({k: v for k, v in state.items() if k not in own})
    return session


@functools.lru_cache(maxsize=2)
def _class_of(base: Any) -> Type[SessionMixin]:
    # FastSession only makes it faster.
    return type("Session", (FastSession, SessionMixin, base), {"base": base})


def forget_connections(session: requests.Session) -> None:
    """Have a session make new connections, and leave the present ones as they are.

    For a process after a fork: its parent goes on using them. What users have
    mounted is kept.
    """
    for adapter in session.adapters.values():
        if isinstance(adapter, HTTPAdapter):
            # What pickling does: the same settings, nothing connected.
            state = adapter.__getstate__()
            adapter.__setstate__(state)  # type: ignore[attr-defined]


def _is_loopback(url: str) -> bool:
    """Return whether an address leads to this machine, which no proxy can reach."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with contextlib.suppress(OSError):
        # Also forms such as 127.1, which are resolved like those with four parts.
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        address: Any = ipaddress.ip_address(host)
    except ValueError:
        return False  # another name
    address = getattr(address, "ipv4_mapped", None) or address
    return bool(address.is_loopback or address.is_unspecified)


def _same_server(url: str, target: str) -> bool:
    old, new = urlsplit(url), urlsplit(urljoin(url, target))
    if old.hostname != new.hostname or (old.scheme, new.scheme) == ("https", "http"):
        return False
    ports = [part.port or _STANDARD_PORTS.get(part.scheme) for part in (old, new)]
    return ports[0] == ports[1] or ports == [80, 443]
