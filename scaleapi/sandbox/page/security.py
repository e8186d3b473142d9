"""Protection of the page against other sites: tokens, headers, safe URLs."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Dict, Iterable, Mapping, Optional
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from scaleapi.sandbox.web.errors import ApiError

_HOST = re.compile(r"[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\]")

_MAX_FORM_BYTES = 100_000

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": browsers then send the forms with the origin "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Checks that a form comes from a page of this process, by a secret token."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)

    def check(self, form: Mapping[str, str]) -> None:
        """Check that a form comes from a page of this process.

        Raises:
            ApiError: `form` does not have the token of this process; the status is 403.
        """
        token = form.get("token", "").encode()
        if not hmac.compare_digest(token, self.token.encode()):
            raise ApiError(
                403, "This form is from before the sandbox was started. Load it again."
            )


async def form_of(request: Request) -> Dict[str, str]:
    """Read the whole body of a form and return its fields.

    Raises:
        ApiError: The body is too large, or is not a form.
        ClientDisconnect: The client disconnected before the end of the body.
    """
    body = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= _MAX_FORM_BYTES:
            body += chunk
    if size > _MAX_FORM_BYTES:
        raise ApiError(413, "The form is too large.")
    try:
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise ApiError(400, "The form cannot be read.") from None


def headers(image_origins: Iterable[str] = ()) -> Dict[str, str]:
    """Return the headers of a page.

    Args:
        image_origins: Origins of the images on the page, from `origin_of`.
    """
    images = " ".join(["'self'", "data:", *sorted(set(image_origins))])
    policy = (
        f"default-src 'none'; style-src 'self'; img-src {images};"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return {"Content-Security-Policy": policy, **_HEADERS}


def origin_of(url: str) -> Optional[str]:
    """Return the origin of a URL in a form that is safe in a header.

    Returns:
        None if a page must not link to the URL or load it, because of its scheme
        (``javascript:``, ``data:``, ``s3:``) or of characters in its host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2].lower()
    if port is not None:
        host = host.rpartition(":")[0]
    host = host.rstrip(":")
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
