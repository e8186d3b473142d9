"""Factories of documents: tasks, batches, projects, files, and results."""

from __future__ import annotations

import copy
import mimetypes
import random
import uuid
from typing import Any, Dict, Mapping, Optional, Tuple

from scaleapi.sandbox.clock import to_text, to_timestamp_ms
from scaleapi.sandbox.factories import examples
from scaleapi.sandbox.factories.examples import Example
from scaleapi.sandbox.labeler import LabelerContext, respond
from scaleapi.sandbox.services.hosting import attachments_of, file_url
from scaleapi.sandbox.statuses import FURTHER_STATUSES, STATUSES

Document = Dict[str, Any]

#: Name of each kind of work -> the type of its tasks, as the API names it.
KINDS: Mapping[str, str] = {
    name: example.type for name, example in examples.EXAMPLES.items()
}

#: Keys of a task's document; any other field is one of its parameters.
_FIRST_LEVEL = (
    "task_id",
    "created_at",
    "updated_at",
    "completed_at",
    "type",
    "status",
    "is_test",
    "instruction",
    "callback_url",
    "callback_succeeded",
    "callback_succeeded_at",
    "project",
    "batch",
    "unique_id",
    "tags",
    "priority",
    "urgency",
    "metadata",
    "params",
    "response",
    "document_pages",
    "customer_review_status",
    "audits",
    "prior_responses",
    "attachmentS3Downloads",
)

_PROJECT = "streets"
_ACCOUNT = "61d0f4a29b3c7e0012ab0001"
#: Creation time of the task with seed 0; each next seed is one minute later.
_START = to_timestamp_ms("2022-03-01T08:00:00.250Z", earliest=True)
_MINUTE = 60_000
_YEAR = 525_600


def parameters(type: str, *, seed: int = 0, **changes: Any) -> Document:
    """Return realistic parameters, as `create_task` takes them.

    Args:
        type: Type of the task, or one of `KINDS`.
        seed: Seed of the example: the attachments differ.
        changes: Parameters to add or replace; None removes one.
    """
    example = _example(type)
    return changed(copy.deepcopy({**example.work, **example.material(seed)}), changes)


def task(
    type: str,
    status: str = "pending",
    *,
    seed: int = 0,
    rapid: bool = False,
    image_size: Optional[Tuple[int, int]] = None,
    form: Optional[str] = None,
    **fields: Any,
) -> Document:
    """Return the document of a task.

    Args:
        type: Type of the task, or one of `KINDS`.
        status: ``pending``, ``completed``, ``canceled`` or ``error``. Completed
            tasks have a plausible response, tasks in error the reason. Also
            ``expired``, ``unassigned`` and ``submitted``, which occur in
            deliveries.
        seed: Seed of the example: ids, times, attachments and responses differ.
            The task with a higher seed is created later.
        rapid: Whether the project is a Rapid project, whose text collections have
            responses of another form.
        image_size: Width and height within which annotations stay.
        form: Name of the response's form, as for `Sandbox.complete`; by default
            that of the kind.
        fields: Fields to add or replace: keys of the document, such as ``batch`` or
            ``customer_review_status``, and parameters of the task, such as
            ``geometries``. None removes a field.

    Raises:
        ValueError: `type`, `status` or `form` is unknown.
    """
    document = _new_task(type, seed, fields)
    created = to_timestamp_ms(str(document["created_at"]), earliest=True)
    status = getattr(status, "value", status)
    document["status"] = status
    if status == "canceled":
        document["updated_at"] = to_text(created + 10 * _MINUTE)
    elif status == "completed":
        done = to_text(created + 30 * _MINUTE)
        document.update(updated_at=done, completed_at=done)
        form = form or _example(type).form
        document.update(_answer(document, rapid, image_size, form)[0])
    elif status == "error":
        document["updated_at"] = to_text(created + 10 * _MINUTE)
        document["response"] = _error_response(document["params"])
    elif status not in ("pending", *FURTHER_STATUSES):
        allowed = ", ".join((*STATUSES, *FURTHER_STATUSES))
        raise ValueError(f"status must be one of {allowed}; got {status!r}")
    own = {n: v for n, v in fields.items() if n in _FIRST_LEVEL and n != "params"}
    return changed(document, own)


