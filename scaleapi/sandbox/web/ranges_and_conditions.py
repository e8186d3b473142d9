"""Range requests, conditional requests and entity tags, as in HTTP and S3."""

from __future__ import annotations

import calendar
import hashlib
import re
import sys
from dataclasses import dataclass
from email.utils import parsedate_tz
from typing import Any, BinaryIO, List, Mapping, Optional, Tuple

#: Bytes of the parts in which programs send large files to S3.
_PART_BYTES = 8 << 20
# api-notes: ranges
_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.ASCII | re.IGNORECASE)
#: Longer dates and ranges are ignored; no valid one is longer.
_MAX_CHARS = 200


@dataclass(frozen=True)
class Selection:
    """The status of an answer, and the byte range of the object that it contains.

    Attributes:
        status: 200, 206, 304, 412 or 416.
        first: Position of the first byte that is sent.
        last: Position of the last byte that is sent; before `first` for none.
        failed: The header whose condition does not hold, for a 412.
    """

    status: int
    first: int = 0
    last: int = -1
    failed: str = ""


def select(
    headers: Mapping[str, str], *, size: int, etag: str, modified_s: int
) -> Selection:
    """Return what a GET or HEAD gets of an object, in the order of RFC 9110, 13.2.2.

    Args:
        headers: The headers of the request; names are in lower case.
        size: Bytes of the object.
        etag: Its entity tag, with the quotes.
        modified_s: When it was last changed, in seconds since 1970.
    """
    failed = _failed_condition(headers, etag, modified_s)
    if failed is not None:
        return Selection(412, failed=failed)
    if _client_has_it(headers, etag, modified_s):
        return Selection(304)
    bounds = None
    if _range_still_applies(headers, etag, modified_s):
        bounds = _bounds(headers.get("range", ""), size)
    if bounds is None:
        return Selection(200, 0, size - 1)
    first, last = bounds
    return Selection(206, first, last) if first <= last else Selection(416)


def _failed_condition(
    headers: Mapping[str, str], etag: str, modified_s: int
) -> Optional[str]:
    if "if-match" in headers:
        tags = _tags(headers["if-match"])
        # A weak tag is of no use here: it promises less than equal bytes.
        return None if "*" in tags or etag in tags else "If-Match"
    since = _seconds(headers.get("if-unmodified-since", ""))
    return "If-Unmodified-Since" if since is not None and modified_s > since else None


def _client_has_it(headers: Mapping[str, str], etag: str, modified_s: int) -> bool:
    if "if-none-match" in headers:
        tags = _tags(headers["if-none-match"])
        return "*" in tags or etag in [tag.replace("W/", "", 1) for tag in tags]
    since = _seconds(headers.get("if-modified-since", ""))
    return since is not None and modified_s <= since


def _range_still_applies(
    headers: Mapping[str, str], etag: str, modified_s: int
) -> bool:
    validator = headers.get("if-range")
    if validator is None:
        return True
    return etag in _tags(validator) or _seconds(validator) == modified_s


def _tags(text: str) -> List[str]:
    """Return the entity tags of a list, with quotes; S3 takes them without, too."""
    tags = [tag.strip(" \t") for tag in text.split(",")]
    return [tag if '"' in tag or tag == "*" else f'"{tag}"' for tag in tags]


def _bounds(text: str, size: int) -> Optional[Tuple[int, int]]:
    """Return the positions of the first and the last byte of a range.

    Returns:
        None if the header is not a range, or is several, because S3 then sends the
        whole object; a first position beyond the last for a range without a byte.
    """
    match = _RANGE.fullmatch(text[: _MAX_CHARS + 1])
    if match is None or len(text) > _MAX_CHARS:
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last), size - 1) if last else size - 1


def _seconds(text: str) -> Optional[int]:
    """Return a date of HTTP as seconds since 1970; None if it is not a date."""
    if len(text) > _MAX_CHARS:
        return None
    try:
        parts = parsedate_tz(text)
        # A date without a zone is in GMT, whatever the zone of this machine is.
        return None if parts is None else calendar.timegm(parts[:6]) - (parts[9] or 0)
    except (IndexError, OverflowError, TypeError, ValueError):
        return None


def etag_of(content: BinaryIO) -> str:
    """Return the entity tag that S3 gives to an upload; leave it at its beginning.

    The tag is the MD5 of an upload in one part; otherwise it ends with the number of
    parts.
    """
    digests: List[bytes] = []
    while True:
        part = content.read(_PART_BYTES)
        if not part and digests:
            break
        digests.append(_md5(part).digest())
    content.seek(0)
    if len(digests) == 1:
        return f'"{digests[0].hex()}"'
    return f'"{_md5(b"".join(digests)).hexdigest()}-{len(digests)}"'


def _md5(content: bytes) -> Any:
    # A Python in FIPS mode refuses MD5, unless it is not used for security.
    if sys.version_info >= (3, 9):
        return hashlib.md5(content, usedforsecurity=False)
    return hashlib.md5(content)
