"""The URLs under which the sandbox serves files and results."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from contextvars import ContextVar
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional
from urllib.parse import urlencode

from scaleapi.sandbox.clock import Clock, to_text

#: Seconds for which a signed address is valid.
#: api-notes: signed-addresses
SIGNATURE_LIFETIME_S = 3600

_SCHEME = "scaledata://"
#: Suffix of the name of a converted copy.
_COPY = "~1"


class Origin:
    """The base URL of the sandbox as the current client sees it.

    The base URL follows from the Host header of the request.

    Args:
        own: The base URL outside of a request.
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self._host: ContextVar[Optional[str]] = ContextVar("host", default=None)

    def is_at(self, host: str) -> None:
        """Set the host and port that the current request was sent to."""
        self._host.set(host)

    def __str__(self) -> str:
        host = self._host.get()
        return self.own if host is None else f"http://{host}"


class Hosting:
    """Makes the URLs of files and results, and checks signed URLs.

    Args:
        origin: The base URL of the sandbox.
        clock: Decides when a signature has expired.
    """

    def __init__(self, origin: Origin, clock: Clock) -> None:
        self._origin = origin
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the URLs."""
        return str(self._origin)

    def result_url(self, result_id: str) -> str:
        """Return the URL of a result, which is public as in the API."""
        return f"{self.origin}/results/{result_id}"

    def result_id_of(self, url: Any) -> Optional[str]:
        """Return the id of the result with this URL; None for any other value."""
        begin = self.result_url("")
        if isinstance(url, str) and url.startswith(begin):
            return url[len(begin) :]
        return None

    def signed_url(
        self, attachment: str, world: int, *, converted: bool = False
    ) -> str:
        """Return a URL of an attachment that expires and allows GET only.

        Args:
            attachment: The attachment as the task states it.
            world: The world of the task; only files of this world are served.
            converted: Whether this is the URL of the copy that the API converts for
                its labelers. The sandbox serves the original instead.
        """
        name = base64.urlsafe_b64encode(attachment.encode()).decode().rstrip("=")
        name += _COPY if converted else ""
        expires = self._clock.now() // 1000 + SIGNATURE_LIFETIME_S
        signature = self._signature("GET", str(world), name, str(expires))
        query = urlencode({"Expires": expires, "Signature": signature})
        return f"{self.origin}/attachments/{world}/{name}?{query}"

    def attachment(
        self, method: str, world: str, name: str, query: Mapping[str, str]
    ) -> str:
        """Return the attachment that belongs to a signed URL.

        Raises:
            SignatureRefused: The URL is not signed, is signed for another method, was
                altered, or has expired.
        """
        expires, signature = query.get("Expires", ""), query.get("Signature", "")
        if not expires and not signature:
            raise SignatureRefused("AccessDenied", "Access Denied")
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 15):
            raise SignatureRefused(
                "AccessDenied", "Invalid date (should be seconds since epoch)"
            )
        now = self._clock.now()
        if int(expires) < now // 1000:
            times = {"Expires": int(expires) * 1000, "ServerTime": now}
            raise SignatureRefused(
                "AccessDenied",
                "Request has expired",
                {name: _whole_seconds(moment) for name, moment in times.items()},
            )
        right = self._signature(method, world, name, expires)
        if not hmac.compare_digest(signature.encode(), right.encode()):
            raise SignatureRefused(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature "
                "you provided. Check your key and signing method.",
            )
        name = name.partition(_COPY)[0]
        return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()

    def _signature(self, method: str, world: str, name: str, expires: str) -> str:
        text = f"{method}\n{world}\n{name}\n{expires}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


class SignatureRefused(Exception):
    """A signed URL is not valid for a request, or no longer valid.

    Args:
        code: The error code of S3.
        text: The error message of S3.
        details: Further elements of the XML answer.
    """

    def __init__(
        self, code: str, text: str, details: Optional[Mapping[str, str]] = None
    ) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.details = dict(details or {})


def _whole_seconds(moment: int) -> str:
    return to_text(moment // 1000 * 1000).replace(".000Z", "Z")


def file_url(account: str, file_id: str) -> str:
    """Return the URL by which tasks refer to an uploaded file."""
    return f"{_SCHEME}{account}/{file_id}"


def file_id_of(attachment: Any) -> Optional[str]:
    """Return the id of the uploaded file that an attachment refers to."""
    if not isinstance(attachment, str) or not attachment.startswith(_SCHEME):
        return None
    return attachment.rpartition("/")[2]


class Attachment(NamedTuple):
    """An attachment of a task.

    Attributes:
        address: The URL of the attachment.
        kind: ``image``, ``video`` or another type, or None if the task does not
            state one.
    """

    address: str
    kind: Optional[str]


def described_attachments(params: Dict[str, Any]) -> Iterator[Attachment]:
    """Yield the attachments in a task's parameters that have a URL."""
    attachments: List[Any] = [params.get("attachment")]
    several = params.get("attachments")
    if isinstance(several, list):
        attachments += several
    for attachment in attachments:
        kind = params.get("attachment_type")
        if isinstance(attachment, dict):
            kind = attachment.get("type", kind)
            if kind == "text":
                continue
            attachment = attachment.get("attachment") or attachment.get("content")
        if isinstance(attachment, str) and "://" in attachment:
            yield Attachment(attachment, kind if isinstance(kind, str) else None)


def attachments_of(params: Dict[str, Any]) -> Iterator[str]:
    """Yield the URLs of the attachments in a task's parameters."""
    return (attachment.address for attachment in described_attachments(params))
