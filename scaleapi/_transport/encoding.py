"""Encoding of a body as JSON, with errors that say where a wrong value stands."""

from __future__ import annotations

import json
from collections.abc import Set
from enum import Enum
from typing import Any, Dict, Iterable, Tuple, Type

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

#: Deeper than any document, and less deep than Python can recurse.
_MAX_DEPTH = 200

_to_json = json.JSONEncoder(allow_nan=False).encode


def encode(body: Any, of: str, path: str = "") -> Tuple[Any, bytes]:
    """Return a body with lists instead of sets, and its JSON.

    Args:
        body: The body.
        of: Name of the whole that the body belongs to, for the error.
        path: Place of the body in that whole, for the error.

    Raises:
        ScaleTypeError: `body` contains a value or a key that JSON does not have.
        ScaleValueError: `body` contains NaN, infinity or itself, or is nested too
            deeply.
    """
    try:
        return body, _to_json(body).encode()
    except (TypeError, ValueError, RecursionError) as error:
        failure = error
    try:
        body = _Walk(of).plain(body, path)
        return body, _to_json(body).encode()
    except ScaleException:
        raise
    except (TypeError, ValueError, RecursionError):
        raise _error(of, path, str(failure), type(failure)) from None


def with_lists(body: Any, of: str) -> Any:
    """Return a copy of a body with lists instead of sets, as `encode` sends it.

    Raises:
        ScaleTypeError: `body` contains a value or a key that JSON does not have.
        ScaleValueError: `body` contains NaN, infinity or itself, or is nested too
            deeply.
    """
    return _Walk(of).plain(body, "")


def check_text(name: str, text: str) -> None:
    """Check that a text can be sent in UTF-8.

    Raises:
        ScaleValueError: `text` contains a lone surrogate, which is half a character.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ScaleValueError(
            f"{name} cannot be sent: {_shortened(ascii(text))} holds a lone surrogate, "
            f"as from a file name that is not UTF-8"
        ) from None


def from_bytes(content: bytes) -> str:
    """Return UTF-8 bytes as text.

    Raises:
        ScaleValueError: `content` is not UTF-8.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ScaleValueError(
            f"{_shortened(repr(content))} is not UTF-8 ({error.reason} at byte "
            f"{error.start}): pass a str"
        ) from None


def check_query(params: Any) -> None:
    """Check that all texts of a query can be sent.

    Raises:
        ScaleValueError: A text in `params` contains a lone surrogate.
    """
    if isinstance(params, dict):
        for name, value in params.items():
            for each in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(each, str):
                    check_text(name, each)


class _Walk:
    """Walks through a body, and raises at the first value that JSON does not have."""

    def __init__(self, of: str) -> None:
        self._of = of
        #: id() of each container around the present value -> path of the container.
        self._around: Dict[int, str] = {}

    def plain(self, value: Any, path: str) -> Any:
        """Return a value with lists instead of sets."""
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, (int, float)):
            self._check_number(value, path)
            return value
        if not isinstance(value, (dict, list, tuple, Set)):
            raise _error(self._of, path, f"{_described(value)}; {_instead(value)}")
        self._check_depth(value, path)
        self._around[id(value)] = path
        try:
            if isinstance(value, dict):
                return {
                    key: self.plain(each, path + self._step(key, path))
                    for key, each in value.items()
                }
            return [
                self.plain(each, f"{path}[{n}]")
                for n, each in enumerate(in_order(value))
            ]
        finally:
            del self._around[id(value)]

    def _check_number(self, value: float, path: str) -> None:
        try:
            json.dumps(value, allow_nan=False)
        except ValueError as error:
            problem = str(error)
            if isinstance(value, float):
                problem = f"{value} is not in JSON; leave it out, or pass None"
            raise _error(self._of, path, problem, ValueError) from None

    def _check_depth(self, value: Any, path: str) -> None:
        outer = self._around.get(id(value))
        if outer is not None:
            outer = outer.lstrip(".") or "the whole body"
            problem = f"the same object as {outer}, so that it contains itself"
            raise _error(self._of, path, problem, ValueError)
        if len(self._around) > _MAX_DEPTH:
            problem = f"nested more than {_MAX_DEPTH} levels deep"
            raise _error(self._of, f"{path[:60]}...", problem, ValueError)

    def _step(self, key: Any, path: str) -> str:
        """Return what to append to a path for a key."""
        if key is not None and not isinstance(key, (str, int, float)):
            instead = {bytes: "key.decode()"}.get(type(key), "str(key)")
            if isinstance(key, Enum):
                instead = "key.value"
            problem = f"the key {_described(key)} is not a str; pass {instead}"
            raise _error(self._of, path, problem)
        if isinstance(key, str) and key.isidentifier():
            return f".{key}"
        return f"[{_shortened(repr(key))}]"


