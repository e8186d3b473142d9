"""The text of a credentials file: its sections, and changes that keep all else.

configparser is not used for two reasons: its errors hold the lines that they complain
of, which may be keys, and what it writes has lost the comments.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Dict, List, Mapping, NamedTuple, Optional

from scaleapi.exceptions import ScaleProfileError

_BOM = "\ufeff"
_COMMENT = re.compile(r"\s*([#;].*)?$", re.DOTALL)
_HEADER = re.compile(r"\s*\[([^\[\]]*)\]\s*([#;].*)?$", re.DOTALL)
_OPTION = re.compile(r"\s*([^=:\s]+)\s*[=:]\s*(.*?)\s*$", re.DOTALL)
_END_OF_LINE = re.compile(r"\r\n|\n|\r")


class Option(NamedTuple):
    """An option of a section.

    Attributes:
        line: Index of its line.
        value: Its value, without the space around it.
    """

    line: int
    value: str


class Section(NamedTuple):
    """A section of the file.

    Attributes:
        line: Index of the line with its name.
        options: Name of each option, in lower case -> the option.
    """

    line: int
    options: Dict[str, Option]


class Document:
    """The sections of a credentials file.

    Attributes:
        sections: Name -> section, in the order of the file.

    Args:
        text: The text of the file.
        path: Path of the file, for errors.

    Raises:
        ScaleProfileError: A line of `text` is none of an INI file, or a section or an
            option is there twice. The error does not show the line.
    """

    def __init__(self, text: str, path: str) -> None:
        self._bom = _BOM if text.startswith(_BOM) else ""
        text = text[len(self._bom) :]
        end = _END_OF_LINE.search(text)
        self._end_of_line = end.group() if end else "\n"
        self._lines = _END_OF_LINE.split(text)
        if self._lines[-1] == "":
            self._lines.pop()
        self._path = path
        self.sections: Dict[str, Section] = {}
        self._read()

    def _read(self) -> None:
        section: Optional[Section] = None
        for index, line in enumerate(self._lines):
            if _COMMENT.match(line):
                continue
            header = _HEADER.match(line)
            if header:
                section = self._begin(index, header.group(1))
                continue
            option = _OPTION.match(line)
            if option is None:
                raise self._error(
                    index,
                    "is neither a [section], nor a name = value, nor a comment, which "
                    "begins with #",
                )
            if section is None:
                raise self._error(index, "stands before the first [section]")
            name, value = option.group(1).lower(), option.group(2)
            if name in section.options:
                first = section.options[name].line + 1
                raise self._error(index, f"sets again what line {first} sets")
            section.options[name] = Option(index, value)

    def _begin(self, index: int, written: str) -> Section:
        name = normalized(written)
        if not name:
            raise self._error(index, "has an empty section name")
        if name in self.sections:
            first = self.sections[name].line + 1
            raise self._error(
                index, f"begins the section [{name}] again, after line {first}"
            )
        self.sections[name] = Section(index, {})
        return self.sections[name]

    def _error(self, index: int, problem: str) -> ScaleProfileError:
        return ScaleProfileError(f"{self._path}: line {index + 1} {problem}")

    def with_section(self, name: str, options: Mapping[str, str]) -> str:
        """Return the text with a section that has these options and no others.

        Comments stay, and so does everything else.

        Args:
            name: Name of the section. If there is none, it is added at the end.
            options: Name of each option, in lower case -> its value.
        """
        new = {key: f"{key} = {value}" for key, value in options.items()}
        section = self.sections.get(name)
        if section is None:
            apart = [""] if self._lines and self._lines[-1].strip() else []
            return self._text([*self._lines, *apart, f"[{name}]", *new.values()])
        # Index of each line of an option -> the line that replaces it, if any.
        replaced = {o.line: new.pop(key, None) for key, o in section.options.items()}
        last = max([section.line, *replaced])
        lines: List[str] = []
        for index, line in enumerate(self._lines):
            kept = replaced.get(index, line)
            if kept is not None:
                lines.append(kept)
            if index == last:
                lines.extend(new.values())
        return self._text(lines)

    def without_section(self, name: str) -> str:
        """Return the text without a section.

        Comments in the section go with it, since they may hold an old key. Those after
        an empty line at its end belong to what follows.

        Args:
            name: Name of the section, which exists.
        """
        section = self.sections[name]
        following = [s.line for s in self.sections.values() if s.line > section.line]
        next_section = min(following, default=len(self._lines))
        end = max([section.line, *(o.line for o in section.options.values())]) + 1
        while end < next_section and self._lines[end].strip():
            end += 1
        rest = self._lines[end:]
        if not self._lines[: section.line]:
            while rest and not rest[0].strip():
                rest.pop(0)
        return self._text([*self._lines[: section.line], *rest])

    def _text(self, lines: List[str]) -> str:
        return self._bom + "".join(line + self._end_of_line for line in lines)


def normalized(name: str) -> str:
    """Return the name of a section in the one form in which names are compared."""
    return unicodedata.normalize("NFC", name.strip())
