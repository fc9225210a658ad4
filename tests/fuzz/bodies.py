"""Bodies: both readers read or refuse, and what they have read is the same after it was written and read again."""

import json
from typing import Any
from xml.etree import ElementTree

from hypothesis import strategies as st
from lxml import etree

from api.json_reader import LISTS, read_json
from api.read_only import without_members
from tests.api.naughty import CORPORA
from tests.fuzz.mangling import mangled
from tests.fuzz.target import Target
from tests.xml_schemas.nasty_texts import NASTY_TEXTS, xml_text
from xml_schemas.reader import DEEPEST, ENCODINGS, LONGEST_PATH, MOST_ELEMENTS, BodyFaults, Node, read_xml
from xml_schemas.skipping import without_elements

LARGEST = 64 * 1024
NAMES = ("SavingGoal", *LISTS, *LISTS.values(), "Name", "GoalAmount", "EndDate")
READ_ONLY = frozenset({"Contributions", "PaymentProviders"})
XSI = "http://www.w3.org/2001/XMLSchema-instance"

GOAL_XML = f"""<?xml version="1.0"?>
<!-- żółw --><SavingGoal xmlns:xsi="{XSI}" xmlns:p="urn:p" a="1">
  <Name>Rower dla &#x141;ucji &amp; Ąnny 🚲<![CDATA[<b>]]></Name><EndDate xsi:nil="true"/><p:Note p:of="x">y</p:Note>
  <PaymentProviders><PaymentProvider><ProviderName>Paypal</ProviderName></PaymentProvider></PaymentProviders>
  <Contributions><Contribution><Amount>5.00</Amount></Contribution><Contribution/></Contributions></SavingGoal>""".encode()

GOAL_JSON = json.dumps(
    {
        "SavingGoal": {
            "Name": "Rower 7\" {Ąnny} 🚲 {", "GoalAmount": 250.00, "EndDate": None, "Open": True,
            "PaymentProviders": {"PaymentProvider": [{"ProviderName": "Paypal"}]},
            "Contributions": [{"Amount": "5.00"}, {}], "SuggestedAmounts": {"Amount": ["5", "10"]}, "Other": '9"',
        }
    },
    ensure_ascii=False,
).encode()  # fmt: skip


def _collected(*suffixes: str) -> list[bytes]:
    """Bad documents that others have collected, where they are."""
    if not CORPORA.is_dir():
        return []
    return [path.read_bytes()[:LARGEST] for path in sorted(CORPORA.rglob("*")) if path.suffix in suffixes]


