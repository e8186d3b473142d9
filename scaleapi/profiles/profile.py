"""`Profile`: a named key, with what belongs to it; and the check of its section."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Callable, Dict, Mapping, Optional

from scaleapi._key_mode import key_mode
from scaleapi.profiles.key_command import problem_of_command

#: Characters that cannot stand in a line of a text.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
#: The characters that a header can have.
_LATIN = re.compile(r"[\x00-\xff]*$")


@dataclass(frozen=True)
class Profile:
    """A profile of the credentials file. Its ``repr`` does not show the keys.

    Attributes:
        name: Name of the profile.
        api_key: The API key. It is empty if the profile has a `key_command` that was
            not run.
        url: Base address of the API; None for the default.
        callback_key: The key that callbacks of Scale have; None if it is not set.
        key_command: The command that prints the API key; None if the file has the key.
        path: Path of the credentials file.
    """

    name: str
    api_key: str
    url: Optional[str] = None
    callback_key: Optional[str] = None
    key_command: Optional[str] = None
    path: str = ""

    @property
    def mode(self) -> Optional[str]:
        """``"test"``, ``"live"``, or None if the form of the key says neither."""
        return key_mode(self.api_key)

    def __repr__(self) -> str:
        return f"Profile({self.name!r}, mode={self.mode!r}, url={self.url!r})"


def problem_of_options(options: Mapping[str, str]) -> Optional[str]:
    """Return what is wrong with the options of a section; None if all is right.

    The text has no value in it, nor a name that is not known: either may be a key.

    Args:
        options: Name of each option, in lower case -> its value.
    """
    for name in options:
        if name not in _CHECKS:
            near = difflib.get_close_matches(name, _CHECKS, 1)
            meant = f" (do you mean {near[0]}?)" if near else ""
            known = ", ".join(_CHECKS)
            return f"has an option that is not known{meant}; known are {known}"
    if ("api_key" in options) == ("key_command" in options):
        both = "both" if "api_key" in options else "neither"
        return f"has {both} of api_key and key_command; it needs one of them"
    for name, value in options.items():
        problem = _CHECKS[name](value)
        if _UNWRITABLE.search(value):
            problem = "has a line break or another control character in it"
        if problem:
            return f"{name} {problem}"
    return None


def problem_of_key(key: str) -> Optional[str]:
    """Return why a text cannot be a key; None if it can."""
    problem = _problem_of_word(key)
    if problem is None and not _LATIN.match(key):
        return "may have Latin letters only"
    return problem


def _problem_of_url(url: str) -> Optional[str]:
    problem = _problem_of_word(url)
    if problem is None and not re.match("https?://.", url, re.IGNORECASE):
        return "must begin with https:// or http://"
    if problem is None and "@" in url.partition("//")[2].partition("/")[0]:
        return "must not have a user name or a password in it"
    return problem


def _problem_of_word(value: str) -> Optional[str]:
    if not value:
        return "is empty"
    if value[0] in "\"'" and value[-1] == value[0]:
        return "is in quotes; leave them out"
    if re.search(r"[\s\x7f-\x9f]", value):
        return "has a space in it; a comment needs a line of its own"
    return None


#: Each option that a section may have -> its check.
_CHECKS: Dict[str, Callable[[str], Optional[str]]] = {
    "api_key": problem_of_key,
    "key_command": problem_of_command,
    "url": _problem_of_url,
    "callback_key": problem_of_key,
}
