"""`Record`: an object over a document of v2, which reads a field when it is used."""

from __future__ import annotations

import json
import pprint
from datetime import date, datetime
from enum import Enum
from typing import (
    Any,
    Callable,
    ClassVar,
    Dict,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_type_hints,
)

from scaleapi._transport.decoding import loads
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.v2.times import parsed_time

Self = TypeVar("Self", bound="Record")
Reader = Callable[[Any], Any]

#: What a ``repr`` shows of an object, as far as it has it. None of these is a secret.
_SHOWN = (
    "task_id",
    "id",
    "key",
    "name",
    "type",
    "status",
    "role",
    "value",
    "text",
    "error",
    "message",
    "mime_type",
)
_MAX_SHOWN_CHARS = 40


class ExpandableId(str):
    """The id of an object that was not expanded. It is a str."""

    @property
    def actual_instance(self) -> str:
        """The id as a plain str."""
        return str(self)


class UnknownValue(str):
    """A value of an enum that this version does not know. It is a str."""

    @property
    def value(self) -> str:
        """The value as a plain str."""
        return str(self)

    @property
    def name(self) -> str:
        """The same, since the value has no name yet."""
        return str(self)


class Record:
    """A document of v2, whose fields are attributes.

    A field that the document does not have reads as None. Fields that this version does
    not know are kept, and are attributes, too. Times are datetimes, values of enums are
    members, and documents within the document are objects. A field that you set is set
    in the document. Objects are equal if their documents are.

    Args:
        fields: The fields of a new document.
    """

    #: Name of an attribute -> the key of the document, where it differs.
    _wire_names: ClassVar[Mapping[str, str]] = {}
    #: The key without which an answer of the API is not such a document.
    _identity_key: ClassVar[Optional[str]] = None
    # Reading is faster with the document in a slot, and the rest in a dict.
    __slots__ = ("__dict__", "__weakref__", "_json")
    _json: Dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in vars(cls).get("__annotations__", ()):
            if name[0] != "_":
                setattr(cls, name, _unresolved(cls, name))

    def __init__(self, /, **fields: Any) -> None:
        names = self._wire_names
        document = {names.get(k, k): plain(v) for k, v in fields.items()}
        hold(self, document)

    def __getattr__(self, name: str) -> Any:
        # copy and pickle look up private names before the object has a document.
        if name[:1] != "_" and name in self._json:
            return self._json[name]
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name) or name not in self._json:
            super().__setattr__(name, value)
        else:  # a field of the document that this version does not know
            self._json[name] = plain(value)

    @property
    def actual_instance(self: Self) -> Self:
        """This object. The official client wraps some objects in others."""
        return self

    def to_dict(self) -> Dict[str, Any]:
        """Return the document: the dict that the object holds, not a copy of it."""
        return self._json

    #: The name that the objects of v1 have it under.
    as_dict = to_dict

    def to_json(self) -> str:
        """Return the document as JSON, on one line."""
        text = json.dumps(self._json, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:  # a lone surrogate, which no file takes
            return json.dumps(self._json)
        return text

    def to_str(self) -> str:
        """Return the document as text for people."""
        return pprint.pformat(self._json)

    @classmethod
    def from_dict(cls: Type[Self], document: Mapping[str, Any]) -> Self:
        """Return the object of a document.

        Args:
            document: The document. If it is a dict, the object keeps it.

        Raises:
            ScaleTypeError: `document` is not a dict.
        """
        if not isinstance(document, Mapping):
            raise ScaleTypeError(
                f"document must be a dict, as to_dict() returns it; got "
                f"{type(document).__name__}"
            )
        return cls._of(document if isinstance(document, dict) else dict(document))

    @classmethod
    def from_json(cls: Type[Self], text: Union[str, bytes]) -> Self:
        """Return the object of a document in JSON.

        Args:
            text: The JSON, as `to_json` returns it.

        Raises:
            ScaleTypeError: `text` is not a str or bytes, or not the JSON of an object.
            ScaleValueError: `text` is not JSON.
        """
        if not isinstance(text, (str, bytes)):
            raise ScaleTypeError(f"text must be a str; got {type(text).__name__}")
        try:
            if isinstance(text, str):
                text = text.encode("utf-8", "surrogatepass")
            document = loads(text)
        except (ValueError, RecursionError) as error:
            raise ScaleValueError(f"text is not JSON: {error}") from None
        return cls.from_dict(document)

    def model_dump(self) -> Dict[str, Any]:
        """Return the document, as `to_dict` does."""
        return self._json

    def model_dump_json(self) -> str:
        """Return the document as JSON, as `to_json` does."""
        return self.to_json()

    @classmethod
    def model_validate(cls: Type[Self], document: Mapping[str, Any]) -> Self:
        """Return the object of a document, as `from_dict` does.

        Args:
            document: The document.

        Raises:
            ScaleTypeError: `document` is not a dict.
        """
        return cls.from_dict(document)

    @classmethod
    def _of(cls: Type[Self], document: Dict[str, Any]) -> Self:
        """Return the object of a document that is known to be a dict."""
        record = object.__new__(cls)
        hold(record, document)
        return record

    @classmethod
    def _problem_of(cls, answer: Any) -> Optional[str]:
        """Return why an answer cannot be the document of an object of this class."""
        if not isinstance(answer, dict):
            return "not the expected JSON object"
        key = cls._identity_key
        if key is None or answer.get(key) is not None:
            return None
        return f"not the document of a {cls.__name__}, since it has no {key!r}"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._json == other._json)

    # It can change.
    __hash__ = None  # type: ignore[assignment]

    def __copy__(self: Self) -> Self:
        # Fields that are set on a copy are not set on the original.
        return _restored(type(self), dict(self._json))

    def __reduce__(self) -> Any:
        return _restored, (type(self), self._json)

    def __dir__(self) -> List[str]:
        keys = filter(str.isidentifier, self._json if hasattr(self, "_json") else ())
        return sorted({*super().__dir__(), *keys})

    def __repr__(self) -> str:
        # repr() may run before the object has a document, e.g. in a traceback.
        document = self._json if hasattr(self, "_json") else {}
        shown = [
            f"{name}={_shortened(document[name])}"
            for name in _SHOWN
            if _is_short(document.get(name))
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


# Gives a new record its document. Setting the attribute would take longer.
hold: Callable[[Record, Dict[str, Any]], None] = vars(Record)["_json"].__set__


def _restored(cls: Type[Self], document: Dict[str, Any]) -> Self:
    record = cls.__new__(cls)
    hold(record, document)
    return record


def _is_short(value: Any) -> bool:
    # Not of files, whose addresses are signed, and workspaces, whose tokens are secret.
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return texts or isinstance(value, (str, int, float))


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."


def plain(value: Any) -> Any:
    """Return a value of a field as it is in a document."""
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (ExpandableId, UnknownValue)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def _unresolved(cls: Any, name: str) -> property:
    """Return a field that resolves the annotations of its class when it is read.

    Earlier they may name classes that are not defined yet.
    """

    def read(record: Any) -> Any:
        resolve(cls)
        return getattr(record, name)

    return property(read, _setter(cls._wire_names.get(name, name), name))


def resolve(cls: Any) -> None:
    """Make the fields that a class declares from its annotations."""
    own = vars(cls).get("__annotations__", ())
    for name, hint in get_type_hints(cls).items():
        if name in own and name[0] != "_":
            setattr(cls, name, _field(name, cls._wire_names.get(name, name), hint))


def _field(name: str, key: str, hint: Any) -> property:
    """Return a field of a class.

    Args:
        name: Its name.
        key: Its key in the document.
        hint: Its annotation, resolved.
    """
    reader = _reader_of(hint)

    def read_plain(record: Any) -> Any:
        return record._json.get(key)

    def read(record: Any) -> Any:
        kept = record.__dict__
        if name in kept:
            return kept[name]
        raw = record._json.get(key)
        value = kept[name] = None if raw is None else reader(raw)  # type: ignore[misc]
        return value

    getter = read_plain if reader is None else read
    getter.__annotations__["return"] = hint  # for help() and the reference
    return property(getter, _setter(key, name))


def _setter(key: str, name: str) -> Callable[[Any, Any], None]:
    def write(record: Any, value: Any) -> None:
        record.__dict__.pop(name, None)
        record._json[key] = plain(value)

    return write


def _read_time(value: Any) -> Any:
    return (parsed_time(value) or value) if isinstance(value, str) else value


def _enum_reader(cls: Any) -> Reader:
    members = {member.value: member for member in cls}

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return members.get(value) or UnknownValue(value)

    return read


def _record_reader(cls: Any) -> Reader:
    make = cls._of

    def read(value: Any) -> Any:
        return make(value) if isinstance(value, dict) else value

    return read


def _expandable_reader(cls: Any) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return cls._of(value)
        return ExpandableId(value) if isinstance(value, str) else value

    return read


def _list_reader(read_element: Reader) -> Reader:
    def read(value: Any) -> Any:
        return [*map(read_element, value)] if isinstance(value, list) else value

    return read


def _reader_of(hint: Any) -> Optional[Reader]:
    """Return what makes an object of the value of a field with this annotation.

    Returns:
        None for a value that is left as it is.
    """
    arguments: Tuple[Any, ...] = getattr(hint, "__args__", None) or ()
    if getattr(hint, "__origin__", None) is Union:
        kinds = [each for each in arguments if each is not type(None)]
        if ExpandableId in kinds:
            return _expandable_reader(next(k for k in kinds if k is not ExpandableId))
        # Of several kinds, the one that can tell them apart is named last.
        return _reader_of(kinds[-1])
    if getattr(hint, "__origin__", None) is list:
        reader = _reader_of(arguments[0])
        return None if reader is None else _list_reader(reader)
    if isinstance(hint, type):
        own: Optional[Reader] = getattr(hint, "_read", None)
        if own is not None:
            return own
        if issubclass(hint, Record):
            return _record_reader(hint)
        if issubclass(hint, Enum):
            return _enum_reader(hint)
        if issubclass(hint, datetime):
            return _read_time
    return None
