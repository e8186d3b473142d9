"""`DownloadResult`: the result for one file."""

from __future__ import annotations

import os
from typing import Optional

from scaleapi.bulk import BulkResult
from scaleapi.download.manifest import FileOnDisk


class DownloadResult(BulkResult[FileOnDisk]):
    """The result for one file. It has the attributes of `BulkResult`, and these.

    Its ``value`` has the path in the folder, the size and the SHA-256, as the manifest
    has them. Its ``payload`` is for internal use.

    Attributes:
        task_id: Id of the task; None if reading the tasks failed.
        key: Where the address is in the document of the task, as a JSON pointer, such
            as ``/params/attachment`` or ``/response/annotations/url``.
        address: The address without its query, where signatures are.
        path: Path of the file; None if it failed.
        size: Size of the file in bytes; None if it failed.
    """

    __slots__ = ()

    @property
    def task_id(self) -> Optional[str]:
        """Id of the task; None if reading the tasks failed."""
        return None if self.payload is None else str(self.payload.task_id)

    @property
    def key(self) -> Optional[str]:
        """Where the address is in the task; None if reading the tasks failed."""
        return None if self.payload is None else str(self.payload.key)

    @property
    def address(self) -> Optional[str]:
        """The address without its query; None if reading the tasks failed."""
        return None if self.payload is None else str(self.payload.shown)

    @property
    def path(self) -> Optional[str]:
        """Path of the file; None if it failed."""
        if self.value is None or self.payload is None:
            return None
        return os.path.join(self.payload.folder, *self.value.path.split("/"))

    @property
    def size(self) -> Optional[int]:
        """Size of the file in bytes; None if it failed."""
        return None if self.value is None else self.value.size
