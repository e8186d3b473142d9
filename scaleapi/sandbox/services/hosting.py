"""Addresses under which the sandbox serves contents."""

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
SIGNATURE_LIFETIME = 3600

_SCHEME = "scaledata://"
#: What the name of a converted copy ends in.
_COPY = "~1"


class Origin:
    """Scheme, host and port by which the one that is answered knows the sandbox.

    Args:
        own: What it is for who asks from within.
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self._host: ContextVar[Optional[str]] = ContextVar("host", default=None)

    def is_at(self, host: str) -> None:
        """Take the host, with its port, that this request was sent to."""
        self._host.set(host)

    def __str__(self) -> str:
        host = self._host.get()
        return self.own if host is None else f"http://{host}"


class Hosting:
    """Makes addresses of contents, and checks those that are signed.

    Args:
        origin: Where they are served.
        clock: Tells when a signature expires.
    """

    def __init__(self, origin: Origin, clock: Clock) -> None:
        self._origin = origin
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the addresses."""
        return str(self._origin)

    def result_url(self, result_id: str) -> str:
        """Return the address of a result; it is public, as the API's are."""
        return f"{self.origin}/results/{result_id}"

    def result_id_of(self, url: Any) -> Optional[str]:
        """Return the id of the result that an address is of."""
        begin = self.result_url("")
        if isinstance(url, str) and url.startswith(begin):
            return url[len(begin) :]
        return None

    def signed_url(
        self, attachment: str, world: int, *, converted: bool = False
    ) -> str:
        """Return an address of an attachment that expires, good for GET alone.

        Args:
            attachment: What a task refers to.
            world: The world of the task: only its files are served there.
            converted: Whether it is the address of the copy that the API converts
                for its labelers. The sandbox converts nothing.
        """
        name = base64.urlsafe_b64encode(attachment.encode()).decode().rstrip("=")
        name += _COPY if converted else ""
        expires = self._clock.now() // 1000 + SIGNATURE_LIFETIME
        signature = self._signature("GET", str(world), name, str(expires))
        query = urlencode({"Expires": expires, "Signature": signature})
        return f"{self.origin}/attachments/{world}/{name}?{query}"

    def attachment(
        self, method: str, world: str, name: str, query: Mapping[str, str]
    ) -> str:
        """Return the attachment that a signed address is of.

        Raises:
            SignatureRefused: The address is not signed, not for this method, altered
                or expired.
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
    """A signed address is not, or no longer, good for a request.

    Args:
        code: S3's code for the reason.
        text: S3's words for it.
        details: Further elements of S3's answer.
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
    """Return the address by which tasks refer to an uploaded file."""
    return f"{_SCHEME}{account}/{file_id}"


def file_id_of(attachment: Any) -> Optional[str]:
    """Return the id of the uploaded file that an attachment refers to."""
    if not isinstance(attachment, str) or not attachment.startswith(_SCHEME):
        return None
    return attachment.rpartition("/")[2]


class Attachment(NamedTuple):
    """An attachment of a task.

    Attributes:
        address: Where it is.
        kind: Whether it is an image, a video or something else, as far as it is
            said.
    """

    address: str
    kind: Optional[str]


def described_attachments(params: Dict[str, Any]) -> Iterator[Attachment]:
    """Yield the attachments among a task's parameters that have an address."""
    found: List[Any] = [params.get("attachment")]
    several = params.get("attachments")
    if isinstance(several, list):
        found += several
    for attachment in found:
        kind = params.get("attachment_type")
        if isinstance(attachment, dict):
            kind = attachment.get("type", kind)
            if kind == "text":
                continue
            attachment = attachment.get("attachment") or attachment.get("content")
        if isinstance(attachment, str) and "://" in attachment:
            yield Attachment(attachment, kind if isinstance(kind, str) else None)


def attachments_of(params: Dict[str, Any]) -> Iterator[str]:
    """Yield the addresses of the attachments among a task's parameters."""
    return (attachment.address for attachment in described_attachments(params))
