"""The one reader of XML from outside: bytes in, plain Nodes out, or a list of faults that a person can mend.

lxml is told to load nothing, expand nothing and fetch nothing; a DOCTYPE, an entity or a processing instruction is
refused whatever it says. Comments are dropped. What comes out knows its path and its line.
"""

import codecs
from dataclasses import dataclass, field

from lxml import etree

DEEPEST = 16
MOST_ELEMENTS = 2000

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "us-ascii", "iso-8859-1", "windows-1252")
"""What the charset argument of a Content-Type may say; an XML declaration may name any that the parser knows."""

_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_SCHEMA_HINTS = {_SCHEMA_INSTANCE + "noNamespaceSchemaLocation", _SCHEMA_INSTANCE + "schemaLocation"}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where, and a sentence that says what would be right."""

    path: str
    detail: str
    line: int | None = None


class BodyFaults(ValueError):
    """Everything that is wrong with a body, at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.detail}" for fault in faults))
        self.faults = faults


@dataclass
class Node:
    """An element (or a JSON member): its own text, its children, and where it stands.

    `is_number` marks a JSON number, whose text is the literal as it was written; `wrong_type` is a sentence about
    a JSON value that no element could hold.
    """

    name: str
    path: str
    line: int | None = None
    text: str = ""
    children: list["Node"] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    is_number: bool = False
    wrong_type: str = ""


def read_xml(body: bytes, *, charset: str | None = None) -> Node:
    """The document's root. `charset` is what the Content-Type said, and outranks the document's own declaration.

    Raises BodyFaults.
    """
    if not body.strip(b" \t\r\n"):
        raise BodyFaults([Fault("/", "The body is empty: send one XML document.")])
    parser = etree.XMLParser(
        encoding=_parser_encoding(body, charset),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        raise BodyFaults([Fault("/", f"The XML is not well-formed: {_plain(error.msg)}.", line)]) from None
    except (LookupError, ValueError) as error:
        raise BodyFaults([Fault("/", f"The XML cannot be read: {_plain(str(error))}.")]) from None
    _refuse_what_is_not_data(root)
    return _node(root, "", 1)


def _parser_encoding(body: bytes, charset: str | None) -> str | None:
    if charset is None or body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None  # a byte order mark outranks everything (RFC 7303)
    return None if charset == "utf-16" else charset


def _refuse_what_is_not_data(root: etree._Element) -> None:
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise BodyFaults([Fault("/", "A DOCTYPE is not accepted: send the document without it.")])
    outside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    for number, element in enumerate([*outside, *root.iter()]):
        if isinstance(element, etree._ProcessingInstruction):
            raise BodyFaults([Fault("/", "A processing instruction is not accepted: leave it out.", element.sourceline)])
        if isinstance(element, etree._Entity):
            raise BodyFaults(
                [Fault("/", "An entity other than &lt; &gt; &amp; &quot; &apos; is not accepted.", element.sourceline)]
            )
        if number > MOST_ELEMENTS:
            raise BodyFaults([Fault("/", f"The document has more than {MOST_ELEMENTS} elements.")])


def _node(element: etree._Element, parent_path: str, depth: int) -> Node:
    name = str(element.tag)
    path = f"{parent_path}/{name}" if parent_path else name
    if depth > DEEPEST:
        raise BodyFaults([Fault(path[:200], f"Elements are nested more than {DEEPEST} deep.", element.sourceline)])
    children = [_node(child, path, depth + 1) for child in element]
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    attributes = {str(key): str(value) for key, value in element.attrib.items() if str(key) not in _SCHEMA_HINTS}
    return Node(name, path, element.sourceline, text, children, attributes)


def _plain(message: str | None) -> str:
    """The parser's words without a full stop, cut to a length that cannot echo much of the input."""
    return (message or "no reason given").strip().rstrip(".")[:160]
