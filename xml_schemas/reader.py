"""The one reader of XML from outside: bytes in, plain Nodes out, or a list of faults that a person can mend.

lxml is told to load nothing, expand nothing and fetch nothing; a DOCTYPE, an entity or a processing instruction is
refused whatever it says. Comments are dropped. What comes out knows its path and its line.
"""

import codecs
import itertools
import re
from dataclasses import dataclass, field

from lxml import etree

from xml_schemas.repairs import Repair, Sent

DEEPEST = 16
MOST_ELEMENTS = 2000
MOST_FAULTS_TOLD = 30
"""So many of a body's faults are told in words: one of thousands must not make an answer of megabytes."""

MOST_UNDECLARED = 50
"""So often xsi may be used undeclared. After 100 faults the parser tells no more of them, so there must not be so many."""

LONGEST_NAME = 100
LONGEST_NAMESPACE = 200
MOST_ATTRIBUTES = 16
LONGEST_PATH = 200
"""What a Node's path is cut to. Each of 2,000 Nodes has one of its own, so it must not grow with what was sent."""

ENCODINGS = ("utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
"""What a charset argument and an XML declaration may say, in any case.

The parser knows many more, some of which (`java`, `C99`, `utf-7`) hide markup behind escapes of their own.
"""

_ALSO_KNOWN_AS = ("utf8", "ascii")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_SCHEMA_HINTS = {_SCHEMA_INSTANCE + "noNamespaceSchemaLocation", _SCHEMA_INSTANCE + "schemaLocation"}
_NIL, _NIL_UNDECLARED = _SCHEMA_INSTANCE + "nil", "xsi:nil"
_NIL_VALUES = {"true": True, "1": True, "false": False, "0": False}
_XSI_UNDECLARED = Repair(
    "The prefix xsi is not declared",
    "xsi:nil was understood all the same",
    'write xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" into the root element',
)

_NO_DOCTYPE = "A DOCTYPE is not accepted: send the document without it."
_SENTENCES = {
    etree.ErrorTypes.ERR_ENTITY_LOOP: _NO_DOCTYPE,
    etree.ErrorTypes.ERR_RESOURCE_LIMIT: f"Elements are nested more than {DEEPEST} deep, or entities grow beyond all measure.",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "The only entities are &lt; &gt; &amp; &quot; &apos;: write others as characters.",
    etree.ErrorTypes.ERR_INVALID_ENCODING: "There are bytes that do not fit the encoding: send UTF-8, or name the encoding.",
    etree.ErrorTypes.ERR_CDATA_NOT_FINISHED: "The XML is not well-formed: a CDATA section is not closed.",
    etree.ErrorTypes.ERR_HYPHEN_IN_COMMENT: "The XML is not well-formed: a comment must not hold two hyphens.",
    etree.ErrorTypes.ERR_COMMENT_NOT_FINISHED: "The XML is not well-formed: a comment is not closed.",
}
"""Where the parser's own words speak of its inside, or echo what may be nobody's business."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where, and a sentence that says what would be right."""

    path: str
    detail: str
    line: int | None = None
    is_card_number: bool = False


class BodyFaults(ValueError):
    """Everything that is wrong with a body, at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.detail}" for fault in faults))
        self.faults = faults


@dataclass
class Node:
    """An element (or a JSON member): its own text, its children, and where it stands (in LONGEST_PATH characters).

    `is_number` marks a JSON number, whose text is the literal as it was written, `is_boolean` JSON's true and false, and
    `is_null` JSON's null or an element that is xsi:nil; `is_bare_list` marks a JSON array that stands where an object is to
    hold it; `is_of_wrong_type` a JSON value that no element could hold, and `illegal` names the first
    character of a JSON text that XML cannot carry: the parser of XML lets none through. `sent` is the whole body's.
    """

    name: str
    path: str
    line: int | None = None
    text: str = ""
    children: list["Node"] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    is_number: bool = False
    is_boolean: bool = False
    is_null: bool = False
    is_bare_list: bool = False
    is_of_wrong_type: bool = False
    illegal: str | None = None
    sent: Sent = field(default_factory=Sent, repr=False, compare=False)


def read_xml(body: bytes, *, charset: str | None = None) -> Node:
    """The document's root. `charset` is what the Content-Type said, and outranks the document's own declaration.

    Raises BodyFaults.
    """
    if not body.strip(b" \t\r\n"):
        raise BodyFaults([Fault("/", "The body is empty: send one XML document.")])
    sent = Sent()
    try:
        root = etree.fromstring(body, _parser(body, charset))
    except etree.XMLSyntaxError as error:
        found = _but_for_xsi(body, charset) if error.code == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE else None
        if found is None:
            raise BodyFaults([Fault("/", _sentence(error), error.lineno or None)]) from None
        root = found
        sent.tell(_XSI_UNDECLARED)
    except (LookupError, ValueError) as error:
        raise BodyFaults([Fault("/", f"The XML cannot be read: {_plain(str(error))}.")]) from None
    _refuse_what_is_not_data(root)
    return _node(root, "", 1, sent)


def _parser(body: bytes, charset: str | None, *, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=_parser_encoding(body, charset),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
        strip_cdata=True,
        recover=recover,
    )


def _but_for_xsi(body: bytes, charset: str | None) -> etree._Element | None:
    """The root of a body whose only fault is that it uses the prefix xsi without declaring it; None where there is more."""
    parser = _parser(body, charset, recover=True)
    root: etree._Element | None = etree.fromstring(body, parser)
    faults = parser.error_log
    if len(faults) > MOST_UNDECLARED:
        return None
    return root if all(_is_xsi_undeclared(fault.type, fault.message) for fault in faults) else None


def _is_xsi_undeclared(kind: int, message: str) -> bool:
    return kind == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE and message.startswith("Namespace prefix xsi for nil on ")


def is_readable(encoding: str) -> bool:
    """Whether an XML body may be in this encoding."""
    return encoding.lower() in (*ENCODINGS, *_ALSO_KNOWN_AS)


def _parser_encoding(body: bytes, charset: str | None) -> str | None:
    """What overrides the document's own declaration; None leaves it to the declaration."""
    if charset is None or body.startswith(_BYTE_ORDER_MARKS):
        return None  # a byte order mark outranks everything (RFC 7303)
    if not is_readable(charset):
        raise _unreadable_encoding()
    if charset.lower() == "utf-16":  # without a mark it is big-endian (RFC 2781), unless it plainly is not
        return "utf-16le" if body.startswith(b"<\0") else "utf-16be"
    return charset


def _unreadable_encoding() -> BodyFaults:
    return BodyFaults([Fault("/", f"The encoding must be one of {', '.join(ENCODINGS)}.", 1)])


def _refuse_what_is_not_data(root: etree._Element) -> None:
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise BodyFaults([Fault("/", _NO_DOCTYPE)])
    if not is_readable(tree.docinfo.encoding or "utf-8"):
        raise _unreadable_encoding()
    everything = itertools.chain(root.itersiblings(preceding=True), root.itersiblings(), root.iter())
    for number, element in enumerate(everything):
        if isinstance(element, etree._ProcessingInstruction):
            raise BodyFaults([Fault("/", "A processing instruction is not accepted: leave it out.", element.sourceline)])
        if isinstance(element, etree._Entity):
            raise BodyFaults([Fault("/", _SENTENCES[etree.ErrorTypes.ERR_UNDECLARED_ENTITY], element.sourceline)])
        if number > MOST_ELEMENTS:
            raise BodyFaults([Fault("/", f"The document has more than {MOST_ELEMENTS} elements.")])


def _node(element: etree._Element, parent_path: str, depth: int, sent: Sent) -> Node:
    # lxml makes a tag anew each time, with the whole namespace: the first that is too long ends it.
    name = _checked(str(element.tag), parent_path or "/", element.sourceline)
    path = (f"{parent_path}/{name}" if parent_path else name)[:LONGEST_PATH]
    if depth > DEEPEST:
        raise BodyFaults([Fault(path, f"Elements are nested more than {DEEPEST} deep.", element.sourceline)])
    children = [_node(child, path, depth + 1, sent) for child in element]
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    node = Node(name, path, element.sourceline, text, children, _attributes(element, path), sent=sent)
    _read_nil(node)
    return node


def _read_nil(node: Node) -> None:
    """xsi:nil as JSON's null (https://www.w3.org/TR/xmlschema-1/#xsi_nil). Raises BodyFaults where it says what cannot be."""
    given = node.attributes.pop(_NIL, None) or node.attributes.pop(_NIL_UNDECLARED, None)
    if given is None:
        return
    is_nil = _NIL_VALUES.get(given.strip(" \t\r\n"))
    if is_nil is None:
        raise BodyFaults([Fault(node.path, "xsi:nil must be true or false.", node.line)])
    if is_nil and (node.children or node.text.strip(" \t\r\n")):
        raise BodyFaults([Fault(node.path, f"{node.name} is xsi:nil: it must be empty, or leave xsi:nil out.", node.line)])
    node.is_null = is_nil


def _attributes(element: etree._Element, path: str) -> dict[str, str]:
    if len(element.attrib) > MOST_ATTRIBUTES:  # counted before lxml makes a text of each name
        raise BodyFaults([Fault(path, f"An element has more than {MOST_ATTRIBUTES} attributes.", element.sourceline)])
    attributes = {_checked(str(key), path, element.sourceline): str(value) for key, value in element.attrib.items()}
    return {key: value for key, value in attributes.items() if key not in _SCHEMA_HINTS}


def _checked(name: str, path: str, line: int | None) -> str:
    """The name, `{namespace}name` where it is in one. Raises BodyFaults where it is too long."""
    namespace, _, local = name.removeprefix("{").rpartition("}")
    if len(local) > LONGEST_NAME:
        raise BodyFaults([Fault(path, f"A name has more than {LONGEST_NAME} characters.", line)])
    if len(namespace) > LONGEST_NAMESPACE:
        raise BodyFaults([Fault(path, f"The name of a namespace has more than {LONGEST_NAMESPACE} characters.", line)])
    return name


def _sentence(error: etree.XMLSyntaxError) -> str:
    return _SENTENCES.get(error.code) or f"The XML is not well-formed: {_plain(error.msg)}."


def _plain(message: str | None) -> str:
    """The parser's words on one line, without its own position and full stop, too short to echo much of the input."""
    first_line = (message or "no reason given").strip().split("\n")[0]
    return re.sub(r", line [0-9]+, column [0-9]+$", "", first_line).rstrip(".")[:160]
