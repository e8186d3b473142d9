"""Parsing of the XML of CVAT, without what makes XML of strangers dangerous."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from scaleapi.exceptions import ScaleValueError


def parse_xml(content: bytes, source: str) -> Element:
    """Return the root of a document.

    A document type declaration is refused before anything in it is read. Entities of
    a document are defined there, so none is ever expanded or fetched. The parser finds
    the declaration itself, so that no encoding can hide it.

    Args:
        content: The document.
        source: The name of the file, for errors.

    Raises:
        ScaleValueError: `content` is not XML, or has a document type declaration.
    """
    builder = TreeBuilder()
    # The type stubs know neither the handlers' types nor that they may be set.
    parser: Any = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise ScaleValueError(
            f"{source}: line {parser.CurrentLineNumber} has a DOCTYPE. Files of CVAT "
            "have none, and one can do harm, so the file was not read"
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
    except ScaleValueError:
        raise
    # Python raises the other two for encodings that the parser cannot have.
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ScaleValueError(f"{source} is not well-formed XML: {error}") from error
    return builder.close()