def completed_response(
    type: str,
    *,
    seed: int = 0,
    rapid: bool = False,
    image_size: Optional[Tuple[int, int]] = None,
    form: Optional[str] = None,
    **fields: Any,
) -> Document:
    """Return a plausible response to a task.

    The result is the ``response`` of the document that `task` returns for the same
    arguments and the status ``completed``.

    Args:
        type: Type of the task, or one of `KINDS`.
        seed: Seed of the example, as for `task`.
        rapid: Whether the project is a Rapid project.
        image_size: Width and height within which annotations stay.
        form: Name of the response's form, as for `Sandbox.complete`; by default
            that of the kind.
        fields: What is different in this task, as for `task`.
    """
    document = _new_task(type, seed, fields)
    form = form or _example(type).form
    response: Document = _answer(document, rapid, image_size, form)[0]["response"]
    return response


def result_files(
    type: str,
    *,
    seed: int = 0,
    image_size: Optional[Tuple[int, int]] = None,
    form: Optional[str] = None,
    **fields: Any,
) -> Dict[str, bytes]:
    """Return the files to which a completed response refers by URL.

    Responses of video, lidar and segmentation tasks refer to files. Responses of other
    types do not.

    Args:
        type: Type of the task, or one of `KINDS`.
        seed: Seed of the example, as for `completed_response`.
        image_size: Width and height of the picture.
        form: Name of the response's form, as for `completed_response`.
        fields: What is different in this task, as for `task`.

    Returns:
        URL -> content: JSON, a PNG, or the video of a recording. As with the API, the
        URL does not show which.
    """
    document = _new_task(type, seed, fields)
    return _answer(document, False, image_size, form or _example(type).form)[1]


def batch(
    name: Optional[str] = None,
    project: str = _PROJECT,
    status: str = "in_progress",
    *,
    seed: int = 0,
    **fields: Any,
) -> Document:
    """Return the document of a batch.

    Args:
        name: The name of the batch; None makes one of project and seed.
        project: The name of the project.
        status: ``staging``, ``in_progress`` or ``completed``.
        seed: Seed of the example: times and the default name differ.
        fields: Keys to add or replace, such as ``metadata``; None removes one.
    """
    created = _timestamp_ms(seed)
    status = getattr(status, "value", status)
    document: Document = {
        "name": _batch_name(project, seed) if name is None else name,
        "project": project,
        "status": status,
        "callback": "",
        "created_at": to_text(created),
        "metadata": {},
    }
    if status == "completed":
        document["completed_at"] = to_text(created + 30 * _MINUTE)
    return changed(document, fields)


def project(
    name: str = _PROJECT,
    type: str = "imageannotation",
    *,
    seed: int = 0,
    **fields: Any,
) -> Document:
    """Return the document of a project, with one version of its parameters.

    Args:
        name: The name of the project.
        type: Type of its tasks, or one of `KINDS`.
        seed: Seed of the example: the times differ.
        fields: Keys to add or replace, such as ``param_history``; None removes one.
            ``params`` replaces the parameters of the one version.
    """
    example = _example(type)
    created = to_text(_timestamp_ms(seed))
    params = fields.pop("params", copy.deepcopy(example.work))
    version = {"version": 0, "created_at": created}
    return changed(
        {
            "type": example.type,
            "name": name,
            "created_at": created,
            "param_history": [] if params is None else [{**version, **params}],
            "projectType": "standard",
            "archived": False,
        },
        fields,
    )


