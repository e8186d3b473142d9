"""`FileRepository`: uploaded files, results, and their contents."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import BinaryIO, Optional, Tuple, Union

from scaleapi.sandbox.store.database import Connection, Database, dump
from scaleapi.sandbox.store.repository import Document, Repository
from scaleapi.sandbox.web.ranges_and_conditions import etag_of

#: Bytes of each stored piece of an object but the last.
PIECE_BYTES = 1 << 18


class FileRepository(Repository):
    """The uploaded files and result files of one world."""

    def get(self, file_id: str) -> Optional[Document]:
        return self._document(
            "SELECT document FROM files WHERE world = ? AND id = ?", file_id
        )

    def image_size(self, file_id: str) -> Optional[Tuple[int, int]]:
        """Return width and height in pixels, if the file is an image."""
        row = self._connection.execute(
            "SELECT width, height FROM files WHERE world = ? AND id = ?",
            (self._world, file_id),
        ).fetchone()
        if row is None or row["width"] is None:
            return None
        return row["width"], row["height"]

    def type_and_pages(self, file_id: str) -> Optional[Tuple[str, int]]:
        """Return the MIME type of a file and its number of pages."""
        row = self._connection.execute(
            "SELECT document, pages FROM files WHERE world = ? AND id = ?",
            (self._world, file_id),
        ).fetchone()
        if row is None:
            return None
        return str(json.loads(row["document"])["mime_type"]), int(row["pages"])

    def has_reference(self, reference_id: str, project: Optional[str]) -> bool:
        """Return whether a file of the project, or one without a project, has it.

        api-notes: reference-id
        """
        row = self._connection.execute(
            "SELECT 1 FROM files WHERE world = ? AND project = ? AND reference_id = ?",
            (self._world, project or "", reference_id),
        ).fetchone()
        return row is not None

    def add(
        self,
        document: Document,
        *,
        image_size: Optional[Tuple[int, int]] = None,
        pages: int = 1,
        source: Optional[str] = None,
    ) -> None:
        """Record a file.

        Args:
            document: The document of the file.
            image_size: Width and height in pixels, if it is an image.
            pages: The number of pages, if it is a PDF.
            source: The URL of an imported file.
        """
        width, height = image_size or (None, None)
        self._connection.execute(
            "INSERT INTO files (id, world, project, reference_id, width, height,"
            " pages, source, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document["id"],
                self._world,
                "".join(document["project_names"]),
                document.get("reference_id"),
                width,
                height,
                pages,
                source,
                dump(document),
            ),
        )

    def add_object(
        self,
        object_id: str,
        content: BinaryIO,
        mime_type: str,
        now: int,
        *,
        etag: str,
        is_result: bool = False,
    ) -> None:
        """Record the bytes that are served under a URL.

        Args:
            object_id: The id of the uploaded file or of the result.
            content: A stream, read from its current position.
            mime_type: The MIME type.
            now: The time of creation.
            etag: The entity tag, from `etag_of`.
            is_result: Whether the bytes are public, as results are.
        """
        number = size = 0
        while True:
            piece = content.read(PIECE_BYTES)
            if not piece:
                break
            self._connection.execute(
                "INSERT INTO contents (id, piece, bytes) VALUES (?, ?, ?)",
                (object_id, number, piece),
            )
            number, size = number + 1, size + len(piece)
        self._connection.execute(
            "INSERT INTO objects (id, is_result, mime_type, size, etag, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (object_id, is_result, mime_type, size, etag, now),
        )

    def add_result(
        self, result_id: str, content: bytes, mime_type: str, now: int
    ) -> None:
        """Record a result file, to which a response refers by URL."""
        stream = io.BytesIO(content)
        etag = etag_of(stream)
        self.add_object(result_id, stream, mime_type, now, etag=etag, is_result=True)

    def content(self, content_id: str) -> Optional[bytes]:
        """Return the whole content of a file or result."""
        rows = self._connection.execute(
            "SELECT bytes FROM contents WHERE id = ? ORDER BY piece", (content_id,)
        ).fetchall()
        return b"".join(row["bytes"] for row in rows) if rows else None


@dataclass(frozen=True)
class StoredObject:
    """A file or result that is served under a URL.

    Attributes:
        id: The id of the file or result.
        mime_type: The MIME type.
        size: The number of bytes.
        etag: The entity tag, with the quotes.
        created_at: The time of creation.
    """

    id: str
    mime_type: str
    size: int
    etag: str
    created_at: int


def result_of(database: Database, result_id: str) -> Optional[StoredObject]:
    """Return a result of any world, since the URLs of results are public."""
    with database.reading() as connection:
        return _object(connection, result_id, is_result=True)


def upload_of(
    database: Database, world: int, file_id: str
) -> Union[StoredObject, str, None]:
    """Return a file uploaded to a world, or the source URL of an imported file."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT source FROM files WHERE world = ? AND id = ?", (world, file_id)
        ).fetchone()
        if row is None or row["source"] is not None:
            return None if row is None else str(row["source"])
        return _object(connection, file_id, is_result=False)


def _object(
    connection: Connection, object_id: str, *, is_result: bool
) -> Optional[StoredObject]:
    row = connection.execute(
        "SELECT id, mime_type, size, etag, created_at FROM objects"
        " WHERE id = ? AND is_result = ?",
        (object_id, is_result),
    ).fetchone()
    return None if row is None else StoredObject(*row)


def piece_of(database: Database, object_id: str, number: int) -> Optional[bytes]:
    """Return one piece of an object of any world; None if it was deleted."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT bytes FROM contents WHERE id = ? AND piece = ?", (object_id, number)
        ).fetchone()
    return None if row is None else bytes(row["bytes"])
