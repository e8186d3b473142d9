"""Checks of the options that a client is made with, before anything is sent."""

from __future__ import annotations

import logging
import os
import re
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from scaleapi._key_mode import key_mode
from scaleapi._transport.loopback import is_loopback
from scaleapi._transport.redact import masked_address
from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

logger = logging.getLogger("scaleapi")

#: Variable with the base address of clients that are given none.
_ADDRESS_VARIABLE = "SCALE_API_URL"
_LOOPBACK = re.compile(r"(localhost|127\.[\d.]+|0\.0\.0\.0)(:\d+)?(/|$)", re.I)
_MISTYPED_SCHEME = re.compile(r"^(?:[\w+-]*:?//+|https?:/?|\W+)", re.I)
#: Answers of servers to an unknown path, as opposed to an unknown object.
_NO_SUCH_ROUTE = re.compile(
    r"\broute|cannot (get|post|put|delete)|<html|<!doctype|^not found$|with 404$",
    re.I,
)


def checked_number(name: str, number: Any, least: int) -> int:
    """Return a number after checking that it is an int and not too small.

    Raises:
        ValueError: `number` is not an int, or is below `least`.
    """
    if isinstance(number, int) and number >= least:
        return number
    raise ValueError(f"{name} must be a whole number, {least} or more; got {number!r}")


def checked_source(source: Optional[str], user_agent: str) -> str:
    """Return a User-Agent header after checking that it can be sent.

    Raises:
        ValueError: `source` contains characters that a header cannot have.
    """
    if fits_header(user_agent):
        return user_agent
    raise ValueError(
        f"source becomes part of a header, so it must be one line of Latin letters; "
        f"got {source!r}"
    )


