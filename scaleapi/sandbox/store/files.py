"""Files and result files on record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import BinaryIO, Iterator, Optional, Tuple

from scaleapi.sandbox.store.book import Book, Document
from scaleapi.sandbox.store.database import Database, dump

_PIECE = 1 << 20


class FileBook(Book):
    """The files of one world, and the results it hands out."""

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

    def told(self, file_id: str) -> Optional[Tuple[str, int]]:
        """Return the mime type of a file, and how many pages it has."""
        row = self._connection.execute(
            "SELECT document, pages FROM files WHERE world = ? AND id = ?",
            (self._world, file_id),
        ).fetchone()
        if row is None:
            return None
        return str(json.loads(row["document"])["mime_type"]), int(row["pages"])

    def has_reference(self, reference_id: str, project: Optional[str]) -> bool:
        """Return whether a file of the project, or of none, has this reference."""
        row = self._connection.execute(
            "SELECT 1 FROM files WHERE world = ? AND project = ? AND reference_id = ?",
            (self._world, project or "", reference_id),
        ).fetchone()
        return row is not None

    def add(
        self,
        document: Document,
        *,
        content: Optional[BinaryIO] = None,
        image_size: Optional[Tuple[int, int]] = None,
        pages: int = 1,
        source: Optional[str] = None,
    ) -> None:
        """Record a file.

        Args:
            document: The file.
            content: What it holds; None for one that was imported.
            image_size: Width and height in pixels, if it is an image.
            pages: How many it has, if it is a PDF.
            source: The address of an imported file.
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
        if content is not None:
            self._keep(document["id"], iter(lambda: content.read(_PIECE), b""))

    def add_result(self, result_id: str, content: bytes, mime_type: str) -> None:
        self._connection.execute(
            "INSERT INTO results (id, mime_type) VALUES (?, ?)", (result_id, mime_type)
        )
        self._keep(result_id, iter([content]))

    def content(self, content_id: str) -> Optional[bytes]:
        """Return what a file or result holds, as a whole."""
        rows = self._connection.execute(
            "SELECT bytes FROM contents WHERE id = ? ORDER BY piece", (content_id,)
        ).fetchall()
        return b"".join(row["bytes"] for row in rows) if rows else None

    def _keep(self, content_id: str, pieces: Iterator[bytes]) -> None:
        self._connection.executemany(
            "INSERT INTO contents (id, piece, bytes) VALUES (?, ?, ?)",
            ((content_id, number, piece) for number, piece in enumerate(pieces)),
        )


@dataclass(frozen=True)
class Content:
    """What an address is of.

    Attributes:
        id: The id of the file or result.
        mime_type: Its type.
        source: Where an imported file really is.
    """

    id: str
    mime_type: str
    source: Optional[str] = None


def result_of(database: Database, result_id: str) -> Optional[Content]:
    """Return a result of any world: their addresses are public."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT mime_type FROM results WHERE id = ?", (result_id,)
        ).fetchone()
    return None if row is None else Content(result_id, row["mime_type"])


def file_of(database: Database, world: int, file_id: str) -> Optional[Content]:
    """Return a file of one world."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT document, source FROM files WHERE world = ? AND id = ?",
            (world, file_id),
        ).fetchone()
    if row is None:
        return None
    mime_type = json.loads(row["document"])["mime_type"]
    return Content(file_id, mime_type, row["source"])


def pieces_of(database: Database, content_id: str) -> Iterator[bytes]:
    """Yield what a file or result of any world holds."""
    number = 0
    while True:
        # Each piece may be read by another thread, so each has a transaction.
        with database.reading() as connection:
            row = connection.execute(
                "SELECT bytes FROM contents WHERE id = ? AND piece = ?",
                (content_id, number),
            ).fetchone()
        if row is None:
            return
        yield bytes(row["bytes"])
        number += 1
