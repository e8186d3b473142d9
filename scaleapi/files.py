"""Files: attachments that Scale keeps for your tasks."""

from __future__ import annotations

import os
from typing import IO, Any, Dict, Tuple, Union

from scaleapi._core.calls import Calls
from scaleapi._core.models import ScaleObject
from scaleapi._transport.endpoint import endpoint
from scaleapi._transport.expectations import document_of
from scaleapi.exceptions import ScaleTypeError

_Content = Union[IO[bytes], bytes]
#: What can be uploaded.
Upload = Union[_Content, Tuple[str, _Content], Tuple[str, _Content, str]]


class File(ScaleObject):
    """A file that Scale keeps.

    Attributes:
        id: Its id.
        attachment_url: ``scaledata://...`` address, to be used wherever a task
            takes an attachment.
    """

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
            file: A file opened in binary mode, read from where it stands; bytes;
                or a tuple ``(name, file or bytes[, content type])``.
            kwargs: ``project_name``, ``display_name``, ``reference_id`` (unique
                in the account), ``metadata`` (at most 8 KB; an object is put
                into JSON). None leaves a field out.

        Raises:
            ScaleTypeError: It is no binary file; a path must be opened first.
            ScaleValueError: The `file` is being read for another upload.
            ScaleResourceNotFound: There is no such project.
            ScaleDuplicateResource: The ``reference_id`` is in use.
        """
        if isinstance(file, (str, os.PathLike)):
            raise ScaleTypeError(
                f"file must be an open file, not a path; got {file!r}: "
                f'pass open({str(file)!r}, "rb")'
            )
        path = endpoint("files", "upload", expect=_FILE, idempotent=True)
        json = self.api.post_request(path, files={"file": file}, data=kwargs)
        return File(json, self)

    def import_file(self, file_url: str, **kwargs: Any) -> File:
        """Have Scale fetch a file from an address.

        Args:
            file_url: Where the file is.
            kwargs: As in `upload_file`; ``metadata`` is an object here.

        Raises:
            ScaleResourceNotFound: There is no such project.
            ScaleDuplicateResource: The ``reference_id`` is in use.
        """
        path = endpoint("files", "import", expect=_FILE, idempotent=True)
        json = self.api.post_request(path, body={"file_url": file_url, **kwargs})
        return File(json, self)
