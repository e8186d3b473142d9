"""The Jinja environment of the page: templates, filters and functions."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List, Optional
from urllib.parse import urlencode, urlsplit

import jinja2

from scaleapi.sandbox.clock import Clock, to_text, to_timestamp_ms
from scaleapi.sandbox.package_data import read_text
from scaleapi.sandbox.page.attachments import Attachment
from scaleapi.sandbox.statuses import STATUSES
from scaleapi.sandbox.store.page_queries import Progress

_TEMPLATES = "scaleapi.sandbox.page.templates"
#: Order of the statuses in a bar, from left to right.
_ORDER = ("completed", "error", "canceled", "pending")


def environment(clock: Clock, token: str) -> jinja2.Environment:
    """Return the environment of the templates.

    Args:
        clock: The clock from which relative times are computed.
        token: The secret that forms contain.
    """

    def ago(text: Any) -> str:
        moment = _timestamp_ms(text)
        return str(text) if moment is None else _since((clock.now() - moment) // 1000)

    templates = jinja2.Environment(
        loader=jinja2.FunctionLoader(partial(read_text, _TEMPLATES)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(ago=ago, when=_when, number="{:,}".format)
    templates.filters.update(description=_description, absence=_absence)
    templates.globals.update(link=address, bar=_bar, token=token, statuses=STATUSES)
    return templates


def address(path: str, **query: Optional[str]) -> str:
    """Return a path with a query of the values that are not None."""
    values = {name: value for name, value in query.items() if value is not None}
    if not values:
        return path
    return path + "?" + urlencode(values, errors="replace")


def _bar(progress: Progress) -> List[Dict[str, Any]]:
    """Return the parts of a bar of width 100, in the order of the statuses."""
    known = [(name, progress[name]) for name in _ORDER if name in progress]
    counts = known + [item for item in progress.items() if item[0] not in _ORDER]
    total = sum(progress.values())
    parts = []
    start = 0.0
    for name, count in counts:
        width = 100 * count / total
        parts.append(
            {"name": name, "count": count, "x": round(start, 2), "w": round(width, 2)}
        )
        start += width
    return parts


def _description(attachment: Attachment) -> str:
    """Return the text in the place of an image, which shows if it cannot be fetched.

    Without a script the page cannot know that, so the text is true in both cases.
    """
    if attachment.origin is None:
        return f"Image {attachment.name}".strip()
    host = urlsplit(attachment.origin).netloc
    name = f"{attachment.name} from {host}".strip()
    return f"{name}. If this text is shown, it could not be fetched."


def _absence(attachment: Attachment) -> str:
    """Return why there is no image of an attachment."""
    if not attachment.text:
        return "No picture is attached."
    if attachment.href is None:
        return "No picture: a browser cannot fetch this address."
    return "No picture: the page shows images only, not what is in other files."


def _since(seconds: int) -> str:
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:,} {name} ago"
    return "just now" if seconds >= 0 else "in the future"


def _when(text: Any) -> str:
    """Return a time in a readable form."""
    moment = _timestamp_ms(text)
    if moment is None:
        return str(text)
    return to_text(moment)[:19].replace("T", " ") + " UTC"


def _timestamp_ms(text: Any) -> Optional[int]:
    try:
        return to_timestamp_ms(str(text), earliest=True)
    except ValueError:
        return None
