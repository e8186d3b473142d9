"""`UploadedFile`: a file of a form, which is read in pieces and as often as sent."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from typing import Any, BinaryIO, Iterator, Optional

from scaleapi.exceptions import ScaleException, ScaleTypeError, ScaleValueError

logger = logging.getLogger("scaleapi")

_CHUNK_BYTES = 1 << 16
#: The name that is sent for a file without one.
NAMELESS = "file"


class UploadedFile:
    """A file as one piece of a body, which can be read several times.

    Args:
        content: A file object. If it cannot seek, it is copied to a temporary file,
            because its length must be known before it is sent, and because it may
            have to be sent again.
        name: Name of the file in errors, if the file object has no name.

    Raises:
        ScaleTypeError: `content` is open in text mode.
        ScaleValueError: `content` is closed.
        ScaleException: `content` cannot be read or copied.
    """

    def __init__(self, content: Any, name: Optional[str]) -> None:
        self._label = label_of(content, name)
        self._file = content
        self._start = self._length = 0
        self._copy: Optional[BinaryIO] = None
        self._check_binary()
        if not self._measure():
            try:
                self._keep_copy()
            except BaseException:
                self.close()
                raise

    def __len__(self) -> int:
        return self._length

    def chunks(self) -> Iterator[bytes]:
        """Yield the content.

        Raises:
            ScaleException: The file cannot be read. This is not an error of the
                network, and is not retried.
        """
        left = self._length
        try:
            self._file.seek(self._start)
        except Exception as error:
            raise self._unreadable(error) from error
        while left:
            chunk = self._read(min(_CHUNK_BYTES, left))
            if not chunk:
                raise ScaleValueError(
                    f"{self._label} became {left} bytes shorter while it was sent"
                )
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Delete the temporary copy, if there is one."""
        if self._copy is not None:
            self._copy.close()

    def _check_binary(self) -> None:
        if getattr(self._file, "closed", False) is True:
            raise ScaleValueError(f"cannot read {self._label}: it is closed")
        nothing: Any = b""
        with suppress(Exception):  # reading the file later shows the error
            nothing = self._file.read(0)
        if isinstance(nothing, str):
            raise ScaleTypeError(
                f"the file must be opened in binary mode, which {self._label} is not: "
                f'pass open(path, "rb")'
            )

    def _measure(self) -> bool:
        """Set position and length; return False if the file cannot tell them."""
        try:
            self._start = int(self._file.tell())
            self._file.seek(0, os.SEEK_END)
        except Exception:  # the file may be of a user's class and raise anything
            return False
        try:
            self._length = max(self._file.tell() - self._start, 0)
            self._file.seek(self._start)
            if self._length or not self._read(1):
                if self._start and not self._length:
                    logger.warning(
                        "nothing is left to upload of %s: it stands at its end, as "
                        "after it was read or written; seek(0) goes back",
                        self._label,
                    )
                return True
            # Files in /proc and devices report the length 0.
            self._file.seek(self._start)
        except ScaleException:
            raise
        except Exception as error:
            raise self._unreadable(error) from error
        return False

    def _check_end(self) -> None:
        mode, interactive = 0, False
        with suppress(Exception):  # the object may have no file descriptor
            mode = os.fstat(self._file.fileno()).st_mode
            interactive = self._file.isatty()
        if stat.S_ISCHR(mode) and not interactive:
            raise ScaleValueError(
                f"cannot send {self._label}: it is a device, which may have no end"
            )

    def _keep_copy(self) -> None:
        import tempfile  # imported late, so that importing the package is fast

        self._check_end()
        self._start = 0
        try:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115  (kept for retries)
            while True:
                chunk = self._read(_CHUNK_BYTES)
                if not chunk:
                    break
                self._copy.write(chunk)
                self._length += len(chunk)
        except OSError as error:
            raise ScaleException(
                f"{self._label} cannot seek, and no copy of it can be kept for another "
                f"attempt: {error}. Pass its bytes, or let TMPDIR name a directory "
                f"with space"
            ) from error
        self._file = self._copy

    def _read(self, size: int) -> bytes:
        try:
            try:
                chunk = self._file.read(size)
            except TypeError:
                chunk = self._file.read()  # this read() takes no size
        except Exception as error:
            raise self._unreadable(error) from error
        if not isinstance(chunk, bytes):
            raise ScaleTypeError(
                f"reading {self._label} gave {type(chunk).__name__}, not bytes"
            )
        return chunk

    def _unreadable(self, error: Exception) -> ScaleException:
        kind = ScaleValueError if isinstance(error, ValueError) else ScaleException
        return kind(f"cannot read {self._label}: {str(error) or type(error).__name__}")


def label_of(file: Any, name: Optional[str]) -> str:
    """Return the name of a file for errors."""
    has_name = isinstance(getattr(file, "name", None), (str, bytes))
    return described(file) if has_name or name in (None, "", NAMELESS) else repr(name)


def described(file: Any) -> str:
    """Return the repr of an object for errors, shortened."""
    try:
        text = repr(file)
    except Exception:
        text = f"a {type(file).__name__}"  # its __repr__ is broken
    return text if len(text) <= 300 else f"{text[:300]}..."
