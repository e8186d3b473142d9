"""Downloads from hosts that must not see the API key: those of attachments."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import requests
from urllib3.exceptions import HTTPError

from scaleapi._transport.redact import masked_address
from scaleapi._transport.session import SessionMixin
from scaleapi.exceptions import ExceptionMap, ScaleConnectionError, ScaleException

_MAX_REDIRECTS = 5
_MAX_BYTES = 500_000_000
_CHUNK_BYTES = 2**20


class AnonymousSession(SessionMixin, requests.Session):
    """A session without key, cookies and netrc."""

    def __init__(self, read_timeout: Optional[float]) -> None:
        super().__init__("", 1, read_timeout)
        # Any value keeps requests from looking for a password in netrc.
        self.auth = _unchanged
        self.max_redirects = _MAX_REDIRECTS

    def get_redirect_target(self, resp: requests.Response) -> Any:
        """Follow a redirect to any server: there is no key to protect."""
        return requests.Session.get_redirect_target(self, resp)


def fetch(
    address: str,
    timeout: Tuple[Optional[float], Optional[float]],
    verify: Any = None,
    proxies: Any = None,
) -> bytes:
    """Return the content at an address, which is not sent the key.

    Args:
        address: An http or https address.
        timeout: Seconds to connect, and seconds between two bytes; None waits forever.
        verify: As in `Api`.
        proxies: As in `Api`.

    Raises:
        ScaleException: The server refuses, or the content is too large. The texts of
            the errors have no query, where the signature of an address is.
        ScaleConnectionError: There was no answer, or it broke off.
    """
    options = {"verify": verify, "proxies": proxies}
    shown = _without_secrets(address)
    try:
        with AnonymousSession(timeout[1]) as session, session.get(
            address,
            # Compressed content could grow beyond the limit.
            headers={"Accept-Encoding": "identity"},
            timeout=timeout,
            stream=True,
            **{name: value for name, value in options.items() if value is not None},
        ) as response:
            if response.ok:
                return _read(response, shown)
            status = response.status_code
    except (OSError, HTTPError, ValueError) as error:
        # Not chained, because the texts of these errors have the whole address.
        reason = type(error).__name__
    else:
        kind = ExceptionMap.get(status, ScaleException)
        raise kind(f"{shown} cannot be downloaded", status)
    raise ScaleConnectionError(f"{shown} cannot be downloaded: {reason}")


def _read(response: requests.Response, shown: str) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        content += chunk
        if len(content) > _MAX_BYTES:
            raise ScaleException(f"{shown} has more than {_MAX_BYTES:,} bytes")
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) != len(content):
        raise ScaleConnectionError(
            f"{shown} broke off after {len(content):,} of {announced} bytes"
        )
    return bytes(content)


def _without_secrets(address: str) -> str:
    """Return an address without its query, and without a password."""
    return masked_address(address.partition("?")[0].partition("#")[0])


def _unchanged(request: Any) -> Any:
    return request
