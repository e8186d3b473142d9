"""Profiles: named keys in ``~/.scaleapi/credentials``, an INI file.

.. code-block:: ini

    [default]
    api_key = test_...

    [production]
    key_command = pass show scale/live
    url = https://api.scale.com/v1
    callback_key = ...

`ScaleClient.from_profile` makes a client of a profile. ``ScaleClient()`` never reads
the file, so that no script finds a live key that nobody has given to it.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Callable, Dict, List, Optional, TypeVar, cast

from scaleapi._key_mode import key_mode
from scaleapi.exceptions import ScaleProfileError
from scaleapi.profiles.credentials_file import (
    change_text,
    credentials_path,
    read_text,
)
from scaleapi.profiles.document import Document, normalized
from scaleapi.profiles.key_command import output_of
from scaleapi.profiles.profile import Profile, problem_of_key, problem_of_options

__all__ = [
    "Profile",
    "credentials_path",
    "profile_name",
    "profile_names",
    "read_profile",
    "remove_profile",
    "write_profile",
]

F = TypeVar("F", bound=Callable[..., Any])

_VARIABLE = "SCALE_PROFILE"


def _without_frames(function: F) -> F:
    """Have the errors of a function begin at its caller.

    Tools that report errors show the local variables of each frame, and those of the
    frames below hold the text of the file.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (ScaleProfileError, KeyboardInterrupt) as error:
            error.__context__ = None
            problem = error.with_traceback(None)
        finally:
            del args, kwargs
        raise problem

    return cast(F, call)


def profile_name(name: Optional[str] = None) -> str:
    """Return the name of the profile that is meant.

    Args:
        name: The name. If None, it is that of the environment variable
            ``SCALE_PROFILE``, or else ``default``.

    Raises:
        ScaleProfileError: `name`, or the variable, cannot be the name of a profile.
    """
    origin = "" if name is not None else f"{_VARIABLE}: "
    if name is None:
        name = os.environ.get(_VARIABLE) or "default"
    if not isinstance(name, str):
        kind = type(name).__name__
        raise ScaleProfileError(f"the name of a profile must be a str; got {kind}")
    normal = normalized(name)
    if normal and normal.isprintable() and not {"[", "]"} & {*normal}:
        return normal
    raise ScaleProfileError(
        f"{origin}the name of a profile must have at least one character, none of "
        f"them a bracket, a line break or a control character; got {_shown(name)}"
    )


def _shown(name: str) -> str:
    """Return the name of a profile for an error. Some people pass the key."""
    return f"{name[:5] + '...'!r}" if key_mode(name) else repr(name)


@_without_frames
def profile_names() -> List[str]:
    """Return the names of all profiles, in the order of the file.

    No key command is run.

    Raises:
        ScaleProfileError: The credentials file cannot be read, is not an INI file, or
            someone else can have written it.
    """
    path = credentials_path()
    return list(Document(read_text(path) or "", path).sections)


@_without_frames
def read_profile(name: Optional[str] = None, *, run_command: bool = True) -> Profile:
    """Return a profile of the credentials file.

    Args:
        name: Its name, as in `profile_name`.
        run_command: Whether a ``key_command`` is run. Otherwise, the ``api_key`` of
            such a profile is empty.

    Raises:
        ScaleProfileError: There is no such profile, its section is wrong, its
            ``key_command`` fails, the credentials file cannot be read or is not an INI
            file, or someone else can have written it.
    """
    origin = f" ({_VARIABLE})" if name is None and os.environ.get(_VARIABLE) else ""
    name = profile_name(name)
    path = credentials_path()
    text = read_text(path)
    if text is None:
        raise ScaleProfileError(
            f"{path}: there is no such file, and so no profile {_shown(name)}{origin}; "
            "`scaleapi auth login` writes it"
        )
    options = _options(Document(text, path), name, path, origin)
    del text  # holds other keys, too
    where = f"{path}, [{name}]"
    problem = problem_of_options(options)
    if problem:
        raise ScaleProfileError(f"{where}: {problem}")
    command = options.get("key_command")
    key = options.get("api_key", "")
    if command and run_command:
        where = f"{where}: key_command"
        key = output_of(command, os.path.dirname(path), where)
        problem = problem_of_key(key)
        if problem:
            raise ScaleProfileError(f"{where}: its output {problem}")
    return Profile(
        name, key, options.get("url"), options.get("callback_key"), command, path
    )


@_without_frames
def write_profile(
    name: str,
    *,
    api_key: Optional[str] = None,
    key_command: Optional[str] = None,
    url: Optional[str] = None,
    callback_key: Optional[str] = None,
) -> None:
    """Write a profile to the credentials file, instead of one of that name if any.

    Only you can read the file then. Other profiles and the comments stay. Processes
    that write at the same time wait for each other.

    Args:
        name: Name of the profile.
        api_key: The API key. Give either it or `key_command`.
        key_command: A command that prints the API key, such as a call of a password
            manager, quoted as in a POSIX shell. It is run without a shell.
        url: Base address of the API. Default: none, which means that of the client.
        callback_key: The key that callbacks of Scale have. Default: none.

    Raises:
        ScaleProfileError: An argument is wrong, the credentials file cannot be read or
            written or is not an INI file, or someone else can write it.
    """
    name = profile_name(name)
    given = {
        "api_key": api_key,
        "key_command": key_command,
        "url": url,
        "callback_key": callback_key,
    }
    path = credentials_path()
    options = {}
    for option, value in given.items():
        if not isinstance(value, (str, type(None))):
            raise ScaleProfileError(f"{option} must be a str")
        if value is not None:
            options[option] = value.strip()
    problem = problem_of_options(options)
    if problem:
        raise ScaleProfileError(f"{path}, [{name}], not written: {problem}")
    change_text(
        path, lambda text: Document(text or "", path).with_section(name, options)
    )


@_without_frames
def remove_profile(name: str) -> None:
    """Remove a profile from the credentials file, with the comments in it.

    Args:
        name: Name of the profile.

    Raises:
        ScaleProfileError: There is no such profile, or the credentials file cannot be
            read or written, is not an INI file, or someone else can write it.
    """
    name = profile_name(name)
    path = credentials_path()

    def change(text: Optional[str]) -> str:
        document = Document(text or "", path)
        _options(document, name, path)
        return document.without_section(name)

    change_text(path, change)


def _options(
    document: Document, name: str, path: str, origin: str = ""
) -> Dict[str, str]:
    """Return the options of a section.

    Args:
        document: The credentials file.
        name: Name of the section.
        path: Path of the file, for the error.
        origin: Where the name comes from, for the error.

    Raises:
        ScaleProfileError: The file has no section `name`.
    """
    section = document.sections.get(name)
    if section is not None:
        return {key: option.value for key, option in section.options.items()}
    names = ", ".join(map(_shown, list(document.sections)[:10])) or "no profile"
    raise ScaleProfileError(
        f"{path}: has no profile {_shown(name)}{origin}; it has {names}"
    )
