"""HTML of objects for notebooks, which are shared and committed.

So the HTML loads nothing, has no address that opens a file by itself, and is short.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, List, Sequence, Tuple

#: A name and a value of an object.
Fact = Tuple[str, Any]

MAX_ROWS = 20
_MAX_CHARS = 200
#: Width at which pictures are shown, in pixels.
PICTURE_WIDTH = 480

# A signed address has its signature behind the "?", and an old one its password
# before the "@".
_QUERY = re.compile(r"(://[^\s<>?#]*)[?#][^\s<>]*")
_PASSWORD = re.compile(r"://[^\s<>/@]*@")
# The signature itself, where the address before it has a blank or no scheme.
_SIGNATURE = re.compile(
    r"((?:signature|credential|token|accesskeyid|policy|\bsig)=)[^\s<>&]+", re.I
)


def card(title: str, identity: Any, facts: Iterable[Fact], picture: str = "") -> str:
    """Return the HTML of one object.

    Args:
        title: Name of its class.
        identity: What tells it from others.
        facts: What is shown of it.
        picture: SVG that is shown below.
    """
    rows = "".join(
        f'<tr><th style="text-align:left">{_shown(name)}</th>'
        f'<td style="text-align:left">{_shown(value)}</td></tr>'
        for name, value in facts
    )
    return _without_secrets(
        f"<div><b>{_shown(title)}</b> <code>{_shown(identity)}</code>"
        f"<table>{rows}</table>{picture}</div>"
    )


def table(title: str, rows: Sequence[List[Fact]], total: Any) -> str:
    """Return the HTML of a list of objects, of which the first ones are shown.

    Args:
        title: Name of the list.
        rows: What is shown of each object.
        total: Number of all objects.
    """
    shown = rows[:MAX_ROWS]
    names = list(dict.fromkeys(name for facts in shown for name, _ in facts))
    heads = "".join(f"<th>{_shown(name)}</th>" for name in names)
    body = ""
    for facts in shown:
        values = dict(facts)
        cells = "".join(f"<td>{_shown(values.get(name, ''))}</td>" for name in names)
        body += f"<tr>{cells}</tr>"
    count = f"the first {len(shown)} of {len(rows)}" if len(rows) > len(shown) else ""
    end = f"<p>{count}</p>" if count else ""
    return _without_secrets(
        f"<div><b>{_shown(title)}</b> {len(rows)} of {_shown(total)}"
        f"<table><tr>{heads}</tr>{body}</table>{end}</div>"
    )


def _shown(value: Any) -> str:
    # Programs that are not notebooks do not load the package.
    from scaleapi.annotations.escaping import escape, text_of

    if isinstance(value, (list, tuple)):
        value = ", ".join(text_of(each) for each in value[:MAX_ROWS])
    text = text_of(value)
    if len(text) > _MAX_CHARS:
        # The end of a cut address might be its signature.
        text = _without_secrets(text[: 10 * _MAX_CHARS])[:_MAX_CHARS] + "…"
    return escape(text)


def _without_secrets(text: str) -> str:
    return _SIGNATURE.sub(r"\1…", _PASSWORD.sub("://", _QUERY.sub(r"\1", text)))
