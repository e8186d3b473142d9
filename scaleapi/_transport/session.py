"""The one session of a client: what it sends, and what it keeps to itself."""

from __future__ import annotations

import base64
import contextlib
import functools
import ipaddress
import re
import socket
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Dict,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
)
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from scaleapi._transport.adapter import Adapter

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

#: An address that is sent as it is; requests would only read and write it anew.
_READY_URL = re.compile(
    # Dot segments and quoted letters are written anew by requests.
    r"(?!.*(/\.{1,2}(/|$)|%(2[DE]|[46][1-9A-F]|[57][0-9A]|5F|7E|3[0-9])))"
    r"https?://[a-z0-9.-]+(:\d+)?/([\w\-.~/!$&'()*+,;=:@]|%[0-9A-F]{2})*",
    re.ASCII,
)


class _Key(HTTPBasicAuth):
    """The key as user name, and the header that follows from it."""

    def __init__(self, api_key: str) -> None:
        super().__init__(api_key, "")
        credentials = base64.b64encode(f"{api_key}:".encode("latin-1"))
        self.header = f"Basic {credentials.decode()}"
        self.of_header = api_key  # users may change the name afterwards


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

    It carries the key to one place only, and keeps no cookies. For the requests
    that a client makes by the thousand it does once what requests does each time:
    see ``docs/performance``. All other requests, and all that users set on the
    session, take the way of requests itself.

    Attributes:
        base: What ``requests.Session`` was when the session was made.
    """

    base: ClassVar[Type[requests.Session]]

    def __init__(
        self, api_key: str, pool_size: int, read_timeout: Optional[float]
    ) -> None:
        super().__init__()
        self.auth = _Key(api_key)
        self.cookies = _NoCookies()
        for scheme in ("http://", "https://"):
            self.mount(scheme, Adapter(pool_size, read_timeout))
        self._forget()

    def __reduce__(self) -> Any:
        # The class is made at run time, so pickles name the function that makes it.
        return _restored, ({name: getattr(self, name) for name in _STANDARD.__attrs__},)

    def _forget(self) -> None:
        self._environment: Dict[Any, Any] = {}

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Join what is ready: address, query, headers, body."""
        if not self._is_plain(request):
            prepared = super().prepare_request(request)
            prepared.prepare_cookies(self.cookies)
            return prepared
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        query = _query(request.params)
        prepared.url = f"{request.url}?{query}" if query else request.url
        headers: Any = CaseInsensitiveDict(self.headers)
        prepared.headers = headers
        headers.update(request.headers)
        headers["Authorization"] = self.auth.header  # type: ignore[union-attr]
        if isinstance(request.data, bytes):
            prepared.body = request.data
            headers["Content-Length"] = str(len(request.data))
        elif request.method != "GET":
            headers["Content-Length"] = "0"
        prepared.prepare_cookies(self.cookies)
        if self.hooks.get("response"):
            prepared.hooks = self.hooks
        return prepared

    def _is_plain(self, request: requests.Request) -> bool:
        return (
            isinstance(self.auth, _Key)
            and request.auth is self.auth
            and self.auth.username == self.auth.of_header
            and not request.files
            and (not request.data or type(request.data) is bytes)
            and (request.json is None or type(request.data) is bytes)
            and not request.cookies
            and not self.params
            and not request.hooks["response"]
            and isinstance(request.params, dict)
            and None not in request.headers.values()
            and all(type(value) is str for value in self.headers.values())
            and _READY_URL.fullmatch(request.url) is not None
        )

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Let the environment speak only where the caller did not, and once."""
        origin = str(url).split("/", 3)[:3]
        given = (_frozen(proxies), stream, verify, _frozen(cert))
        own = (_frozen(self.proxies), self.verify, _frozen(self.cert), self.trust_env)
        key = (*origin, *given, *own)
        settings = self._environment.get(key)
        if settings is None:
            settings = super().merge_environment_settings(
                # requests adds those of the environment to the very dict.
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
            self._environment[key] = settings
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
    return type("Session", (SessionMixin, base), {"base": base})


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


def _frozen(value: Any) -> Any:
    """Return a value that a dict takes as a key."""
    if isinstance(value, Mapping):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


def _query(params: Mapping[str, Any]) -> str:
    """Return a query as requests writes it."""
    pairs: List[Tuple[str, Any]] = []
    for name, value in params.items():
        several = not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
        values = value if several else (value,)
        pairs += [(name, each) for each in values if each is not None]
    return urlencode(pairs)


def _same_server(url: str, target: str) -> bool:
    old, new = urlsplit(url), urlsplit(urljoin(url, target))
    if old.hostname != new.hostname or (old.scheme, new.scheme) == ("https", "http"):
        return False
    ports = [part.port or _STANDARD_PORTS.get(part.scheme) for part in (old, new)]
    return ports[0] == ports[1] or ports == [80, 443]
