"""Files, which Scale stores to be used as attachments of tasks."""

from __future__ import annotations

import os
from typing import IO, Any, Dict, Tuple, Union

from scaleapi._core.calls import Calls
from scaleapi._core.models import ScaleObject
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.response_checks import document_of
from scaleapi.exceptions import ScaleTypeError

_Content = Union[IO[bytes], bytes]
#: What `upload_file` takes.
Upload = Union[_Content, Tuple[str, _Content], Tuple[str, _Content, str]]


class File(ScaleObject):
    """A file that Scale stores.

    Attributes:
        id: Id of the file.
        attachment_url: Address of the form ``scaledata://...``, for every parameter of
            a task that takes an attachment.
    """

    _notebook_keys = (
        "display_name",
        "mime_type",
        "size",
        "project_names",
        "attachment_url",
        "created_at",
    )

    def __init__(self, json: Dict[str, Any], client: Any) -> None:
        super().__init__(json, client)
        self.id: str = json["id"]
        self.attachment_url: str = self._value("attachment_url")


_FILE = document_of(File)


class FileCalls(Calls):
    """The file calls of `ScaleClient`."""

    def upload_file(self, file: Upload, **kwargs: Any) -> File:
        """Upload a file, at most 120 MB.

        Args:
            file: A file that is open in binary mode, and is read from its current
                position; bytes; or a tuple ``(name, file or bytes[, content type])``.
            kwargs: ``project_name``, ``display_name``, ``reference_id`` (unique in the
                project) and ``metadata`` (at most 8 KB; an object is sent as JSON). A
                field that is None is left out.

        Raises:
            ScaleTypeError: `file` is not a binary file, e.g. because it is a path.
            ScaleValueError: `file` is closed, or another upload is reading it.
            ScaleResourceNotFound: There is no project ``project_name``.
            ScaleDuplicateResource: The ``reference_id`` is already in use.
        """
        # api-notes: reference-id
        if isinstance(file, (str, os.PathLike)):
            raise ScaleTypeError(
                f"file must be an open file, not a path; got {file!r}: "
                f'pass open({str(file)!r}, "rb")'
            )
        path = endpoint("files", "upload", expect=_FILE, idempotent=True)
        json = self.api.post_request(path, files={"file": file}, data=kwargs)
        return File(json, self)

    def import_file(self, file_url: str, **kwargs: Any) -> File:
        """Let Scale download a file from a URL.

        Args:
            file_url: Address of the file.
            kwargs: As in `upload_file`, except that ``metadata`` has to be an object.

        Raises:
            ScaleResourceNotFound: There is no project ``project_name``.
            ScaleDuplicateResource: The ``reference_id`` is already in use.
        """
        path = endpoint("files", "import", expect=_FILE, idempotent=True)
        json = self.api.post_request(path, body={"file_url": file_url, **kwargs})
        return File(json, self)
