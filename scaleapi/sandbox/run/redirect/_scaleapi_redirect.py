"""Sends what goes to https://api.scale.com to the sandbox, in this Python process.

``python -m scaleapi.sandbox run`` puts a copy of this file into a folder of its own,
beside ``sitecustomize.py``, which imports it, and a file with the address of the
sandbox. The folder is on ``PYTHONPATH``, hence the name, which no program has.

It imports nothing of the package, since the command may have another environment, and
as little as possible else, since every process of the command waits for it. A library
is changed when the program imports it.
"""

from __future__ import annotations

import os
import sys

MYPY = False
if MYPY:
    from typing import Any, Callable, Dict, Set, Tuple

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_API = "api.scale.com"
_REFUSAL = (
    f"python -m scaleapi.sandbox run: this library's connections to {_API} cannot be "
    "sent to the sandbox, so they are refused. It can do that with requests, urllib3, "
    "httpx and http.client; give other libraries the address in SCALE_API_URL."
)
_sandbox: Tuple[str, int] = ("", 0)
_noted: Set[str] = set()


def _note(kind: str, what: object) -> None:
    """Tell ``run`` something, once a process."""
    text = f"{kind} {what}\n"
    if text in _noted:
        return
    # Appended in one write, so that the lines of several processes do not mix.
    with open(os.path.join(_FOLDER, "notes"), "ab", buffering=0) as file:
        file.write(text.encode("utf-8", "replace"))
    _noted.add(text)


def _is_api(host: object) -> bool:
    """Return whether a host is that of the API."""
    if isinstance(host, bytes):
        host = host.decode("latin-1")
    return isinstance(host, str) and host.lower().rstrip(".") == _API


def _goes_to_api(host: str, port: object) -> bool:
    """Return whether a host is that of the API; note any other."""
    if _is_api(host):
        return True
    if (host, port) != _sandbox:
        try:  # noqa: SIM105  (contextlib would be imported by every process)
            _note("host", host.lower().rstrip("."))
        except OSError:
            pass  # the run has ended, and a note is not worth an error
    return False