def file(name: str = "street.png", *, seed: int = 0, **fields: Any) -> Document:
    """Return the document of an uploaded file.

    Args:
        name: Name of the file; its extension gives the MIME type.
        seed: Seed of the example: ids and times differ.
        fields: Keys to add or replace, such as ``project_names``; None removes one.
    """
    rng = random.Random(f"file {name} {seed}")
    file_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    created = to_text(_timestamp_ms(seed))
    mime_type = mimetypes.MimeTypes().guess_type(name)[0]
    return changed(
        {
            "id": file_id,
            "attachment_url": file_url(_ACCOUNT, file_id),
            "mime_type": mime_type or "application/octet-stream",
            "size": rng.randint(1_000, 1_000_000),
            "project_names": [_PROJECT],
            "created_at": created,
            "updated_at": created,
        },
        fields,
    )


def _example(type: str) -> Example:
    name = getattr(type, "value", type)
    example = examples.EXAMPLES.get(name)
    if example is None:
        raise ValueError(
            f"unknown type {name!r}; the types and kinds are: "
            f"{', '.join(sorted(examples.EXAMPLES))}"
        )
    return example


def _timestamp_ms(seed: int) -> int:
    return _START + seed % _YEAR * _MINUTE


def _batch_name(project: str, seed: int) -> str:
    return f"{project}-{seed}"


def _new_task(type: str, seed: int, fields: Mapping[str, Any]) -> Document:
    """Return a pending task, with the fields on which its response depends."""
    example = _example(type)
    created = _timestamp_ms(seed)
    rng = random.Random(f"task {getattr(type, 'value', type)} {seed}")
    params = fields.get("params")
    base = parameters(type, seed=seed) if params is None else copy.deepcopy(params)
    params = changed(base, _of_params(fields))
    instruction = params.pop("instruction", None)
    metadata = params.pop("metadata", {})
    document: Document = {
        "task_id": f"{created // 1000:08x}{rng.getrandbits(64):016x}",
        "created_at": to_text(created),
        "updated_at": to_text(created),
        "type": example.type,
        "status": "pending",
        "is_test": False,
        "instruction": instruction,
        "project": _PROJECT,
        "batch": _batch_name(_PROJECT, 0),
        "metadata": metadata,
        "params": params,
    }
    # Times depend on `created_at`, the response on the id and the metadata.
    early = {n: fields.get(n) for n in ("created_at", "task_id", "metadata")}
    early = {name: value for name, value in early.items() if value is not None}
    return changed(document, early)


def _answer(
    task: Document,
    rapid: bool,
    image_size: Optional[Tuple[int, int]],
    form: Optional[str],
) -> Tuple[Document, Dict[str, bytes]]:
    """Return what the labeler adds to a task, and the files of the response."""
    files: Dict[str, bytes] = {}

    def publish(_name: str, content: bytes, mime_type: str) -> str:
        # URLs of the API end in an id, without an extension, too.
        number = len(files) + 1
        url = f"https://example.com/results/{task['task_id']}/{number}"
        files[url] = content
        return url

    context = LabelerContext(
        image_size=lambda _: image_size, publish=publish, rapid=rapid
    )
    return respond(task, context, form), files


def _error_response(params: Mapping[str, Any]) -> Document:
    """Return the response of a task whose attachments cannot be read."""
    # api-notes: attachment-error
    return {
        "error": "One or more attachments could not be downloaded",
        "attachments": [
            {"attachment": attachment, "error": "could not be downloaded"}
            for attachment in attachments_of(dict(params))
        ],
    }


def _of_params(fields: Mapping[str, Any]) -> Document:
    return {name: value for name, value in fields.items() if name not in _FIRST_LEVEL}


def changed(document: Document, changes: Mapping[str, Any]) -> Document:
    """Return a document with keys that are added, replaced or, with None, removed."""
    values = {**document, **changes}
    return {name: value for name, value in values.items() if value is not None}
