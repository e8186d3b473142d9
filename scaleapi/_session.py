"""The one session of a client: what it keeps to itself, and how it connects."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import Any, Dict, Mapping, Optional
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_STANDARD_PORTS = {"http": 80, "https": 443}


class Session(requests.Session):
    """A session that carries the key to one place only, and keeps no cookies.

    Args:
        api_key: Sent as the user name of HTTP Basic authentication.
        pool_size: How many idle connections are kept.
        read_timeout: Seconds from one sign of life to the next, while sending
            too; None waits for ever.
    """

    def __init__(
        self, api_key: str, pool_size: int, read_timeout: Optional[float]
    ) -> None:
        super().__init__()
        self.auth = HTTPBasicAuth(api_key, "")
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_size, read_timeout))

    def prepare_request(self, request: requests.Request) -> Any:
        """Say of a body that cannot be JSON in one way that it cannot."""
        try:
            return super().prepare_request(request)
        except TypeError as error:
            raise requests.exceptions.InvalidJSONError(error) from error

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Let the environment speak only where the caller did not."""
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
        if proxies:
            settings["proxies"] = dict(proxies)
        return settings

    def get_redirect_target(self, resp: requests.Response) -> Optional[str]:
        """Follow a redirect only with a GET, and only to the same server."""
        target = super().get_redirect_target(resp)
        if target is None or resp.request.method != "GET":
            return None
        return target if _same_server(str(resp.request.url), target) else None

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Leave the key as it is: the server is the same (netrc may differ)."""

    def rebuild_proxies(
        self, prepared_request: Any, proxies: Optional[Mapping[str, str]]
    ) -> Dict[str, str]:
        """Stay with the proxies of the first request."""
        return dict(proxies or {})

    def forget_connections(self) -> None:
        """Start with new connections, leaving the present ones as they are.

        For a process after a fork: its parent goes on using them. What users
        have mounted is kept.
        """
        for adapter in self.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                # What pickling does: the same settings, nothing connected.
                state = adapter.__getstate__()
                adapter.__setstate__(state)  # type: ignore[attr-defined]


def _same_server(url: str, target: str) -> bool:
    old, new = urlsplit(url), urlsplit(urljoin(url, target))
    if old.hostname != new.hostname or (old.scheme, new.scheme) == ("https", "http"):
        return False
    ports = [part.port or _STANDARD_PORTS.get(part.scheme) for part in (old, new)]
    return ports[0] == ports[1] or ports == [80, 443]


class _Adapter(HTTPAdapter):
    """Makes connections that send under the read time-out."""

    __attrs__ = [*HTTPAdapter.__attrs__, "_read_timeout"]

    def __init__(self, pool_size: int, read_timeout: Optional[float]) -> None:
        self._read_timeout = read_timeout
        super().__init__(max_retries=0, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._read_timeout)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _pool_classes(self._read_timeout)
        return manager


def _pool_classes(read_timeout: Optional[float]) -> Dict[str, Any]:
    """Return scheme -> pool, for pools whose connections send patiently.

    urllib3 sends a body under the time-out for connecting, so that an upload
    which stalls for longer than that would die.
    """

    def patient(kind: Any) -> Any:
        class Connection(kind):  # type: ignore[misc]
            def send(self, data: Any) -> None:
                if self.sock is None:
                    self.connect()
                self.sock.settimeout(read_timeout)
                super().send(data)

        return Connection

    class Pool(HTTPConnectionPool):
        ConnectionCls = patient(HTTPConnectionPool.ConnectionCls)

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = patient(HTTPSConnectionPool.ConnectionCls)

    return {"http": Pool, "https": SecurePool}