def _connection(timeout: object) -> Any:
    """Return a connection to the sandbox.

    Args:
        timeout: Seconds; None waits forever, and anything else is the default.
    """
    import socket

    connection = socket.create_connection(_sandbox, 30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if timeout is None or isinstance(timeout, (int, float)):
        connection.settimeout(timeout)
    else:
        connection.settimeout(socket.getdefaulttimeout())
    return connection


def _redirect_connect(cls: Any) -> None:
    """Change the connections of http.client, or those of urllib3."""
    connect = cls.connect

    def redirected(self: Any) -> None:
        # A proxy is asked for a tunnel to the API, which the sandbox does not need.
        if not _goes_to_api(self._tunnel_host or self.host, self.port):
            connect(self)
            return
        self.sock = _connection(self.timeout)
        # urllib3 warns of connections that are not verified. This one cannot leave
        # the machine.
        self.is_verified = True

    cls.connect = redirected


def _refuse_proxied(cls: Any) -> None:
    """Change the connections of http.client, on which all libraries here build.

    Without TLS, a proxy is sent the whole request.
    """
    putrequest = cls.putrequest

    def refusing(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        scheme, _, rest = url.partition("://")
        host = rest.replace("?", "/").partition("/")[0].rpartition("@")[2]
        if scheme.lower() == "http" and _is_api(host.partition(":")[0]):
            _note("refused", _API)
            raise OSError(_REFUSAL)
        return putrequest(self, method, url, *args, **options)

    cls.putrequest = refusing


def _redirect_http_client(module: Any) -> None:
    """Change ``http.client``."""
    _redirect_connections(module)
    _refuse_proxied(module.HTTPConnection)


def _redirect_connections(module: Any) -> None:
    """Change ``http.client`` or ``urllib3.connection``."""
    _redirect_connect(module.HTTPConnection)
    if hasattr(module, "HTTPSConnection"):  # Python may be built without ssl
        _redirect_connect(module.HTTPSConnection)


def _redirect_pool(pool: Any, connection: Any, backend: Any) -> None:
    """Change the connections that a pool of httpcore makes."""
    create = pool.create_connection

    def redirected(self: Any, origin: Any) -> Any:
        if not _goes_to_api(origin.host.decode("latin-1"), origin.port):
            return create(self, origin)
        return connection(
            origin=origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=self._keepalive_expiry,
            network_backend=backend(self._network_backend),
        )

    pool.create_connection = redirected


def _redirect_httpcore(module: Any) -> None:
    """Change ``httpcore``, over which httpx sends."""
    if not hasattr(module, "NetworkBackend"):
        return  # older than 0.17; its connections to the API are refused

    class Backend(module.NetworkBackend):  # type: ignore[misc]
        def __init__(self, usual: Any) -> None:
            self._usual = usual

        def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> Any:
            stream = self._usual.connect_tcp(*_sandbox, *args, **options)
            stream.start_tls = lambda *args, **options: stream
            return stream

        def sleep(self, seconds: float) -> None:
            self._usual.sleep(seconds)

    class AsyncBackend(module.AsyncNetworkBackend):  # type: ignore[misc]
        def __init__(self, usual: Any) -> None:
            self._usual = usual

        async def connect_tcp(
            self, host: str, port: int, *args: Any, **options: Any
        ) -> Any:
            stream = await self._usual.connect_tcp(*_sandbox, *args, **options)

            async def start_tls(*args: Any, **options: Any) -> Any:
                return stream

            stream.start_tls = start_tls
            return stream

        async def sleep(self, seconds: float) -> None:
            await self._usual.sleep(seconds)

    for prefix, connection, backend in (
        ("", module.HTTPConnection, Backend),
        ("Async", module.AsyncHTTPConnection, AsyncBackend),
    ):
        for name in ("ConnectionPool", "HTTPProxy", "SOCKSProxy"):
            pool = getattr(module, prefix + name, None)
            # Without socksio there is no proxy of this kind that could connect.
            if hasattr(pool, "create_connection"):
                _redirect_pool(pool, connection, backend)


def _refuse_tls(module: Any) -> None:
    """Change ``ssl``, so that other libraries cannot reach the API by mistake."""

    def guarded(wrap: Any) -> Any:
        def refusing(self: Any, *args: Any, **options: Any) -> Any:
            if any(map(_is_api, (*args, options.get("server_hostname")))):
                _note("refused", _API)
                raise OSError(_REFUSAL)
            return wrap(self, *args, **options)

        return refusing

    for name in ("wrap_socket", "wrap_bio"):
        setattr(module.SSLContext, name, guarded(getattr(module.SSLContext, name)))


def _refuse_lookup(module: Any) -> None:
    """Change ``socket``, so that other libraries do not even find the API."""
    usual = module.getaddrinfo

    def getaddrinfo(host: object, *args: Any, **options: Any) -> Any:
        if _is_api(host):
            _note("refused", _API)
            raise module.gaierror(module.EAI_FAIL, _REFUSAL)
        return usual(host, *args, **options)

    module.getaddrinfo = getaddrinfo


#: Module -> what is done to it once it is loaded.
_CHANGES: Dict[str, Callable[[Any], None]] = {
    "http.client": _redirect_http_client,
    "urllib3.connection": _redirect_connections,
    "httpcore": _redirect_httpcore,
    # A proxy may look the host up by itself, and ssl may be given a connected socket.
    "socket": _refuse_lookup,
    "ssl": _refuse_tls,
}


class _Loader:
    """Loads a module as its own loader does, then changes it."""

    def __init__(self, loader: Any, change: Callable[[Any], None]) -> None:
        self._usual = loader
        self._change = change

    def create_module(self, spec: Any) -> Any:
        return self._usual.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._usual
        self._usual.exec_module(module)
        self._change(module)


class _Finder:
    """Finds the modules that are changed, through the finders after this one."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        change = _CHANGES.get(name)
        if change is None:
            return None
        # Only those after it, or two finders of this kind would ask each other.
        place = sys.meta_path.index(self) if self in sys.meta_path else -1
        for finder in sys.meta_path[place + 1 :]:
            if not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, change)  # type: ignore[assignment]
                return spec
        return None


def install() -> None:
    """Redirect this process.

    Raises:
        OSError: The files of the folder cannot be read or written.
    """
    global _sandbox
    with open(os.path.join(_FOLDER, "address"), encoding="ascii") as file:
        host, _, port = file.read().rpartition(":")
    _sandbox = (host.strip("[]"), int(port))
    for name, change in _CHANGES.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _Finder())
    _note("process", os.getpid())


def run_hidden() -> None:
    """Run the ``sitecustomize`` that ours hides, if there is one."""
    from importlib.machinery import PathFinder

    own = os.path.realpath(_FOLDER)
    path = [entry for entry in sys.path if os.path.realpath(entry) != own]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    sys.modules["sitecustomize"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
