"""Pages of tasks as an export needs them: ids, times of creation, and lines. Pure.

The text of a page is divided where one task ends and the next one begins, and the text
of each task is its line, so that nothing of it changes and almost nothing is decoded.
Wherever this could be wrong, the page is decoded, and each task is encoded again.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Sequence

from scaleapi._core.models import documents
from scaleapi._core.paging import page_value
from scaleapi._transport.decoding import decode, loads
from scaleapi._transport.response_checks import Check
from scaleapi.export.lines import line_encoder
from scaleapi.export.windows import Sieve

#: Takes the document of a task; returns what is put in front of its line.
Prefix = Callable[[Dict[str, Any]], bytes]
#: How a page begins whose tasks begin with their id. A server may write a space after
#: each colon and comma. api-notes: text-of-pages
_HEAD = re.compile(
    rb'\{(?:"\w+": ?(?:"[^"\\]*"|[-\w.]+), ?)*'
    rb'"docs":(?P<space> ?)(?P<list>\[)\{"task_id":(?P=space)"'
)
#: Characters of a time as the API writes it, such as 2026-03-02T08:15:30.125Z.
_TIME_CHARS = 24
#: All but quotation marks, braces, and the characters that JSON does not have.
_INSIGNIFICANT = bytes(set(range(0x20, 0x100)) - set(b'"{}'))
#: Objects in objects, up to which a task is not decoded.
_DEPTH = 20


class Page:
    """A page of tasks.

    Args:
        answer: The page, as far as it is decoded.
        ids: The ids of its tasks.

    Attributes:
        ids: The ids of its tasks.
        total: Number of tasks on all pages.
        has_more: Whether there are further pages.
        next_token: What the next page is asked for with.
    """

    def __init__(self, answer: Dict[str, Any], ids: List[bytes]) -> None:
        self.ids = ids
        self.total: Any = page_value(answer, "total", len(ids))
        self.has_more: Any = page_value(answer, "has_more", False)
        self.next_token = answer.get("next_token")

    def __len__(self) -> int:
        return len(self.ids)

    def passing(self, sieve: Sieve) -> Sequence[int]:
        """Return the places on the page of the tasks that pass a sieve."""
        raise NotImplementedError

    def lines(self, places: Sequence[int], prefix: Optional[Prefix] = None) -> bytes:
        """Return the lines of the tasks at some places of the page.

        Args:
            places: The places.
            prefix: Makes what is put in front of each line; None puts nothing there.
        """
        raise NotImplementedError


class DecodedPage(Page):
    """A page of tasks that are encoded again.

    Args:
        answer: The decoded page.
    """

    def __init__(self, answer: Dict[str, Any]) -> None:
        self._documents = documents(answer)
        ids = [str(each["task_id"]) for each in self._documents]
        super().__init__(
            answer, [each.encode("utf-8", "surrogatepass") for each in ids]
        )

    def passing(self, sieve: Sieve) -> Sequence[int]:
        return [
            place
            for place, document in enumerate(self._documents)
            if sieve.passes(document.get("created_at"))
        ]

    def lines(self, places: Sequence[int], prefix: Optional[Prefix] = None) -> bytes:
        line = line_encoder()
        chosen = [self._documents[place] for place in places]
        if prefix is None:
            return b"".join(map(line, chosen))
        return b"".join(prefix(each) + line(each) for each in chosen)


class TextPage(Page):
    """A page of tasks whose text is not decoded.

    Args:
        answer: The decoded page, without its tasks.
        space: What is between a colon and a value.
        tasks: The text of each task, from behind the quotation mark that begins its id
            to before its last brace.
    """

    def __init__(
        self, answer: Dict[str, Any], space: bytes, tasks: List[bytes]
    ) -> None:
        super().__init__(answer, [each[: each.index(b'"')] for each in tasks])
        self._tasks = tasks
        self._begin = b'{"task_id":%b"' % space
        self._created_at = b'"created_at":%b"' % space

    def passing(self, sieve: Sieve) -> Sequence[int]:
        first, after = sieve.first.encode(), sieve.after.encode()
        key = self._created_at
        length = len(key)
        passing = []
        for place, text in enumerate(self._tasks):
            start = text.find(key)
            moment = text[start + length : start + length + _TIME_CHARS + 1]
            # A text with one such key has it on the first level, or has none there and
            # passes in any case. All else is decoded.
            if (
                first <= moment < after
                and moment.find(b'"') == _TIME_CHARS
                and b"\\" not in moment
                and text.rfind(key) == start >= 0
            ) or sieve.passes(self._document(text).get("created_at")):
                passing.append(place)
        return passing

    def lines(self, places: Sequence[int], prefix: Optional[Prefix] = None) -> bytes:
        lines = [self._tasks[place] for place in places]
        if prefix is not None:
            return b"".join(
                prefix(self._document(text)) + self._begin + text + b"}\n"
                for text in lines
            )
        if lines:
            lines[0] = self._begin + lines[0]
            lines[-1] += b"}\n"
        return (b"}\n" + self._begin).join(lines)

    def is_divided_well(self) -> bool:
        """Return whether each text is that of one task.

        A list of tasks may be inside of a task, in its metadata for example, and where
        the page was divided there, not each brace of a text is closed.
        """
        if any(b"\\" in task_id for task_id in self.ids):
            return False
        try:
            return all(
                _closes_each_brace(text) or self._document(text) for text in self._tasks
            )
        except (ValueError, RecursionError):
            return False

    def _document(self, text: bytes) -> Dict[str, Any]:
        document: Dict[str, Any] = loads(self._begin + text + b"}")
        return document


def _closes_each_brace(text: bytes) -> bool:
    """Return whether the braces of a text match, and none of them is in a string.

    False may also be wrong, which only costs time.

    Args:
        text: Part of an object. It begins within a string.
    """
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Two quotation marks that are left side by side are those of a string, or the end
    # of one and the beginning of the next one. If a string has a brace, some are left.
    rest = (b'"' + text.translate(None, _INSIGNIFICANT)).replace(b'""', b"")
    for _ in range(_DEPTH):
        if not rest:
            return True
        rest = rest.replace(b"{}", b"")
    return False


def divided(content: bytes) -> Optional[Page]:
    """Return a page of which only what is around the tasks is decoded.

    Args:
        content: The answer.

    Returns:
        None if the answer is written in another way than we know.
    """
    head = _HEAD.match(content)
    if head is None or b"\n" in content or b"\r" in content:
        return None
    end = content.rfind(b"}]")
    space = head.group("space")
    try:
        content.decode()
        # The number stands for the tasks. If the key comes twice, the last one counts.
        answer = loads(b"%b0%b" % (content[: head.end("list")], content[end + 1 :]))
    except (ValueError, RecursionError):
        return None
    between = b'},%b{"task_id":%b"' % (space, space)
    tasks = content[head.end() : end].split(between)
    page = TextPage(answer, space, tasks)
    return page if answer["docs"] == [0] and page.is_divided_well() else None


def read_page(response: Any) -> Any:
    """Return the `Page` of a response; its decoded body if it is written otherwise.

    Args:
        response: A response of requests, or a user's stand-in for one.
    """
    content = getattr(response, "content", None)
    page = divided(content) if type(content) is bytes else None
    return decode(response) if page is None else page


def page_or(check: Check) -> Check:
    """Return a check of what `read_page` returns, from one of a decoded answer."""
    return lambda answer: None if isinstance(answer, Page) else check(answer)