def _long(pieces: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Bodies that are as long as one may be: a beginning, something again and again, an end."""
    grown = st.tuples(pieces, pieces, st.integers(1, 20_000), pieces)
    return grown.map(lambda it: (it[0] + it[1] * min(it[2], LARGEST // max(len(it[1]), 1)) + it[3])[:LARGEST])


XML_PIECES = st.sampled_from(
    [
        b"<a>", b"<a/>", b"</a>", b"<a ", b"b='", b"'", b">", b"&lt;", b"&e;", b"<!DOCTYPE a [", b"<!ENTITY e 'ha'>", b"]>",
        b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x ", b"?>", b"xmlns:p='u'", b"p:b=''", b"<p:a>", b"x", b"\n",
        b"&#65;", b"xsi:nil='1'",
    ]
)  # fmt: skip
JSON_PIECES = st.sampled_from(
    [
        b"{", b"}", b"[", b"]", b'"a":', b'"Contributions":', b'"', b"1", b",", b"null", b"\\u0000", b"\\ud800", b"1e9", b"-",
        b" ", b"{}", b'"SavingGoal":',
    ]
)  # fmt: skip

xml_bodies = st.one_of(
    mangled(GOAL_XML),
    st.sampled_from([GOAL_XML, *_collected(".xml")]).flatmap(mangled),
    mangled(GOAL_XML.replace(b'<?xml version="1.0"?>', b"").decode().encode("utf-16")),
    st.binary(max_size=80),
    st.lists(XML_PIECES, max_size=30).map(b"".join),
    _long(st.lists(XML_PIECES, max_size=6).map(b"".join)),
    st.sampled_from(NASTY_TEXTS).map(lambda text: f"<a b='1'>{xml_text(text)}</a>".encode()),
)
charsets = (
    st.none() | st.sampled_from(ENCODINGS) | st.text(max_size=8) | st.sampled_from(["utf-7", "java", "C99", "utf-32", "cp037"])
)


def check_xml(sent: tuple[bytes, str | None]) -> str:
    """Read twice: as it came, and as written anew from what was read; without what is read-only nothing else is different."""
    body, charset = sent
    try:
        root = read_xml(body, charset=charset)
    except BodyFaults as refused:
        _check_faults(refused)
        return "refused"
    _check_nodes(root)
    assert _told(read_xml(etree.tostring(_element(root), encoding="UTF-8"))) == _told(root)
    if charset is None:
        _check_as_expat_reads(body, root)
    if charset is None and body.lstrip()[:1] == b"<" and b"encoding" not in body:
        try:
            rest = without_elements(body, READ_ONLY)
        except BodyFaults as refused:
            _check_faults(refused)
            return "read, but not to be sent back"
        _check_without_read_only(root, read_xml(rest))
    return "read"


def _check_as_expat_reads(body: bytes, root: Node) -> None:
    """Another parser finds the same; what it refuses (it is stricter about names) is left aside."""
    try:
        other = ElementTree.fromstring(body)  # noqa: S314 - of a body that holds no entities: ours has read it
    except (ElementTree.ParseError, ValueError, LookupError):
        return
    assert _told_by_expat(other) == _told_briefly(root)


def _told_by_expat(element: ElementTree.Element) -> tuple[Any, ...]:
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    others = {name: value for name, value in element.attrib.items() if not name.startswith(f"{{{XSI}}}")}
    return element.tag, text, others, [_told_by_expat(child) for child in element]


def _told_briefly(node: Node) -> tuple[Any, ...]:
    others = {name: value for name, value in node.attributes.items() if not name.startswith(f"{{{XSI}}}")}
    return node.name, node.text, others, [_told_briefly(child) for child in node.children]


def check_json(body: bytes) -> str:
    """As check_xml."""
    try:
        root = read_json(body, "SavingGoal")
    except BodyFaults as refused:
        _check_faults(refused)
        return "refused"
    _check_nodes(root)
    anew = f'{{"SavingGoal": {_json_object(root)}}}'
    assert _told(read_json(anew.encode(), "SavingGoal")) == _told(root)
    if any(child.name == "SavingGoal" for child in root.children):
        return "read, but no goal has a goal in it"
    try:
        rest = without_members(body, "SavingGoal", READ_ONLY)
    except BodyFaults as refused:
        _check_faults(refused)
        return "read, but not to be sent back"
    _check_without_read_only(root, read_json(rest, "SavingGoal"))
    return "read"


def _check_faults(refused: BodyFaults) -> None:
    assert refused.faults
    for fault in refused.faults:
        assert fault.detail.endswith("."), fault
        assert not {"\n", "\0"} & set(fault.detail), fault
        assert len(fault.detail) <= 400, fault
        assert len(fault.path) <= LONGEST_PATH, fault
        assert not {"lxml", "libxml", ".py", "Traceback"} & set(fault.detail.split()), fault


def _check_nodes(root: Node) -> None:
    """No more of them and no deeper than is said, and each path short."""
    level, number, depth = [root], 0, 0
    while level:
        number, depth = number + len(level), depth + 1
        assert all(len(node.path) <= LONGEST_PATH for node in level)
        level = [child for node in level for child in node.children]
    assert number <= MOST_ELEMENTS + 1
    assert depth <= DEEPEST + 1


def _check_without_read_only(whole: Node, rest: Node) -> None:
    """The same, but that what is called so is empty."""
    emptied = [(one.name, "", [], {}) if one.name in READ_ONLY else _told(one)[:4] for one in whole.children]
    found = [(one.name, "", [], {}) if one.name in READ_ONLY else _told(one)[:4] for one in rest.children]
    assert found == emptied
    assert all(not one.children for one in rest.children if one.name in READ_ONLY)


def _told(node: Node) -> tuple[Any, ...]:
    children = [_told(child) for child in node.children]
    return (
        node.name,
        node.text,
        children,
        node.attributes,
        node.is_null,
        node.is_number,
        node.is_boolean,
        node.is_of_wrong_type,
    )


def _element(node: Node) -> etree._Element:
    """As it is written: the text, then the children."""
    element = etree.Element(node.name, nsmap={"xsi": XSI})
    for name, value in node.attributes.items():
        element.set(name, value)
    if node.is_null:
        element.set(f"{{{XSI}}}nil", "true")
    element.text = node.text
    element.extend([_element(child) for child in node.children])
    return element


def _json(node: Node) -> str:
    """As JSON has it. Members of one name may come several times, so it is put together here."""
    if node.is_null or node.is_boolean or node.is_number:
        return "null" if node.is_null else node.text
    if node.is_of_wrong_type:
        return "[]"
    if node.is_bare_list:
        return "[" + ", ".join(map(_json, node.children)) + "]"
    return _json_object(node) if node.children else json.dumps(node.text)


def _json_object(node: Node) -> str:
    return "{" + ", ".join(f"{json.dumps(child.name)}: {_json(child)}" for child in node.children) + "}"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(NASTY_TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
json_bodies = st.one_of(
    mangled(GOAL_JSON),
    st.binary(max_size=80),
    anything.map(lambda value: json.dumps(value).encode()),
    anything.map(lambda value: json.dumps({"SavingGoal": value}, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.lists(JSON_PIECES, max_size=30).map(b"".join),
    _long(st.lists(JSON_PIECES, max_size=6).map(b"".join)),
)

XML = Target(st.tuples(xml_bodies, st.none() | charsets), check_xml)
JSON = Target(json_bodies, check_json)
