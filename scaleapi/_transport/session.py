"""The session of a client: it keeps the key with one server, and keeps no cookies."""

from __future__ import annotations

import functools
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
from scaleapi._transport.loopback import is_loopback
from scaleapi._transport.speedups import FastSession

if TYPE_CHECKING:
    _Base = requests.Session
else:
    _Base = object

#: The class from requests itself, even if a tool has replaced ``requests.Session``.
STANDARD: Type[requests.Session] = next(
    cls
    for cls in requests.sessions.Session.__mro__
    if cls.__module__ == "requests.sessions"
)
_STANDARD_PORTS = {"http": 80, "https": 443}


class _NoCookies(RequestsCookieJar):
    """A cookie jar that stores no cookies and sends none."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the cookies of an answer."""

    def add_cookie_header(self, request: Any) -> None:
        """Add no header."""

    def set_cookie(self, cookie: Any, *args: Any, **kwargs: Any) -> None:
        """Ignore the cookie."""

    def copy(self) -> RequestsCookieJar:
        """Return a jar for a redirect, which stores none either."""
        return type(self)()


class SessionMixin(_Base):
    """Where the session of a client differs from the session that it is based on.

    The session sends the key to one server only, keeps no cookies, and lets options
    of the client win over the environment.

    Attributes:
        base: The class ``requests.Session`` at the time when the session was made.
        adapter_class: Class of the adapters that make the connections.
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
        # The class is made at run time, so pickles refer to the function that makes it.
        return _restored, ({name: getattr(self, name) for name in STANDARD.__attrs__},)

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
        elif is_loopback(str(url)):
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
            return None  # the target is not a valid URL

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Keep the key, which netrc must not replace: the server is the same."""

    def rebuild_proxies(
        self, prepared_request: Any, proxies: Optional[Mapping[str, str]]
    ) -> Dict[str, str]:
        """Keep the proxies of the first request."""
        return dict(proxies or {})


def new_session(
    api_key: str, pool_size: int, read_timeout: Optional[float]
) -> requests.Session:
    """Return the session of a client, based on the present ``requests.Session``.

    Args:
        api_key: Sent as the user name of HTTP Basic authentication.
        pool_size: Number of idle connections that are kept.
        read_timeout: Seconds between two bytes, while sending too; None waits
            forever.
    """
    return _class_of(_current_base())(api_key, pool_size, read_timeout)


def current_session(session: requests.Session) -> requests.Session:
    """Return a session that is based on the present ``requests.Session``.

    Tools such as requests-cache replace that class, before or after a client is made.
    Whatever was set on the session is kept.

    Args:
        session: The session so far. It is returned if the class has not been
            replaced, or if the session was not made by `new_session`.
    """
    if not isinstance(session, SessionMixin) or session.base is requests.Session:
        return session
    return session if session.base is _current_base() else _restored(vars(session))


def _current_base() -> Any:
    current = requests.Session
    if isinstance(current, type) and issubclass(current, STANDARD):
        return current
    return STANDARD  # a stand-in such as a Mock cannot be a base class


def _restored(state: Mapping[str, Any]) -> requests.Session:
    """Return a new session with everything that was set on another one."""
    session = _class_of(_current_base())("", 1, None)
    # Attributes that the base class adds, such as a cache, stay those of the new
    # session.
    own = vars(session).keys() - set(STANDARD.__attrs__)
    vars(session).update({k: v for k, v in state.items() if k not in own})
    return session


@functools.lru_cache(maxsize=2)
def _class_of(base: Any) -> Type[SessionMixin]:
    # FastSession only makes it faster.
    return type("Session", (FastSession, SessionMixin, base), {"base": base})


def forget_connections(session: requests.Session) -> None:
    """Have a session make new connections, without closing the present ones.

    After a fork, the parent process goes on using the present ones. Adapters that
    users have mounted are kept.
    """
    for adapter in session.adapters.values():
        if isinstance(adapter, HTTPAdapter):
            # As after pickling: the same settings, without connections.
            renewed: Any = adapter
            renewed.__setstate__(renewed.__getstate__())


def _same_server(url: str, target: str) -> bool:
    old, new = urlsplit(url), urlsplit(urljoin(url, target))
    if old.hostname != new.hostname or (old.scheme, new.scheme) == ("https", "http"):
        return False
    if "\\" in new.netloc:
        return False  # urllib3 would connect to another host
    ports = [part.port or _STANDARD_PORTS.get(part.scheme) for part in (old, new)]
    return ports[0] == ports[1] or ports == [80, 443]
