"""What the calls of v2 send: queries, bodies, and the models of bodies."""

from __future__ import annotations

from collections import abc
from enum import Enum
from typing import (
    Any,
    Callable,
    ClassVar,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_type_hints,
)
from urllib.parse import quote

from scaleapi._core.params import wire_enum
from scaleapi._transport.encoding import check_text
from scaleapi._transport.options import checked_timeout, fits_header
from scaleapi.exceptions import ScaleTypeError, ScaleValueError
from scaleapi.v2.records import Record, hold
from scaleapi.v2.times import sent_time

_Self = TypeVar("_Self", bound="RequestModel")

#: What ``_request_timeout`` and ``_headers`` take.
CallOption = Union[float, Tuple[float, float], Mapping[str, str], None]
#: Name of a parameter that is a list -> the enum of its elements.
Lists = Mapping[str, Type[Enum]]
#: Members of an enum, or their strings.
Names = Optional[Iterable[Union[str, Enum]]]

_LIMITS = range(1, 101)
_OFFICIAL_OPTIONS = {"_request_auth", "_content_type", "_host_index"}


def text(name: str, value: Any) -> str:
    """Return an id or a name as it is sent.

    Raises:
        ScaleTypeError: `value` is not a str.
    """
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str):
        raise ScaleTypeError(f"{name} must be a str; got {value!r}")
    check_text(name, value)
    return value


def number(name: str, value: Any) -> str:
    """Return the size of a page as it is sent.

    Raises:
        ScaleTypeError: `value` is not an int.
        ScaleValueError: `value` is not from 1 to 100.
    """
    if type(value) is not int:
        raise ScaleTypeError(f"{name} must be a whole number; got {value!r}")
    if value not in _LIMITS:
        raise ScaleValueError(f"{name} must be from 1 to 100; got {value}")
    return str(value)


def status(name: str, value: Any) -> Optional[str]:
    """Return a status as it is sent. The API may know more than this version.

    Raises:
        ScaleTypeError: `value` is neither an enum member nor a str.
    """
    return wire_enum(name, value)


def members(enum: Type[Enum]) -> Callable[[str, Any], List[str]]:
    """Return what encodes a list of members of an enum, or of their strings."""
    known = [str(member.value) for member in enum]

    def encode(name: str, value: Any) -> List[str]:
        if not isinstance(value, (list, tuple, abc.Set)):
            raise ScaleTypeError(
                f"{name} must be a list, such as [{known[0]!r}]; got {value!r}"
            )
        texts = [str(wire_enum(f"each element of {name}", each)) for each in value]
        for each in texts:
            if each not in known:
                raise ScaleValueError(
                    f"{name} can have {', '.join(map(repr, known))} in it; got {each!r}"
                )
        return texts

    return encode


#: Name of a parameter -> what encodes it.
_ENCODERS: Dict[str, Callable[[str, Any], Any]] = {
    "limit": number,
    "status": status,
    "created_after": sent_time,
    "created_before": sent_time,
    "completed_after": sent_time,
    "completed_before": sent_time,
    "delivered_after": sent_time,
    "delivered_before": sent_time,
}


def query(params: Mapping[str, Any], lists: Optional[Lists] = None) -> str:
    """Return the query of a call.

    Args:
        params: Name of a parameter -> what the caller passed. None is left out.
        lists: Name of a parameter that is a list -> the enum of its elements.

    Raises:
        ScaleTypeError: A value in `params` has another type.
        ScaleValueError: A value in `params` is not allowed.
    """
    # api-notes: v2-queries
    pairs: List[Tuple[str, str]] = []
    for name, value in params.items():
        if value is None:
            continue
        enum = (lists or {}).get(name)
        encode = members(enum) if enum else _ENCODERS.get(name, text)
        encoded = encode(name, value)
        several = encoded if isinstance(encoded, list) else [encoded]
        pairs += [(name, each) for each in several]
    return "&".join(f"{name}={quote(each, safe='/')}" for name, each in pairs)


def checked_options(
    options: Mapping[str, Any],
) -> Tuple[Dict[str, str], Optional[Tuple[Optional[float], Optional[float]]]]:
    """Return the headers and the time-outs of a call.

    Args:
        options: Further keywords of the call.

    Raises:
        ScaleTypeError: `options` has a keyword that no call has, or headers that are
            not a dict of str.
        ScaleValueError: A header cannot be sent.
        ValueError: The time-out is neither a positive number nor a pair of them.
    """
    headers = options.get("_headers") or {}
    timeout = options.get("_request_timeout")
    for name in options.keys() - {"_headers", "_request_timeout"}:
        why = (
            f"{name} is not supported: set it on the client, or use requests"
            if name in _OFFICIAL_OPTIONS
            else f"unexpected keyword argument {name!r}"
        )
        raise ScaleTypeError(why)
    if not isinstance(headers, abc.Mapping):
        raise ScaleTypeError(f"_headers must be a dict; got {type(headers).__name__}")
    for each in (*headers, *headers.values()):
        if not isinstance(each, str):
            kind = type(each).__name__
            raise ScaleTypeError(f"_headers must have only str in it; got a {kind}")
        if not fits_header(each):
            raise ScaleValueError("_headers must be lines of Latin letters")
    return dict(headers), None if timeout is None else checked_timeout(timeout)


