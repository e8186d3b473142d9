"""The reference of the command, made from the commands themselves.

``python -m tests.docs.command_reference`` writes the page anew.
"""

from __future__ import annotations

import inspect
from typing import Iterator, List, Tuple

import click

from scaleapi.cli.options import COMMON, Command
from scaleapi.cli.program import COMMANDS, root
from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "command-line.rst"

_HEAD = """\
Command line
============

Every command with its options, as ``--help`` shows them. :doc:`/command-line` explains
them. This page is made from the commands: ``python -m tests.docs.command_reference``.

Common options
--------------

They may stand before or after a command. A command that does not name one in its list
below refuses it, if it would make a difference, and ignores it otherwise. Every command
has ``--json``, ``--jsonl``, ``-v``, ``-q`` and ``--help``.

"""


def commands() -> Iterator[Tuple[str, click.Command]]:
    """Yield all commands that are not groups, with their names."""
    for name in COMMANDS:
        found = root.get_command(click.Context(root), name)
        assert found is not None
        if isinstance(found, click.Group):
            for each, command in found.commands.items():
                yield f"{name} {each}", command
        else:
            yield name, found


def page() -> str:
    """Return the text of the page."""
    parts = [_HEAD]
    for each in COMMON:
        metavar = str(each.attributes.get("metavar", ""))
        parts.append(_entry([*each.names], metavar, each.help))
    for name, command in commands():
        title = f"scaleapi {name}"
        parts += [f"{title}\n{'-' * len(title)}\n\n", _usage(title, command)]
        parts.append(inspect.cleandoc(command.help or "") + "\n\n")
        own = [each for each in command.params if isinstance(each, click.Option)]
        parts += [_option(each) for each in own if not _is_common(each)]
        if isinstance(command, Command):
            parts.append(_features(command))
    return "".join(parts).rstrip() + "\n"


def _is_common(option: click.Option) -> bool:
    return str(option.name).startswith("common_")


def _usage(title: str, command: click.Command) -> str:
    words = [title, "[OPTIONS]"]
    for each in command.params:
        if isinstance(each, click.Argument):
            words.append(each.metavar or str(each.name).upper())
    if not isinstance(command, Command):
        words = [title, "..."]
    return f".. code-block:: text\n\n    {' '.join(words)}\n\n"


def _option(option: click.Option) -> str:
    names = [*option.opts]
    if option.secondary_opts:
        names = ["/".join([*option.opts, *option.secondary_opts])]
    metavar = option.metavar or ""
    if isinstance(option.type, click.Choice):
        metavar = "|".join(option.type.choices)
    text = option.help or ""
    if option.show_default:
        text += f" Default: ``{option.default}``."
    if option.required:
        text += " Required."
    return _entry(names, metavar, text)


def _entry(names: List[str], metavar: str, text: str) -> str:
    shown = ", ".join(names)
    return f"``{f'{shown} {metavar}'.strip()}``\n    {text}\n\n"


def _features(command: Command) -> str:
    names = [each.names[-1] for each in COMMON if each.feature in command.features]
    if not names:
        return ""
    return "Common options: " + ", ".join(f"``{name}``" for name in names) + ".\n\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
