"""Commands and groups that have the common options and are loaded on use."""

from __future__ import annotations

import importlib
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Tuple,
    TypeVar,
)

import click
from click.core import ParameterSource

from scaleapi.cli import settings as formats

if TYPE_CHECKING:
    from scaleapi.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


class Common(NamedTuple):
    """A common option.

    Attributes:
        names: Its spellings.
        help: What it does.
        feature: Which commands have it: those with this feature; None means all.
        attributes: Further arguments of ``click.Option``.
        is_ignored: Whether commands without the feature accept it, because it makes no
            difference to them.
    """

    names: Tuple[str, ...]
    help: str
    feature: Optional[str] = None
    attributes: Dict[str, Any] = {}
    is_ignored: bool = True

    @property
    def name(self) -> str:
        """Its name in `Settings`."""
        return self.names[-1].partition("/")[0].strip("-").replace("-", "_")


#: Before the names of the parameters, so that commands can have some of the same name.
_PREFIX = "common_"
_FLAG = {"is_flag": True}
COMMON = (
    Common(
        ("--profile",),
        "Use the key and address of this profile.",
        "api",
        {"metavar": "NAME"},
    ),
    Common(("--url",), "Address of the API, with /v1.", "api", {"metavar": "URL"}),
    Common(
        ("--test-only",),
        "Refuse a live key before anything is sent.",
        "api",
        _FLAG,
    ),
    Common(("--json",), "Write one JSON document, and errors as JSON.", None, _FLAG),
    Common(("--jsonl",), "Write a line of JSON for each record.", None, _FLAG),
    Common(("--ids",), "Write only ids or names.", "ids", _FLAG, False),
    Common(
        ("--fields",),
        "Write only these fields: names or paths, such as status,metadata.row.",
        "records",
        {"metavar": "A,B.C"},
        False,
    ),
    Common(
        ("--limit",),
        "Stop after this many.",
        "limit",
        {"metavar": "N", "type": click.IntRange(min=1)},
        False,
    ),
    Common(
        ("--dry-run",),
        "Change nothing; say what would be done.",
        "dry-run",
        _FLAG,
        False,
    ),
    Common(("-y", "--yes"), "Ask nothing.", "confirm", _FLAG),
    Common(
        ("--progress/--no-progress",),
        "Show bars. They are only shown in a terminal.",
        "progress",
        {"default": None},
    ),
    Common(
        ("-v", "--verbose"),
        "Show requests; twice, also tracebacks.",
        None,
        {"count": True},
    ),
    Common(("-q", "--quiet"), "Show only errors.", None, _FLAG),
)


def _refuse_empty(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Refuse an empty value, as of a variable that is not set.

    Otherwise the command would do without the option, and do more than was meant.

    Raises:
        click.UsageError: `value` is empty.
    """
    source = ctx.get_parameter_source(str(parameter.name))
    if source is ParameterSource.COMMANDLINE and value == "":
        raise click.UsageError(
            f"{_label(parameter)} is empty: is a variable not set?", ctx
        )


def _label(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.human_readable_name.strip("[].")
    return max(parameter.opts, key=len)


def _note(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Note the value of a common option, which may stand before or after a command.

    Raises:
        click.UsageError: Two formats were given, or the value is empty.
    """
    name = str(parameter.name)[len(_PREFIX) :]
    session: Optional[Session] = ctx.obj
    is_given = (
        ctx.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    )
    if session is None or not is_given:
        return
    _refuse_empty(ctx, parameter, value)
    settings = session.settings
    settings.given.append(name)
    if name in (formats.JSON, formats.JSONL, formats.IDS):
        if settings.format not in (formats.TABLE, name):
            raise click.UsageError(
                f"--{settings.format} and --{name} exclude each other.", ctx
            )
        settings.format = name
    elif name == "fields":
        fields = tuple(each.strip() for each in value.split(",") if each.strip())
        if not fields:
            raise click.UsageError("--fields is empty.", ctx)
        settings.fields = fields
    elif name == "verbose":
        settings.verbose += value
    else:
        setattr(settings, name, value)


def common_options(features: Optional[Iterable[str]] = None) -> List[click.Parameter]:
    """Return the common options.

    Args:
        features: Those of the command; other options are not in its help. None shows
            all.
    """
    shown = None if features is None else {*features, None}
    return [
        click.Option(
            (f"{_PREFIX}{each.name}", *each.names),
            help=each.help,
            expose_value=False,
            callback=_note,
            hidden=shown is not None and each.feature not in shown,
            **each.attributes,
        )
        for each in COMMON
    ]


class Command(click.Command):
    """A command that has the common options.

    Args:
        arguments: Those of ``click.Command``.
        features: What it does, of the features that common options have.
        options: Those of ``click.Command``.
    """

    def __init__(self, *arguments: Any, features: str = "", **options: Any) -> None:
        self.features = frozenset(features.split())
        options["params"] = [*options.get("params", []), *common_options(self.features)]
        options.setdefault("context_settings", HELP_OPTIONS)
        super().__init__(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            click.UsageError: A common option was given that the command does not have,
                or a value is empty.
        """
        for parameter in self.params:
            given = ctx.params.get(str(parameter.name))
            for value in given if isinstance(given, tuple) else (given,):
                _refuse_empty(ctx, parameter, value)
        for each in COMMON:
            lacks = each.feature is not None and each.feature not in self.features
            if lacks and not each.is_ignored and each.name in ctx.obj.settings.given:
                raise click.UsageError(f"This command has no {each.names[-1]}.", ctx)
        return super().invoke(ctx)


class Group(click.Group):
    """A group of commands that has the common options."""

    command_class = Command

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["params"] = [*options.get("params", []), *common_options()]
        options.setdefault("context_settings", HELP_OPTIONS)
        # Otherwise the help would be the text of an error, or no error at all.
        options.setdefault("no_args_is_help", False)
        super().__init__(*arguments, **options)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write only the commands: each command has its options in its own help."""
        self.format_commands(ctx, formatter)


class LazyGroup(Group):
    """A group whose commands are each in a module, which is imported on use.

    Args:
        arguments: Those of ``click.Group``.
        modules: Name of the command -> the first line of its help.
        options: Those of ``click.Group``.
    """

    def __init__(
        self, *arguments: Any, modules: Dict[str, str], **options: Any
    ) -> None:
        self._modules = modules
        super().__init__(*arguments, **options)

    def list_commands(self, ctx: click.Context) -> List[str]:
        """Return the names of the commands."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        """Return a command; None if there is none of this name."""
        if cmd_name not in self._modules:
            return None
        module = importlib.import_module(f"scaleapi.cli.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._modules.items()))

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands, and the options that most commands have."""
        self.format_commands(ctx, formatter)
        rows = [each.get_help_record(ctx) for each in self.get_params(ctx)]
        with formatter.section("Options, before or after a command"):
            formatter.write_dl([row for row in rows if row is not None])


def workers(function: F) -> F:
    """Add the option with the number of requests at the same time."""
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=16,
        show_default=True,
        metavar="N",
        help="Requests at the same time.",
    )(function)


def not_stdout(
    ctx: click.Context, parameter: click.Parameter, value: Optional[str]
) -> Optional[str]:
    """Return the path of a file or folder that is written.

    Raises:
        click.BadParameter: It is ``-``, with which other programs mean standard output.
    """
    if value == "-":
        raise click.BadParameter(
            "- is not standard output here; give the path of a file or folder.",
            ctx,
            parameter,
        )
    return value
