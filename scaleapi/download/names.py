"""Names of files that are safe on every system, and differ from each other. Pure."""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
import string
import unicodedata
from typing import Any, Mapping, Set, Tuple
from urllib.parse import unquote, urlsplit

from scaleapi.exceptions import ScaleTypeError, ScaleValueError

#: What a template may contain.
FIELDS = ("task_id", "unique_id", "project", "batch", "type", "kind", "name")
#: Where the files of a folder are listed.
MANIFEST = "manifest.jsonl"
#: What follows the name of a file that is not whole yet, and of what is known of it.
PART = ".part"
SIDECAR = ".part.json"

#: Bytes of a name; file systems have 255, and the extensions above need some of them.
_MAX_BYTES = 200
#: Also characters that are not shown, or reverse the text after them.
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff'
    r"\ud800-\udfff]"
)
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.I
)
#: Most names, of which nothing has to be changed.
_CLEAN = re.compile(
    rf"(?!{_RESERVED.pattern}(\.|$))[\w-]{{1,100}}(\.(?!part$)[a-z0-9]{{1,8}})?",
    re.I | re.A,
)
#: Most addresses, whose last part stands there as it is.
_PLAIN_URL = re.compile(r"https?://[\w.-]+/(?:[\w.-]+/)*([\w.-]+)", re.A)
_EXTENSION = re.compile(r"(?<=.)\.(?=[a-z0-9]*[a-z])[a-z0-9]{1,8}$", re.I)

#: First bytes of a file -> extension.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"%PDF-", ".pdf"),
    (b"\x1a\x45\xdf\xa3", ".webm"),
    (b"OggS", ".ogg"),
    (b"fLaC", ".flac"),
    (b"ID3", ".mp3"),
    (b"PK\x03\x04", ".zip"),
    (b"\x1f\x8b", ".gz"),
    (b"# .PCD", ".pcd"),
    (b"ply\n", ".ply"),
)
#: The same for containers, whose second four bytes tell their length.
_CONTAINED = {b"WEBP": ".webp", b"WAVE": ".wav", b"AVI ": ".avi"}
_TYPES = {
    "application/geo+json": ".geojson",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/xml": ".xml",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}


@functools.lru_cache(maxsize=256)  # the files of a task have a folder in common
def cleaned(name: str) -> str:
    """Return a name that every system accepts as that of a file in a folder."""
    if _CLEAN.fullmatch(name):
        return name
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", name))
    name = name.strip(" ").rstrip(". ")
    if name.startswith("."):
        name = f"_{name[1:]}"
    if _RESERVED.fullmatch(name.partition(".")[0].rstrip(" ")):
        name = f"_{name}"
    if name.lower().endswith((PART, SIDECAR)):
        name = f"{name}_"
    return _shortened(name) or "_"


def _shortened(name: str) -> str:
    stem, extension = split_extension(name)
    kept = stem.encode()[: _MAX_BYTES - len(extension)].decode(errors="ignore")
    return f"{kept.rstrip('. ')}{extension}" if kept != stem else name


def split_extension(name: str) -> Tuple[str, str]:
    """Return a name without its extension, and the extension with its dot."""
    match = _EXTENSION.search(name)
    return (name[: match.start()], match.group()) if match else (name, "")


def extension_for(content_type: str, beginning: bytes) -> str:
    """Return the extension that fits a file; empty if nothing is known.

    The first bytes are more reliable than the type. api-notes: result-files

    Args:
        content_type: The header of this name.
        beginning: The first bytes of the file, some 16 of them.
    """
    for signature, extension in _SIGNATURES:
        if beginning.startswith(signature):
            return extension
    if beginning[:4] == b"RIFF" and beginning[8:12] in _CONTAINED:
        return _CONTAINED[beginning[8:12]]
    if beginning[4:8] == b"ftyp":
        return ".mov" if beginning[8:10] == b"qt" else ".mp4"
    known = _TYPES.get(content_type.partition(";")[0].strip().lower())
    if known:
        return known
    text = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    return ".json" if text[:1] in (b"{", b"[") else ""


class Template:
    """Makes the paths of files, relative to their folder.

    Args:
        names: Such as ``"{task_id}/{name}"``, with slashes between folders.

    Raises:
        ScaleTypeError: `names` is not a str.
        ScaleValueError: `names` is no template of `FIELDS`.
    """

    def __init__(self, names: Any) -> None:
        if not isinstance(names, str):
            raise ScaleTypeError(
                f"names must be a str, such as '{{task_id}}/{{name}}'; got {names!r}"
            )
        try:
            self._parts = [
                (literal, field, spec, conversion)
                for literal, field, spec, conversion in string.Formatter().parse(names)
            ]
        except ValueError as error:
            raise ScaleValueError(f"names is no template: {error}") from None
        for _, field, spec, conversion in self._parts:
            if field is not None and (field not in FIELDS or spec or conversion):
                raise ScaleValueError(
                    f"names may have the fields "
                    f"{', '.join(f'{{{each}}}' for each in FIELDS)}; got {names!r}"
                )
        if not names or names.startswith("/"):
            raise ScaleValueError(
                f"names must be a path relative to the folder; got {names!r}"
            )

    def path(self, values: Mapping[str, Any]) -> str:
        """Return the path of a file.

        Args:
            values: The fields; those that are missing or None become ``_``.
        """
        path = "".join(
            literal + ("" if field is None else _as_name(values.get(field)))
            for literal, field, _, _ in self._parts
        )
        return "/".join(cleaned(segment) for segment in path.split("/"))


def _as_name(value: Any) -> str:
    return "_" if value is None else _UNSAFE.sub("_", str(value))


def is_safe(path: Any) -> bool:
    """Return whether a relative path is one that `Template` could have made."""
    return isinstance(path, str) and all(
        segment == cleaned(segment) for segment in path.split("/")
    )


class TakenNames:
    """The paths of a folder, of which no two are alike.

    Two paths are alike if they differ in case only. A path without an extension may
    still get one, so it is like all paths that differ from it in their extension.
    """

    def __init__(self) -> None:
        self._whole: Set[str] = set()
        #: Paths with an extension, without it.
        self._stems: Set[str] = set()
        self.add(MANIFEST)

    def take(self, path: str, key: str) -> str:
        """Return a path that is not taken yet, and take it.

        Args:
            path: The path that is wanted.
            key: Tells the file from all others; the result depends on it alone, and
                not on how many files have the same name.
        """
        if self._add(path):
            return path
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        stem, extension = split_extension(path)
        candidates = (
            f"{stem}-{digest[:length]}{extension}" for length in itertools.count(8)
        )
        return next(each for each in candidates if self._add(each))

    def add(self, path: str) -> None:
        """Take a path, whether or not it is taken already."""
        self._add(path, even_if_taken=True)

    def _add(self, path: str, *, even_if_taken: bool = False) -> bool:
        """Take a path; return whether it was free, or is taken all the same."""
        folded = _folded(path)
        stem, extension = split_extension(folded)
        is_taken = folded in self._whole or (
            stem in self._whole if extension else folded in self._stems
        )
        if is_taken and not even_if_taken:
            return False
        self._whole.add(folded)
        if extension:
            self._stems.add(stem)
        return True


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def name_of_url(url: str) -> str:
    """Return the last part of the path of an address, decoded; empty if there is none.

    Args:
        url: The address.
    """
    plain = _PLAIN_URL.fullmatch(url)
    if plain:
        return plain[1]
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2])
