"""XML documents of any origin, read without entities or document types, and within limits."""

import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from conformance.wire.limits import MAX_BODY, MAX_XML_DEPTH
from conformance.wire.malformed import Malformed

MAX_ELEMENTS = 65_536
"""Elements in one document."""

BLANK = " \t\r\n"
"""What XML takes for white space."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    | {mark: f"&#{ord(mark)};" for mark in "\t\r\n"}
)


class _LimitError(ValueError):
    """A document grew beyond a limit, which the text names."""


class _LimitedBuilder:
    """A tree builder that refuses depth and number of elements beyond the limits."""

    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._depth = self._count = 0
        self.data = self._builder.data

    def start(self, tag: str, attributes: dict[str, str]) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_XML_DEPTH:
            raise _LimitError(f"limit MAX_XML_DEPTH: elements deeper than {MAX_XML_DEPTH}")
        if self._count > MAX_ELEMENTS:
            raise _LimitError(f"limit MAX_ELEMENTS: more than {MAX_ELEMENTS} elements")
        return self._builder.start(tag, attributes)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return self._builder.end(tag)

    def close(self) -> Element:
        return self._builder.close()


def parse_root(octets: bytes, protocol: str) -> Element | Malformed:
    """Read a document and return its root element; `protocol` names it in a Malformed.

    A document type declaration is refused, and with it every entity that a document brings.
    """
    if len(octets) > MAX_BODY:
        return Malformed(protocol, octets, 0, f"limit MAX_BODY: {len(octets)} octets of XML")
    parser = XMLParser(target=_LimitedBuilder(), forbid_dtd=True)
    try:
        parser.feed(octets)
        root: Element = parser.close()
    except _LimitError as limit:
        return Malformed(protocol, octets, 0, str(limit))
    except DefusedXmlException:
        return Malformed(protocol, octets, 0, "document type declaration or entity refused")
    except ParseError as error:
        error.__traceback__ = None
        rule = f"XML 1.0: not well-formed: {error}"
        return Malformed(protocol, octets, _offset(octets, error.position), rule)
    except (LookupError, ValueError) as error:
        return Malformed(protocol, octets, 0, f"XML 1.0: unreadable encoding: {error}")
    finally:
        # A parser that was stopped knows itself, as its error does: they would wait for the
        # collector of cycles, which has little else to do.
        vars(parser).clear()
    return root


def local_name(tag: str) -> str:
    """The name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def text_of(element: Element | None) -> str:
    """All text below an element, without the blanks around it; "" for None."""
    return "" if element is None else "".join(element.itertext()).strip(BLANK)


def child(parent: Element, name: str, namespace: str) -> Element | None:
    """The first child of that name, in the namespace or in none."""
    qualified = f"{{{namespace}}}{name}"
    return next((element for element in parent if element.tag in (qualified, name)), None)


def check_root(
    octets: bytes, protocol: str, name: str, namespace: str, source: str
) -> Element | Malformed:
    """Read a document whose root must have that name, in the namespace or in none."""
    root = parse_root(octets, protocol)
    if isinstance(root, Malformed) or root.tag in (f"{{{namespace}}}{name}", name):
        return root
    return Malformed(protocol, octets, 0, f"{source}: the root is {root.tag}, not {name}")


def escape(text: str) -> str:
    """Text for an element or a quoted attribute; ValueError for what XML cannot hold."""
    if _NOT_XML.search(text):
        raise ValueError(f"XML cannot hold {text!r}")
    return text.translate(_ESCAPES)


def document(body: str) -> bytes:
    """The octets of a document in UTF-8 with its declaration."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\r\n{body}\r\n'.encode()


def _offset(octets: bytes, position: tuple[int, int]) -> int:
    """Octets before a place that expat gives as line (from 1) and column."""
    line, column = position
    start = 0
    for _ in range(line - 1):
        start = octets.find(b"\n", start) + 1
    return min(start + column, len(octets))
