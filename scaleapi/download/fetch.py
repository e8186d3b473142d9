"""Fetches one file: whole or not there, and continued after an interruption."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from contextlib import suppress
from typing import (
    Any,
    BinaryIO,
    Callable,
    Dict,
    Iterator,
    NamedTuple,
    Optional,
    Set,
    Tuple,
)

from scaleapi._transport.anonymous import FileSession
from scaleapi._transport.file_answer import FileAnswer, Interrupted
from scaleapi._transport.interrupt import pause
from scaleapi.download.manifest import FileOnDisk, write_all
from scaleapi.download.names import PART, SIDECAR, extension_for, split_extension
from scaleapi.exceptions import ScaleConnectionError, ScaleException

DOWNLOADED = "downloaded"
EXISTING = "existing"

#: A smaller file is not continued, but fetched again.
MIN_RESUMED_BYTES = 1 << 20
#: Bytes that an attempt must add so that those before it are forgotten.
_MIN_PROGRESS_BYTES = 1 << 20
_PIECE_BYTES = 1 << 17
#: Bytes from which the kind of a file is told.
_SIGNATURE_BYTES = 64
#: A strong entity tag. Only with one is a part known to be of the same file.
_STRONG_ETAG = re.compile(r'"[!#-~]*"')
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")

#: Errors of a disk that is full, or of which a user may not have more.
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", None), errno.EFBIG)

#: Sends a request for the file with these headers.
Open = Callable[[Dict[str, str]], FileAnswer]


class _Partial(NamedTuple):
    """What is known of a file that is not whole yet."""

    offset: int
    size: int
    etag: str


class FileDownload:
    """Fetches one file into a folder.

    The bytes that came are in ``NAME.part``. For a file of 1 MiB or more, which has a
    strong entity tag, the tag and the size are in ``NAME.part.json``. With them a later
    attempt, or a later run, asks for the rest only.

    Args:
        session: Decides about further attempts.
        send: Sends the request.
        folder: Where the file goes.
        path: Its path in the folder. It gets an extension if it has none.
        overwrite: Whether a file that is there is replaced.
        made: The folders that this run has made, in which nothing is there but what it
            downloads. A folder that is made is added.
    """

    def __init__(
        self,
        session: FileSession,
        send: Open,
        folder: str,
        path: str,
        *,
        overwrite: bool,
        made: Set[str],
    ) -> None:
        self._session = session
        self._send = send
        self._path = path
        self._overwrite = overwrite
        self._wanted = os.path.join(folder, *path.split("/"))
        self._part = self._wanted + PART
        self._sidecar = self._wanted + SIDECAR
        self._made = made
        # Whether there may be something of an earlier attempt, or of somebody else.
        self._is_first = False
        # The bytes of the part that were hashed by this run.
        self._hash: Any = None
        self._hashed = 0

    def run(self) -> Tuple[str, FileOnDisk]:
        """Fetch the file; return its status and what it is.

        Raises:
            ScaleException: The file cannot be fetched, or not be written.
        """
        return self._session.retried(self._attempt)

    def _attempt(self) -> Tuple[str, FileOnDisk]:
        try:
            self._is_first = self._make_folder() and self._hash is None
            partial = None if self._is_first else self._partial()
            if partial is not None:
                result = self._continue(partial)
                if result is not None:
                    return result
                self._forget()
            with self._send({}) as answer:
                return self._begin(answer)
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno in _NO_ROOM:
                with suppress(OSError):
                    self._forget()
                reason += " (what came of it is removed: run it again when there is)"
            raise ScaleException(f"cannot write {self._path!r}: {reason}") from error

    def _make_folder(self) -> bool:
        """Make the folder of the file; return whether this run has made it."""
        parent = os.path.dirname(self._part)
        if parent in self._made:
            return True
        if os.path.isdir(parent):
            return False
        with suppress(FileExistsError):  # another thread was faster
            os.makedirs(parent)
            self._made.add(parent)
            return True
        return False

    def _partial(self) -> Optional[_Partial]:
        try:
            with open(self._sidecar, encoding="utf-8") as file:
                known = json.load(file)
            offset = os.path.getsize(self._part)
            partial = _Partial(offset, known["size"], known["etag"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        valid = isinstance(partial.size, int) and isinstance(partial.etag, str)
        if not valid or not _STRONG_ETAG.fullmatch(partial.etag):
            return None
        # A link that somebody has put there would lead to another file.
        is_ours = not os.path.islink(self._part)
        return partial if is_ours and 0 < offset <= partial.size else None

    def _continue(self, partial: _Partial) -> Optional[Tuple[str, FileOnDisk]]:
        """Fetch the rest of a file; None if it has to begin anew."""
        headers = {"Range": f"bytes={partial.offset}-", "If-Range": partial.etag}
        with self._send(headers) as answer:
            if answer.status == 200:
                return self._begin(answer)
            match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            first, last, size = match.groups() if match else (None, None, None)
            if size != str(partial.size):
                return None
            if answer.status == 416:
                # api-notes: ranges
                if partial.offset != partial.size:
                    return None
                with open(self._part, "rb+") as file:
                    os.fsync(file.fileno())
                return self._end(partial.size, self._final(self._first(), ""))
            expected = (str(partial.offset), str(partial.size - 1))
            if (first, last) != expected or answer.headers.get("ETag") != partial.etag:
                return None
            self._hash_part(partial.offset)
            with open(self._part, "ab", buffering=0) as file:
                self._write(file, answer.pieces(_PIECE_BYTES), partial.size)
            content_type = answer.headers.get("Content-Type", "")
            path = self._final(self._first(), content_type)
            return self._end(partial.size, path)

    def _first(self) -> bytes:
        with open(self._part, "rb") as file:
            return file.read(_SIGNATURE_BYTES)

    def _begin(self, answer: FileAnswer) -> Tuple[str, FileOnDisk]:
        """Fetch a file from its beginning."""
        if answer.status != 200:
            raise ScaleException(
                f"{answer.address} was answered with {answer.status} instead of the "
                f"whole file"
            )
        pieces = answer.pieces(_PIECE_BYTES)
        first = next(pieces, b"")
        content_type = answer.headers.get("Content-Type", "")
        path = self._final(first, content_type)
        existing = self._existing(path, answer.length, _chained(first, pieces))
        if existing is not None:
            return EXISTING, existing
        if not self._is_first:
            # Not opened for writing as they are: they may be links to other files.
            self._forget()
        with open(self._part, "xb", buffering=0) as file:
            self._note(answer)
            self._hash, self._hashed = hashlib.sha256(), 0
            self._write(file, _chained(first, pieces), answer.length)
        return self._end(self._hashed, path)

    def _existing(
        self, path: str, length: Optional[int], pieces: Iterator[bytes]
    ) -> Optional[FileOnDisk]:
        """Return the file that is there already, although no manifest lists it.

        Args:
            path: Its path in the folder.
            length: Size of the file that is to be fetched; None if it is not known.
            pieces: The content of that file. It is read if the size is not known.

        Raises:
            Interrupted: The content breaks off.
            ScaleException: What is there is another file.
        """
        place = self._place(path)
        if self._is_first or self._overwrite or not os.path.lexists(place):
            return None
        # The program may have been killed between the renaming and the line of the
        # manifest.
        if os.path.isfile(place):
            size = os.path.getsize(place)
            with open(place, "rb") as file:
                digest = _digest_of(file, size).hexdigest()
            if size == length or (length is None and digest == _digest(pieces)):
                self._forget()
                return FileOnDisk(path, size, digest)
        raise ScaleException(
            f"there is something else at {path!r}, which the manifest does not list: "
            f"move it away, or pass overwrite=True"
        )

    def _note(self, answer: FileAnswer) -> None:
        """Write the sidecar, if the file is one to continue."""
        etag = answer.headers.get("ETag", "")
        if _STRONG_ETAG.fullmatch(etag) and (answer.length or 0) >= MIN_RESUMED_BYTES:
            with open(self._sidecar, "w", encoding="utf-8") as file:
                json.dump({"etag": etag, "size": answer.length}, file)

    def _write(
        self, file: BinaryIO, pieces: Iterator[bytes], size: Optional[int]
    ) -> None:
        received = 0
        try:
            for piece in pieces:
                write_all(file, piece)
                self._hash.update(piece)
                self._hashed += len(piece)
                received += len(piece)
                if not pause(0):
                    raise ScaleException("the run was stopped")
        except Interrupted as interrupted:
            interrupted.received = received if received >= _MIN_PROGRESS_BYTES else 0
            raise
        if size is not None and self._hashed != size:
            raise Interrupted(
                ScaleConnectionError(
                    f"{self._path!r} has {size} bytes, but {self._hashed} came"
                )
            )
        os.fsync(file.fileno())

    def _hash_part(self, offset: int) -> None:
        """Hash what is in the part, unless this run has written it."""
        if self._hash is None or self._hashed != offset:
            with open(self._part, "rb") as file:
                self._hash = _digest_of(file, offset)
            self._hashed = offset

    def _end(self, size: int, path: str) -> Tuple[str, FileOnDisk]:
        """Give the part its name."""
        self._hash_part(size)
        os.replace(self._part, self._place(path))
        if size >= MIN_RESUMED_BYTES or not self._is_first:
            self._remove(self._sidecar)
        return DOWNLOADED, FileOnDisk(path, size, self._hash.hexdigest())

    def _final(self, beginning: bytes, content_type: str) -> str:
        if split_extension(self._path)[1]:
            return self._path
        return self._path + extension_for(content_type, beginning[:_SIGNATURE_BYTES])

    def _place(self, path: str) -> str:
        return self._wanted + path[len(self._path) :]  # an extension, if anything

    def _forget(self) -> None:
        self._remove(self._sidecar)
        self._remove(self._part)

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            os.remove(path)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _digest_of(file: BinaryIO, size: int) -> Any:
    digest = hashlib.sha256()
    while size > 0:
        piece = file.read(min(size, 1 << 20))
        if not piece:
            break
        digest.update(piece)
        size -= len(piece)
    return digest
