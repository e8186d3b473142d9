"""Results of tasks: in the response itself, or in a file whose address it has."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from scaleapi._transport.anonymous import FileSession
from scaleapi._transport.decoding import loads
from scaleapi._transport.file_address import Address, address_in
from scaleapi.annotations.forms import result_of
from scaleapi.exceptions import ScaleException

#: Fetches a task, and returns its document.
Refresh = Callable[[], Dict[str, Any]]


#: Maximum size of a result, which is decoded in memory.
MAX_BYTES = 1_000_000_000


def load_result(
    session: FileSession,
    document: Mapping[str, Any],
    key: str,
    refresh: Refresh,
    max_bytes: int = MAX_BYTES,
) -> Any:
    """Return a result; see `TaskCalls.load_result`.

    Args:
        session: Fetches the file.
        document: The task.
        key: The key of the response.
        refresh: Fetches the task again.
        max_bytes: Maximum size of the file.
    """
    value = _value(document, key)
    address = _address_in(value)
    if address is None:
        return value
    content = fetch_renewed(
        session,
        address,
        lambda: _address_in(_value(refresh(), key)),
        from_response=True,
        max_bytes=max_bytes,
    )
    # api-notes: result-files
    try:
        return loads(content.rstrip(b"\0"))
    except (ValueError, RecursionError):
        pass
    raise ScaleException(
        f"the result {key!r} of task {document.get('task_id')} at {address} is not "
        f"JSON; client.download_files saves files of every kind"
    )


def load_results(
    session: FileSession,
    document: Mapping[str, Any],
    keys: Iterable[str],
    refresh: Refresh,
) -> Dict[str, Any]:
    """Return several results; the task is fetched again at most once for all of them.

    Args:
        session: Fetches the files.
        document: The task.
        keys: The keys of the response.
        refresh: Fetches the task again.
    """
    latest: Optional[Mapping[str, Any]] = None

    def refresh_once() -> Any:
        nonlocal latest
        latest = latest or refresh()
        return latest

    return {
        key: load_result(session, latest or document, key, refresh_once) for key in keys
    }


def fetch_renewed(
    session: FileSession,
    address: Address,
    renew: Callable[[], Optional[Address]],
    *,
    from_response: bool,
    max_bytes: Optional[int] = None,
) -> bytes:
    """Return a file; an address that has expired is renewed once.

    Args:
        session: Fetches the file.
        address: Where it was when the task was fetched.
        renew: Returns where it is now; None if it is nowhere.
        from_response: As in `FileSession.open`.
        max_bytes: As in `FileSession.read`.
    """
    expired: Optional[ScaleException] = None
    if not address.has_expired(time.time()):
        try:
            return session.read(
                address, from_response=from_response, max_bytes=max_bytes
            )
        except ScaleException as error:
            if error.code != 403:
                raise
            expired = error
    renewed = renew()
    if renewed is None:
        raise expired or ScaleException(f"the task has no file at {address} any more")
    return session.read(renewed, from_response=from_response, max_bytes=max_bytes)


def _value(document: Mapping[str, Any], key: str) -> Any:
    response = document.get("response")
    if isinstance(response, dict) and key in response:
        return response[key]
    value = result_of(response, key) if isinstance(response, dict) else None
    if value is not None:
        return value
    if isinstance(response, dict):
        has = f"its response has {_listed(tuple(response))}"
    else:
        has = f"it has no response, and its status is {document.get('status')!r}"
    raise ScaleException(f"task {document.get('task_id')} has no result {key!r}: {has}")


def _listed(keys: Tuple[Any, ...]) -> str:
    shown = ", ".join(repr(key) for key in keys[:10])
    return (shown + (", ..." if len(keys) > 10 else "")) or "no keys"


def _address_in(value: Any) -> Optional[Address]:
    """Return the address that stands in the place of a result."""
    # api-notes: result-files
    return address_in(value.get("url") if isinstance(value, dict) else value)