class RequestModel(Record):
    """The body of a request. Fields can be assigned after construction.

    A field that is None is not sent. Fields that this version does not know are sent as
    they are.

    Args:
        fields: The fields.

    Raises:
        ScaleTypeError: A field in `fields` has another type, or a required one is
            missing.
    """

    #: The fields that must be there.
    _required: ClassVar[Iterable[str]] = ()
    #: What is sent for fields that are not there.
    _defaults: ClassVar[Mapping[str, Any]] = {}
    #: The field that is meant by a bare str; None if a str is no body.
    _bare: ClassVar[Optional[str]] = None
    _types: ClassVar[Dict[str, type]]

    def __init__(self, /, **fields: Any) -> None:
        hold(self, dict(self._defaults))
        for name, value in fields.items():
            self._put(name, value)
        for name in self._required:
            if name not in self._json:
                raise ScaleTypeError(f"{type(self).__name__} needs {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._put(name, value)

    def _put(self, name: str, value: Any) -> None:
        """Set a field, or remove it if it is None."""
        if value is None:
            self._json.pop(name, None)
            return
        if isinstance(value, Enum):
            value = value.value
        kind = _types_of(type(self)).get(name)
        if kind is not None and not isinstance(value, kind):
            wanted = "dict" if kind is abc.Mapping else kind.__name__
            raise ScaleTypeError(f"{name} must be a {wanted}; got {value!r}")
        self._json[name] = value

    @classmethod
    def _of(cls: Type[_Self], document: Dict[str, Any]) -> _Self:
        return cls(**document)

    @classmethod
    def _from(
        cls: Type[_Self], given: Any, keywords: Mapping[str, Any]
    ) -> Dict[str, Any]:
        """Return the body of a call.

        Args:
            given: A model, a dict of its fields, an id, or None.
            keywords: Fields that were passed by name. None is left out.

        Raises:
            ScaleTypeError: `given` is none of these, or a field is missing or has
                another type, or fields were passed in two ways.
        """
        passed = {name: each for name, each in keywords.items() if each is not None}
        if given is None:
            return cls(**passed).to_dict()
        if isinstance(given, str) and cls._bare is not None:
            if cls._bare in passed:
                raise ScaleTypeError(f"{cls._bare} was passed twice")
            return cls(**{cls._bare: given, **passed}).to_dict()
        if isinstance(given, RequestModel):
            given = given.to_dict()
        if not isinstance(given, abc.Mapping):
            raise ScaleTypeError(
                f"the request must be a {cls.__name__}, or a dict of its fields; got "
                f"{given!r}"
            )
        if passed:
            names = ", ".join(passed)
            raise ScaleTypeError(f"pass either the request or keywords; got {names}")
        return cls(**given).to_dict()


def _types_of(cls: Type[RequestModel]) -> Dict[str, type]:
    """Return field -> its type, for `isinstance`."""
    if "_types" not in vars(cls):  # resolving annotations takes long
        kinds: Dict[str, type] = {}
        for name, hint in get_type_hints(cls).items():
            if getattr(hint, "__origin__", None) is Union:  # it is optional
                hint = hint.__args__[0]
            if name[0] != "_":
                kinds[name] = hint if hint in (str, bool) else abc.Mapping
        cls._types = kinds
    return cls._types


class BatchOperationRequest(RequestModel):
    """Names a batch that is to be finalized, paused, resumed or canceled.

    Attributes:
        batch_id: Its id.
        batch_name: Its name.
    """

    _bare = "batch_id"

    batch_id: Optional[str]
    batch_name: Optional[str]


class FinalizeBatchRequest(BatchOperationRequest):
    """Names a batch that is to be finalized."""


class CreateBatchRequest(RequestModel):
    """Describes a batch that is to be created.

    Attributes:
        name: Its name.
        project_id: Id of its project. ``project`` is another name for it.
        project_name: Name of its project.
        callback: URL or email address that is notified when it is completed.
        staging_batch: Whether it waits to be finalized.
        metadata: Its metadata.
    """

    _required = ("name",)
    _defaults = {"staging_batch": False}

    name: str
    project_id: Optional[str]
    project_name: Optional[str]
    callback: Optional[str]
    staging_batch: bool
    metadata: Optional[Dict[str, Any]]

    def _put(self, name: str, value: Any) -> None:
        # api-notes: v2-create-batch
        super()._put("project_id" if name == "project" else name, value)


class CreateChatTaskRequest(RequestModel):
    """Describes a chat task that is to be created.

    Attributes:
        project_id: Id of its project.
        project_name: Name of its project.
        batch_id: Id of its batch.
        batch_name: Name of its batch.
        template_variables: What the template of the project is filled with.
        metadata: Its metadata.
        callback_url: URL or email address that is notified when it is completed.
        unique_id: Id of your own that no other task of the account has.
    """

    project_id: Optional[str]
    project_name: Optional[str]
    batch_id: Optional[str]
    batch_name: Optional[str]
    template_variables: Optional[Dict[str, Any]]
    metadata: Optional[Dict[str, Any]]
    callback_url: Optional[str]
    unique_id: Optional[str]


class SetBatchMetadataRequest(RequestModel):
    """Changes the metadata of a batch.

    Attributes:
        batch_id: Id of the batch.
        batch_name: Name of the batch.
        metadata: The metadata.
        merge: Whether it is merged into what is there, at all levels.
    """

    _required = ("metadata",)
    _defaults = {"merge": False}
    _bare = "batch_id"

    batch_id: Optional[str]
    batch_name: Optional[str]
    metadata: Dict[str, Any]
    merge: bool


class SetTaskMetadataRequest(RequestModel):
    """Changes the metadata of a task.

    Attributes:
        task_id: Id of the task.
        metadata: The metadata.
        merge: Whether it is merged into what is there, at all levels.
    """

    _required = ("task_id", "metadata")
    _defaults = {"merge": False}
    _bare = "task_id"

    task_id: str
    metadata: Dict[str, Any]
    merge: bool
