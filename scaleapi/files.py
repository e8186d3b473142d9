"""Files: attachments that Scale keeps for your tasks."""

from __future__ import annotations

import json as _json
from typing import IO, Any, Dict

from scaleapi._calls import Calls
from scaleapi._objects import ScaleObject


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
        self.attachment_url: Any = json.get("attachment_url")


class FileCalls(Calls):
    """The file calls of `ScaleClient`."""

    def upload_file(self, file: IO[bytes], **kwargs: Any) -> File:
        """Upload a file, at most 120 MB.

        Args:
            file: A file opened in binary mode, read from where it stands; bytes;
                or a tuple ``(name, file or bytes[, content type])``.
            kwargs: ``project_name``, ``display_name``, ``reference_id`` (unique
                in the account), ``metadata`` (at most 8 KB; an object is put
                into JSON). None leaves a field out.

        Raises:
            TypeError: It is no binary file; a path must be opened first.
            ScaleResourceNotFound: There is no such project.
            ScaleDuplicateResource: The ``reference_id`` is in use.
        """
        fields = {
            name: _json.dumps(value) if isinstance(value, dict) else value
            for name, value in kwargs.items()
        }
        json = self.api.post_request(
            "files/upload",
            files={"file": file},
            data=fields,
            expect=dict,
            harmless=True,
        )
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
        json = self.api.post_request(
            "files/import",
            body={"file_url": file_url, **kwargs},
            expect=dict,
            harmless=True,
        )
        return File(json, self)
