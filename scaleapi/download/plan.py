"""Which files a task has, and where they are. Pure."""

from __future__ import annotations

from typing import (
    Any,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
)

from scaleapi._transport.file_address import Address, address_in
from scaleapi.annotations.answers import fields_by_id
from scaleapi.annotations.forms import ANSWERS, form_of
from scaleapi.download.names import name_of_url, split_extension

ATTACHMENTS = "attachments"
RESULTS = "results"
ORIGINAL = "original"
CONVERTED = "converted"

#: Keys whose values people have typed or chosen, at any depth of a response.
#: api-notes: result-files
_TYPED = frozenset(
    {
        "answers",
        "attributes",
        "category",
        "choice",
        "comments",
        "description",
        "error",
        "fields",
        "global_attributes",
        "label",
        "labels",
        "name",
        "output",
        "relationships",
        "response",
        "responses",
        "rows",
        "taxonomies",
        "text",
        "transcription",
        "value",
        "values",
    }
)
#: Types of tasks whose annotations are answers, unless they are known to be a file.
_TYPES_WITH_ANSWERS = frozenset(
    {
        "categorization",
        "chat",
        "chatexperimental",
        "chatlite",
        "comparison",
        "datacollection",
        "multichat",
        "multistage",
        "namedentityrecognition",
        "textcollection",
        "transcription",
    }
)


class TaskFile(NamedTuple):
    """A file of a task.

    Attributes:
        key: Where its address is in the document of the task, as a JSON pointer
            (RFC 6901). ``#`` and more follow where one address has several files.
        name: Its name; with an extension if it is known.
        address: Where it is.
        kind: `ATTACHMENTS` or `RESULTS`.
    """

    key: str
    name: str
    address: Address
    kind: str


def files_of(
    document: Mapping[str, Any], what: FrozenSet[str], prefer: str
) -> List[TaskFile]:
    """Return the files of a task, each once.

    Args:
        document: The task.
        what: The kinds of files.
        prefer: `ORIGINAL` or `CONVERTED`: which copy of an attachment.
    """
    files: List[TaskFile] = []
    if ATTACHMENTS in what:
        files += _attachments(document, prefer)
    if RESULTS in what:
        files += _results(document)
    by_url: Dict[str, TaskFile] = {}
    for each in files:
        by_url.setdefault(each.address.url, each)
    return list(by_url.values())


def _attachments(document: Mapping[str, Any], prefer: str) -> Iterator[TaskFile]:
    # api-notes: attachment-downloads
    copies: Dict[Any, List[Mapping[str, Any]]] = {}
    for entry in _list(document.get("attachmentS3Downloads")):
        if isinstance(entry, dict) and address_in(entry.get("s3URL")):
            url = entry.get("attachmentURL")
            if isinstance(url, str):
                copies.setdefault(url, []).append(entry)
    for key, address in _attachment_addresses(document):
        chosen = _chosen(copies.get(address.url, []), address, prefer)
        name = name_of_url(address.url)
        if not chosen:
            yield TaskFile(key, name or "attachment", address, ATTACHMENTS)
            continue
        is_converted = bool(chosen[0].get("isConvertedImage"))
        for number, entry in enumerate(chosen):
            suffix, mark = ("-converted", "#converted") if is_converted else ("", "")
            if len(chosen) > 1:
                page = _page(entry, number)
                suffix, mark = f"{suffix}-{page}", f"{mark}#{page}"
            # The extension of the original says nothing about a copy or a page.
            full = split_extension(name)[0] + suffix if suffix else name
            copy = Address(entry["s3URL"])
            yield TaskFile(key + mark, full or "attachment", copy, ATTACHMENTS)


def _chosen(
    entries: List[Mapping[str, Any]], address: Address, prefer: str
) -> List[Mapping[str, Any]]:
    """Return the signed addresses of one copy of an attachment: one for each page."""
    wanted = prefer == CONVERTED
    found = [e for e in entries if bool(e.get("isConvertedImage")) == wanted]
    if not found and (wanted or not address.can_be_fetched):
        found = entries
    by_place: Dict[str, Mapping[str, Any]] = {}
    for entry in found:
        by_place.setdefault(str(Address(entry["s3URL"])), entry)
    return list(by_place.values())


def _page(entry: Mapping[str, Any], number: int) -> int:
    metadata = entry.get("metadata")
    frame = metadata.get("frame") if isinstance(metadata, dict) else None
    return frame if isinstance(frame, int) else number


def _attachment_addresses(
    document: Mapping[str, Any],
) -> Iterator[Tuple[str, Address]]:
    params = document.get("params")
    params = params if isinstance(params, dict) else {}
    given: List[Tuple[str, Any]] = [("/params/attachment", params.get("attachment"))]
    for key in ("attachments", "context_attachments"):
        given += [
            (f"/params/{key}/{number}", each)
            for number, each in enumerate(_list(params.get(key)))
        ]
    for pointer, value in given:
        if isinstance(value, dict):
            if value.get("type") == "text":
                continue
            key = "attachment" if "attachment" in value else "content"
            pointer, value = f"{pointer}/{key}", value.get(key)
        address = address_in(value)
        if address is not None:
            yield pointer, address


def _results(document: Mapping[str, Any]) -> Iterator[TaskFile]:
    response = document.get("response")
    params = document.get("params")
    fields = params.get("fields") if isinstance(params, dict) else None
    typed = _TYPED | fields_by_id(fields).keys()
    if isinstance(response, dict) and (
        fields or document.get("type") in _TYPES_WITH_ANSWERS
    ):
        # api-notes: text-responses
        answers = response.get("annotations")
        if isinstance(answers, dict) and form_of(answers, fields).kind == ANSWERS:
            typed |= {"annotations"}
    waiting: List[Tuple[Tuple[str, ...], Any]] = [((), response)]
    while waiting:
        path, value = waiting.pop()
        address = address_in(value)
        if address is not None and path:
            yield _result(path, address)
        inner = [
            ((*path, str(step)), each)
            for step, each in _steps(value)
            if step not in typed and _may_have_address(each)
        ]
        waiting += reversed(inner)


def _steps(value: Any) -> Iterable[Tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _may_have_address(value: Any) -> bool:
    return isinstance(value, (dict, list)) or (
        isinstance(value, str) and "://" in value
    )


def _result(path: Tuple[str, ...], address: Address) -> TaskFile:
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in path)
    steps = path[:-1] if path[-1] == "url" and len(path) > 1 else path
    extension = split_extension(name_of_url(address.url))[1]
    return TaskFile(
        key="/".join(("/response", *escaped)),
        name=f"{'-'.join(steps)}{extension}",
        address=address,
        kind=RESULTS,
    )


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def kinds(what: Any) -> Optional[FrozenSet[str]]:
    """Return the kinds of files that a caller asks for; None if they are not known."""
    given = (what,) if isinstance(what, str) else what
    try:
        found = frozenset(given)
    except TypeError:
        return None
    return found if found and found <= {ATTACHMENTS, RESULTS} else None