def fits_header(text: str) -> bool:
    """Return whether a text can be the value of a header."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return "\r" not in text and "\n" not in text


def checked_key(api_key: Any) -> str:
    """Return the API key, which defaults to the environment's ``SCALE_API_KEY``.

    Raises:
        ScaleException: No API key was given, or `api_key` is malformed.
    """
    if api_key is None:
        api_key = os.environ.get("SCALE_API_KEY")
    if isinstance(api_key, bytes):
        api_key = api_key.decode("latin-1")
    if isinstance(api_key, str):
        # A key that was read from a file often ends with a newline.
        api_key = api_key.strip()
    problem = _problem_of_key(api_key)
    if problem is None:
        return str(api_key)
    # A traceback that shows local variables must not show the key.
    del api_key
    raise ScaleException(f"Please provide a valid API Key.{problem}")


def _problem_of_key(api_key: Any) -> Optional[str]:
    if not api_key:
        return (
            " Pass api_key, or set SCALE_API_KEY; to try without a key, start a "
            'sandbox (pip install "scaleapi[sandbox]"; python -m scaleapi.sandbox) and '
            "pass the address and the key that it prints."
        )
    if not isinstance(api_key, str):
        return f" It must be a str, not {type(api_key).__name__}."
    if not fits_header(api_key):
        return " It may have Latin letters only, on one line."
    return None


def base_address(api_instance_url: Any, default: str, api_key: str) -> str:
    """Return the base address of the API, without a slash at its end.

    Args:
        api_instance_url: The option of this name; if empty, the environment's
            ``SCALE_API_URL`` counts.
        default: The address to use if neither is set.
        api_key: The key that will be sent there.

    Raises:
        ScaleTypeError: `api_instance_url` is not a str.
        ScaleValueError: `api_instance_url`, or ``SCALE_API_URL``, is not an address
            that requests can be sent to, or ``SCALE_API_URL`` would show a live key
            to the network.
    """
    try:
        if api_instance_url:
            return checked_address("api_instance_url", api_instance_url, default)
        mode = key_mode(api_key)
    finally:
        # A traceback that shows local variables must not show a secret.
        del api_instance_url, api_key
    address = os.environ.get(_ADDRESS_VARIABLE, "").strip()
    if not address:
        return default
    address = checked_address(_ADDRESS_VARIABLE, address, default)
    shown = masked_address(address)
    problem = problem_of_sending(mode, address)
    if problem:
        del address  # it may hold a password
        raise ScaleValueError(f"{_ADDRESS_VARIABLE} is {shown!r}: {problem}")
    logger.warning("%s is set: requests go to %s", _ADDRESS_VARIABLE, shown)
    return address


def problem_of_sending(mode: Optional[str], address: str) -> Optional[str]:
    """Return why a key must not be sent to an address; None if it may.

    Args:
        mode: Mode of the key.
        address: The base address, which nobody has passed as ``api_instance_url``.
    """
    encrypted = not address.lower().startswith("http:")
    if mode == "test" or encrypted or is_loopback(address):
        return None
    return (
        "a key that is not a test key would be sent there unencrypted; use https, an "
        "address of this machine or a key that begins with test_, or pass the address "
        "as api_instance_url if you mean it"
    )


def problem_of_environment(mode: Optional[str], default: str) -> Optional[str]:
    """Return why the key of a profile must not be sent to the environment's address.

    Where key and address come from different places, one of them may be the work of
    somebody who wants to have the key.

    Args:
        mode: Mode of the key.
        default: The address that counts if the environment has none.
    """
    address = os.environ.get(_ADDRESS_VARIABLE, "").strip()
    known = address.rstrip("/") in ("", default)
    if mode == "test" or known or is_loopback(address):
        return None
    shown = masked_address(address)
    return (
        f"is not set, but {_ADDRESS_VARIABLE} is {shown!r}, and a key of a profile "
        "that is not a test key is not sent to another machine because of a variable; "
        "set url, or unset the variable"
    )


def checked_address(name: str, address: Any, default: str) -> str:
    """Return a base address after checking it, without a slash at its end.

    Args:
        name: The option or the variable that holds the address.
        address: The address.
        default: An example of an address.

    Raises:
        ScaleTypeError: `address` is not a str.
        ScaleValueError: `address` is not an address that requests can be sent to.
    """
    if isinstance(address, bytes):
        address = address.decode("latin-1")
    if not isinstance(address, str):
        raise ScaleTypeError(
            f"{name} must be a str, such as {default!r}; got {type(address).__name__}"
        )
    # An address that was read from a file often ends with a newline.
    address = address.strip()
    problem = problem_of_address(address)
    if problem is None:
        return str(address.rstrip("/"))
    shown = masked_address(address)
    # A traceback that shows local variables must not show a password.
    del address
    raise ScaleValueError(f"{name} {problem}; got {shown!r}")


def problem_of_address(address: str) -> Optional[str]:
    """Return why requests cannot be sent to a base address; None if they can.

    The text is a predicate, to follow the name of the option.
    """
    if re.search(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]", address):
        return "must not have spaces or control characters in it"
    if not re.match("https?://", address, re.I):
        return _problem_of_scheme(address)
    if "://" in address.partition("://")[2]:
        return "must have one scheme, http:// or https://"
    if "?" in address or "#" in address:
        return "must end with the path, /v1 as a rule, without a ? or # in it"
    if not _has_host(address):
        return (
            "must name a host, with a number as its port if any, and an IPv6 address "
            "in brackets, such as http://[::1]:8080/v1"
        )
    return None


def _problem_of_scheme(address: str) -> str:
    problem = "must begin with https:// or http://"
    bare = _MISTYPED_SCHEME.sub("", address.strip("'\"<>"))
    host = bare.rpartition("@")[2]
    if not re.match(r"[\w-]+[.:]|localhost", host):
        return problem
    scheme = "http" if _LOOPBACK.match(host) else "https"
    return f"{problem}: write {masked_address(f'{scheme}://{bare}')!r}"


def hint_for_address(address: str, endpoint: str, text: str) -> str:
    """Return what to add to an error if a wrong address may be the reason.

    Args:
        address: The base address.
        endpoint: The path that was appended to it.
        text: The message of the error.
    """
    if not _NO_SUCH_ROUTE.search(text):
        return ""
    if endpoint.startswith(("/", "v1/")):
        right = re.sub("^/*(v1/+)?", "", endpoint)
        return f" (an endpoint begins without a slash and without v1: {right!r})"
    if "/v1/" in f"{address}/":
        return ""
    return (
        f" (api_instance_url has no /v1 at its end: should it be "
        f"{masked_address(address) + '/v1'!r}?)"
    )


def checked_proxies(proxies: Any) -> Any:
    """Return proxies after checking them.

    Raises:
        ScaleTypeError: `proxies` is not a dict of addresses.
        ScaleValueError: An address in `proxies` has no host, or a port that is not a
            number.
    """
    problem = _problem_of_proxies(proxies)
    if problem is None:
        return proxies
    # A traceback that shows local variables must not show a password.
    del proxies
    raise problem


def _problem_of_proxies(proxies: Any) -> Optional[ScaleException]:
    if proxies is None:
        return None
    if not isinstance(proxies, Mapping):
        return ScaleTypeError(
            f"proxies must be a dict of addresses, such as "
            f'{{"https": "http://proxy:3128"}}; got {type(proxies).__name__}'
        )
    for scheme, address in proxies.items():
        if not address or scheme == "no_proxy":  # the latter lists hosts
            continue
        if not isinstance(address, str):
            kind = type(address).__name__
            return ScaleTypeError(f"proxies: {scheme!r} must be a str; got {kind}")
        if not _has_host(address if "://" in address else f"http://{address}"):
            return ScaleValueError(
                f"proxies: {scheme!r} must be an address such as http://proxy:3128 (a "
                f"password with / ? # @ in it has %2F %3F %23 %40 instead); got "
                f"{masked_address(address)!r}"
            )
    return None


def _has_host(address: str) -> bool:
    """Return whether an address has a host, and a numeric port if it has one."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    # With a backslash in it, urllib3 would connect to another host.
    return bool(parts.hostname) and "\\" not in parts.netloc


def checked_timeout(timeout: Any) -> Tuple[Optional[float], Optional[float]]:
    """Return a time-out as a pair: connect time-out, read time-out.

    Raises:
        ValueError: `timeout` is neither a positive number nor a pair of them.
    """
    pair = timeout if isinstance(timeout, (tuple, list)) else (timeout, timeout)
    if len(pair) == 2 and all(
        seconds is None
        or (isinstance(seconds, (int, float)) and 0 < seconds < float("inf"))
        for seconds in pair
    ):
        return pair[0], pair[1]
    raise ValueError(
        f"timeout must be seconds, more than 0, or a pair of them (connect, read); "
        f"None waits for ever; got {timeout!r}"
    )