def in_order(elements: Iterable[Any]) -> Iterable[Any]:
    """Return elements in the same order on each run: those of a set are sorted."""
    if not isinstance(elements, (set, frozenset)):
        return elements
    try:
        return sorted(elements)
    except TypeError:
        return sorted(elements, key=repr)


def _error(
    of: str, path: str, problem: str, kind: Type[BaseException] = TypeError
) -> ScaleException:
    error = ScaleTypeError if issubclass(kind, TypeError) else ScaleValueError
    place = f"body{path}" if path.startswith("[") else path.lstrip(".")
    return error(f"{of} cannot be JSON: {place}{place and ': '}{problem}")


def _described(value: Any) -> str:
    """Return a value with its type, shortened."""
    kind = type(value)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    try:
        text = repr(value)
    except Exception:
        text = ""  # the class may be the user's, with a broken __repr__
    return f"{module}{kind.__qualname__} {_shortened(' '.join(text.split()))}".rstrip()


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."


#: What to pass in place of an object of a class; the first match counts. Classes are
#: identified by name, so that their packages need not be imported.
_BY_CLASS: Dict[str, str] = {
    "pandas.NaTType": "None, or leave it out",
    "pandas.NAType": "None, or leave it out",
    "builtins.type": "an object of this class",
    "builtins.bytes": "value.decode(), or base64.b64encode(value).decode()",
    "builtins.bytearray": "value.decode(), or base64.b64encode(value).decode()",
    "builtins.memoryview": "base64.b64encode(value).decode()",
    "enum.Enum": "value.value",
    "datetime.date": "value.isoformat()",
    "datetime.time": "value.isoformat()",
    "datetime.timedelta": "value.total_seconds()",
    "decimal.Decimal": "float(value), or str(value)",
    "fractions.Fraction": "float(value)",
    "uuid.UUID": "str(value)",
    "pathlib.PurePath": "str(value)",
    "numpy.datetime64": "str(value)",
    "numpy.timedelta64": "str(value)",
    "numpy.generic": "value.item()",
    "pandas.DataFrame": 'value.to_dict("records")',
    "scaleapi.Record": "value.to_dict()",
    "scaleapi.ScaleObject": "its id or name, or value.as_dict()",
}
#: What to pass in place of an object with an attribute; the first match counts.
_BY_ATTRIBUTE = {
    "__dataclass_fields__": "dataclasses.asdict(value)",
    "model_dump": 'value.model_dump(mode="json")',
    "tolist": "value.tolist()",
    "read": "upload_file(value).attachment_url",
    "keys": "dict(value)",
    "__iter__": "list(value)",
}


def _instead(value: Any) -> str:
    """Return what to pass in place of a value that JSON does not have."""
    names = {
        f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
        for kind in type(value).__mro__
    }
    for name, instead in _BY_CLASS.items():
        if name in names:
            return f"pass {instead}"
    for attribute, instead in _BY_ATTRIBUTE.items():
        if hasattr(type(value), attribute):
            return f"pass {instead}"
    if callable(value):
        return "pass what it returns"
    return "pass a dict, list, str, int, float, bool or None"
