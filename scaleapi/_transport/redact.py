"""Masking of secrets in text and exceptions, and hiding of frames in tracebacks.

All text that leaves the package passes through a `Redactor`: messages of errors,
headers and bodies that errors keep, log lines, reprs, and the texts of errors of
requests and urllib3 that become the ``__cause__`` of ours.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from html import escape
from types import TracebackType
from typing import Any, Iterable, Iterator, List, Optional, Pattern, Set, Tuple
from urllib.parse import unquote
from urllib.request import getproxies

#: Modules whose frames contain headers, and therefore the key.
_HIDDEN = ("requests", "urllib3", "urllib", "http", "ssl", "socket", "socks")
_HIDDEN_PREFIX = "scaleapi._"
_TEXTS_OF_ERRORS = ("strerror", "filename", "object", "__notes__")

#: Number of characters of an answer that are scanned for secrets. An error keeps fewer
#: of them, because secrets are masked before the text is shortened.
_MAX_SCANNED_CHARS = 8000

#: A shorter secret may be part of an ordinary word, so it is masked only in the
#: places of an address or a header where a secret stands.
_MIN_SECRET_CHARS = 4

#: The scheme of an address, even if it is mistyped.
_SCHEME = re.compile(r"[\w+.-]*:?/+")
#: User name and password of an address.
_USERINFO = re.compile(r"(?<=://)[^/\s@?#\"'<>]*@")


class Redactor:
    """Masks the secrets of one client in texts.

    The secrets are the API key and the passwords in addresses, which are the address of
    the API and those of proxies. Each is masked in plain text, in base64 (as in
    headers), percent-encoded, and with the escapes of JSON, HTML and Python.
    """

    def __init__(self) -> None:
        self._secrets: Optional[Tuple[Tuple[str, ...], Tuple[str, ...]]] = None
        self._key: Optional[Pattern[str]] = None
        self._password: Optional[Pattern[str]] = None
        self._margin = 1

    def watch(self, session: Any, address: str, proxies: Any) -> Redactor:
        """Update the secrets, which users may change at any time; return `self`.

        Args:
            session: Has the key, and may have proxies of its own.
            address: The base address of the API.
            proxies: Scheme -> address of the proxy; may be None.
        """
        maps = [proxies or {}, session.proxies or {}]
        if session.trust_env:
            maps.append(getproxies())
        addresses = [address, *(each for proxies in maps for each in proxies.values())]
        secrets = (
            tuple(_keys(session.auth)),
            tuple(each for each in addresses if isinstance(each, str)),
        )
        if secrets != self._secrets:
            self._key = _either(p for key in secrets[0] for p in _key_patterns(key))
            self._password = _either(
                p for address in secrets[1] for p in _password_patterns(address)
            )
            longest = max(map(len, secrets[0] + secrets[1]), default=0)
            # Longest form: in base64, each character as an escape such as \u006c.
            self._margin = 8 * longest + 16
            self._secrets = secrets
        return self

    def __call__(self, text: str) -> str:
        """Return a text with the secrets masked."""
        if self._key:
            text = self._key.sub("[key]", text)
        if self._password:
            text = self._password.sub("[password]", text)
        return _USERINFO.sub("[password]@", text)

    def beginning(self, text: str) -> str:
        """Return the beginning of a long text with the secrets masked."""
        masked = self(text[: self.max_scanned_chars])
        if len(text) <= self.max_scanned_chars:
            return masked
        # The end may contain a part of a secret that was cut off.
        return masked[: -self._margin]

    @property
    def max_scanned_chars(self) -> int:
        """Number of characters of a text that `beginning` scans."""
        return _MAX_SCANNED_CHARS + self._margin

    def clean(self, error: BaseException, outer: Optional[BaseException]) -> None:
        """Mask the secrets in an error and in its causes, in place.

        Frames whose local variables contain the key are removed from the tracebacks.

        Args:
            error: The error.
            outer: The exception that the caller was handling when it made the
                request. It is left unchanged.
        """
        for each in chain(error, outer):
            each.__traceback__ = _without_hidden(each.__traceback__)
            # Some built-in exceptions keep texts outside of their __dict__.
            for name in ("args", *getattr(each, "__dict__", ()), *_TEXTS_OF_ERRORS):
                with suppress(Exception):  # a user's class may raise anything
                    value = getattr(each, name, None)
                    masked = self._masked(value)
                    if masked is not value:
                        setattr(each, name, masked)

    def _masked(self, value: Any) -> Any:
        """Return a value with secrets masked; the same object if it has no secrets."""
        if isinstance(value, str):
            masked: Any = self(value)
        elif isinstance(value, bytes):
            masked = self(value.decode("latin-1")).encode("latin-1")
        elif type(value) in (tuple, list):
            masked = type(value)(map(self._masked, value))
            unchanged = all(new is old for new, old in zip(masked, value))
            return value if unchanged else masked
        else:
            return value
        return value if masked == value else masked


def masked_address(address: str) -> str:
    """Return an address with user name and password masked, even if mistyped."""
    scheme, userinfo, host = _split(address)
    return f"{scheme}[password]@{host}" if userinfo else address


def _split(address: str) -> Tuple[str, str, str]:
    """Return scheme, user name with password, and the rest of an address."""
    scheme = _SCHEME.match(address)
    start = scheme.end() if scheme else 0
    userinfo, _, host = address[start:].rpartition("@")
    return address[:start], userinfo, host


def chain(
    error: Optional[BaseException], outer: Optional[BaseException]
) -> Iterator[BaseException]:
    """Yield an error and its causes, including those among its arguments.

    Args:
        error: The error.
        outer: The exception that the caller was handling; it and its causes are
            left out.
    """
    seen: Set[int] = set()
    if outer is not None:
        seen = {id(other) for other in chain(outer, None)}
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        waiting += [getattr(current, "reason", None), *current.args]


def _without_hidden(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    frames = []
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in _HIDDEN and not name.startswith(
            _HIDDEN_PREFIX
        ):
            frames.append(trace)
        trace = trace.tb_next
    shown: Optional[TracebackType] = None
    for each in reversed(frames):
        shown = TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return shown


def _keys(auth: Any) -> List[str]:
    """Return the secrets in the authentication of a session."""
    names = ("username", "password")
    texts = auth if isinstance(auth, tuple) else [getattr(auth, n, "") for n in names]
    return [text for text in texts if isinstance(text, str)]


def _key_patterns(key: str) -> List[str]:
    if len(key) >= _MIN_SECRET_CHARS:
        return [_pattern(key), *_base64_patterns(key)]
    if not key:
        return []
    basic = _base64(f"{key}:".encode("latin-1", "replace"), 0)
    return [_pattern(basic), rf"(?i:(?<=bearer )){_pattern(key)}(?!\w)"]


def _password_patterns(address: str) -> List[str]:
    patterns = []
    userinfo = _split(address)[1]
    for each in dict.fromkeys([userinfo, unquote(userinfo)]):
        user, colon, password = each.partition(":")
        # Without a colon, the user name is the secret: a token.
        secret = password if colon else user
        if len(secret) >= _MIN_SECRET_CHARS:
            patterns.append(_pattern(secret))
        elif secret:
            patterns.append(rf"(?<!\w){_pattern(secret)}(?=@)")
        if secret:
            patterns += _base64_patterns(each)
            patterns += map(_pattern, _parts(each, len(each) - len(secret)))
    return patterns


def _parts(userinfo: str, start: int) -> Iterator[str]:
    """Yield the parts of a password that appear if an address is split wrongly.

    Messages of libraries contain them if a password has one of ``/?#@:\\`` in it.

    Args:
        userinfo: User name and password.
        start: Index at which the password begins.
    """
    cuts = [n for n in range(start, len(userinfo)) if userinfo[n] in "/?#@:\\"]
    if not cuts:
        return
    parts = [userinfo[:cut] for cut in cuts if cut > start]
    parts += [userinfo[cut + 1 :] for cut in cuts]
    parts += re.split(r"[/?#@:\\]", userinfo[start:])
    yield from (part for part in parts if len(part) >= _MIN_SECRET_CHARS)


def _base64_patterns(text: str) -> List[str]:
    """Return patterns for a text in base64, at any position in the encoded bytes."""
    contents = {text.encode("latin-1", "replace"), text.encode("utf-8", "replace")}
    forms = [_base64(each, skipped) for each in contents for skipped in range(3)]
    return [
        # The last characters also depend on the bytes after the text.
        f"{_pattern(form)}[A-Za-z0-9+/_-]{{0,3}}={{0,2}}"
        for form in forms
        if len(form) >= _MIN_SECRET_CHARS
    ]


def _base64(content: bytes, skipped: int) -> str:
    """Return the base64 of bytes after `skipped` other bytes (modulo 3).

    Only the characters that depend on these bytes alone are returned.
    """
    encoded = base64.b64encode(bytes(skipped) + content).decode()
    # The first characters also depend on the skipped bytes.
    first = (0, 2, 3)[skipped]
    return encoded[first : (skipped + len(content)) * 8 // 6]


def _either(patterns: Iterable[str]) -> Optional[Pattern[str]]:
    # Longest first, because one secret may be part of another.
    ordered = sorted(set(patterns), key=len, reverse=True)
    return re.compile("|".join(ordered)) if ordered else None


def _pattern(text: str) -> str:
    """Return a pattern for a text in which each character may be escaped."""
    # UTF-16 that is read as UTF-8 has a NUL between the characters.
    return "\\x00?".join(map(_character, text))


def _character(character: str) -> str:
    code = ord(character)
    quoted = "".join(
        f"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "surrogatepass")
    )
    escapes = [quoted, rf"\\+u{code:04x}", rf"&#0*{code};", f"&#x0*{code:x};"]
    if code < 256:
        escapes.append(rf"\\+x{code:02x}")
    if not character.isalnum():
        escapes.append(r"\\+" + re.escape(character))
        escapes.append(re.escape(escape(character)))
    same = {"+": "[+-]", "/": "[/_]"}.get(character, re.escape(character))
    return f"(?:{same}|(?i:{'|'.join(escapes)}))"
