"""The code blocks of a page: found, run, and held against what the page says."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from scaleapi import ScaleClient

ROOT = Path(__file__).resolve().parents[2]

_DIRECTIVE = re.compile(r"\.\. code-block:: (\w+)\n")


class Part(NamedTuple):
    """A paragraph of a page, or one of its code blocks.

    Attributes:
        language: Language of the block; None for a paragraph.
        line: Number of its first line.
        text: Without the indentation.
    """

    language: Optional[str]
    line: int
    text: str


def parts_of(page: Path) -> List[Part]:
    """Return all that stands on a page, in its order."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    parts = []
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        directive = _DIRECTIVE.fullmatch(lines[number])
        start = number
        if directive is None:
            while number < len(lines) and lines[number].strip():
                number += 1
            parts.append(Part(None, start + 1, "".join(lines[start:number])))
            continue
        number += 1
        while number < len(lines) and lines[number][:1].isspace():
            number += 1
        body = "".join(lines[start + 1 : number])
        blank = len(body) - len(body.lstrip("\n"))
        code = textwrap.dedent(body).strip("\n") + "\n"
        parts.append(Part(directive.group(1), start + 2 + blank, code))
    return parts


def examples_of(parts: List[Part]) -> List[Part]:
    """Return the blocks that are to be run."""
    return [part for part in parts if part.language == "python"]


def output_promised_after(example: Part, parts: List[Part]) -> Optional[Part]:
    """Return the block that shows what an example prints, if there is one."""
    place = parts.index(example)
    following = parts[place + 1 : place + 3]
    if [part.language for part in following] != [None, "text"]:
        return None
    return following[1] if "prints" in following[0].text else None


def run(example: Part, page: Path, namespace: Dict[str, Any]) -> str:
    """Run an example as if it stood in a file of its own where it stands here."""
    code = "\n" * (example.line - 1) + example.text
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(page), "exec"), namespace)
    return printed.getvalue()


def run_all(page: Path, namespace: Dict[str, Any]) -> None:
    """Run the examples of a page in turn; each prints what the page shows."""
    parts = parts_of(page)
    for example in examples_of(parts):
        printed = run(example, page, namespace)
        promised = output_promised_after(example, parts)
        if promised is not None:
            where = f"{page.name}, line {promised.line}"
            assert printed == promised.text, where


def unshown(parts: List[Part]) -> List[int]:
    """Return the lines of examples that print what the page does not show."""
    return [
        example.line
        for example in examples_of(parts)
        if "print(" in example.text and not output_promised_after(example, parts)
    ]


def unearned(parts: List[Part]) -> List[int]:
    """Return the lines of outputs that no example is held against."""
    shown = [part for part in parts if part.language == "text"]
    held = [output_promised_after(example, parts) for example in examples_of(parts)]
    return [part.line for part in shown if part not in held]


def close_all(namespace: Dict[str, Any]) -> None:
    """Close the clients and the sandbox that examples have left."""
    for value in namespace.values():
        if isinstance(value, ScaleClient):
            value.close()
    if "sandbox" in namespace:
        namespace["sandbox"].stop()
