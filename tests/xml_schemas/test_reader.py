"""The one reader of XML: what is data comes out with its path and line, everything else is refused before it does anything."""

import threading
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.eventually import join
from tests.tiers import examples
from xml_schemas.reader import DEEPEST, LONGEST_NAME, LONGEST_NAMESPACE, MOST_ATTRIBUTES, MOST_ELEMENTS, BodyFaults, read_xml

pytestmark = pytest.mark.no_database

NO_DOCTYPE = "A DOCTYPE is not accepted: send the document without it."


def refusal(body, **how):
    """The path, line and sentence of the one fault."""
    with pytest.raises(BodyFaults) as refused:
        read_xml(body if isinstance(body, bytes) else body.encode(), **how)
    (fault,) = refused.value.faults
    return fault.path, fault.line, fault.detail


def text_of(body, **how):
    return read_xml(body if isinstance(body, bytes) else body.encode(), **how).text


def test_every_element_knows_its_path_and_its_line():
    root = read_xml(
        b"<?xml version='1.0'?>\n<Goal>\n  <Name>Bike</Name>\n\n  <Payers><Payer>\n<Mail>a</Mail></Payer></Payers>\n</Goal>"
    )
    name, payers = root.children
    mail = payers.children[0].children[0]
    places = {"Goal": (root, 2), "Goal/Name": (name, 3), "Goal/Payers": (payers, 5), "Goal/Payers/Payer/Mail": (mail, 6)}
    for path, (one, line) in places.items():
        assert (one.name, one.path, one.line) == (path.rpartition("/")[2], path, line)
    assert (name.text, mail.text) == ("Bike", "a")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<a>one<!-- a remark -->two</a>", "onetwo"),
        ("<!-- before --><a><!-- first -->one<!-- in between -->two<!-- last --></a><!-- after -->", "onetwo"),
        ("<a>one<!-- <b>not an element</b> &nbsp; -->two</a>", "onetwo"),
        ("<a>one<![CDATA[<b>&amp;]]>two</a>", "one<b>&amp;two"),
        ("<a><![CDATA[]]]]><![CDATA[>]]></a>", "]]>"),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F6B2;</a>", "<>&\"'AB🚲"),
        ("<a>one\r\ntwo\rthree&#13;four&#13;\n</a>", "one\ntwo\nthree\rfour\r\n"),
        ("<a> \t one \n </a>", " \t one \n "),
        ("<a/>", ""),
        ("<a></a>", ""),
        ("  \n <a>one</a>\n  ", "one"),
    ],
)
def test_a_text_stays_whole(body, text):
    assert text_of(body) == text


def test_namespaces_mixed_content_and_attributes_are_told():
    """Schema hints are not."""
    assert read_xml(b'<a xmlns="urn:x"/>').name == "{urn:x}a"
    assert [one.name for one in read_xml(b'<a xmlns:p="urn:x"><p:b/><c/></a>').children] == ["{urn:x}b", "c"]
    mixed = read_xml(b"<a>one<b>two</b>three<c/>four</a>")
    assert (mixed.text, [child.text for child in mixed.children]) == ("onethreefour", ["two", ""])
    schema, xml = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"
    hints = 'xsi:schemaLocation="urn:a http://127.0.0.1:9/a.xsd" xsi:noNamespaceSchemaLocation="file:///etc/passwd"'
    body = f'<a xmlns:xsi="{schema}" xmlns:unused="urn:u" {hints}><b one="1" xml:lang="en" xsi:type="x"/></a>'
    root = read_xml(body.encode())
    assert root.attributes == {}
    assert root.children[0].attributes == {"one": "1", f"{{{xml}}}lang": "en", f"{{{schema}}}type": "x"}


@pytest.mark.parametrize("body", [b"", b" ", b"\n\t \r\n"])
def test_nothing_is_no_document(body):
    assert refusal(body) == ("/", None, "The body is empty: send one XML document.")


DOCTYPES = {
    "plain": "<!DOCTYPE a><a/>",
    "of the service itself": '<!DOCTYPE a SYSTEM "http://give.example.test/api/schema/contributions.dtd"><a/>',
    "public": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:9/xhtml1-strict.dtd"><a/>',
    "empty subset": "<!DOCTYPE a []><a/>",
    "internal entity": '<!DOCTYPE a [<!ENTITY e "text">]><a>&e;</a>',
    "internal entity, unused": '<!DOCTYPE a [<!ENTITY e "text">]><a/>',
    "entity in an attribute": '<!DOCTYPE a [<!ENTITY e "text">]><a b="&e;"/>',
    "external file": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "external address": '<!DOCTYPE a [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]><a>&e;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd">%p;]><a/>',
    "parameter entity that declares": "<!DOCTYPE a [<!ENTITY % p '<!ENTITY e \"x\">'>%p;]><a>&e;</a>",
    "default attribute": '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
    "notation": '<!DOCTYPE a [<!NOTATION n SYSTEM "/bin/sh"><!ENTITY e SYSTEM "x" NDATA n>]><a/>',
    "cyclic": '<!DOCTYPE a [<!ENTITY b "&c;"><!ENTITY c "&b;">]><a>&b;</a>',
    "small bomb": '<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;&c;</a>',
    "comment before": "<!-- x --><!DOCTYPE a><a/>",
    "declared": '<?xml version="1.0" encoding="UTF-8" standalone="no"?><!DOCTYPE a><a/>',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_doctype_is_refused_whatever_it_says(encoding):
    for kind, body in DOCTYPES.items():
        assert refusal(body.replace(' encoding="UTF-8"', "").encode(encoding))[2] == NO_DOCTYPE, kind


@pytest.mark.parametrize(
    "body",
    [
        # A billion laughs: ten entities, each ten of the one before.
        "<!DOCTYPE a [<!ENTITY e0 'ha'>"
        + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
        + "]><a>&e9;</a>",
        # Quadratic: one long entity, many times.
        f"<!DOCTYPE a [<!ENTITY e '{'x' * 30_000}'>]><a>{'&e;' * 10_000}</a>",
        f"<!DOCTYPE a [<!ENTITY e '{'x' * 30_000}'>]><a b='{'&e;' * 10_000}'/>",
        # And with parameter entities.
        "<!DOCTYPE a [<!ENTITY % p0 'ha'>"
        + "".join(f"<!ENTITY % p{n} '%p{n - 1};%p{n - 1};'>" for n in range(1, 30))
        + "]><a/>",
    ],
    ids=["billion laughs", "quadratic", "quadratic in an attribute", "parameter entities"],
)
def test_entities_that_would_grow_without_end_do_not_grow(body):
    path, _, sentence = refusal(body)
    assert path == "/"
    assert sentence in {
        NO_DOCTYPE,
        "Elements are nested more than 16 deep, or entities grow beyond all measure.",
        "The XML is not well-formed: PEReferences forbidden in internal subset.",
    }


def test_an_undeclared_entity_is_refused_with_the_five():
    the_five = "The only entities are &lt; &gt; &amp; &quot; &apos;: write others as characters."
    assert refusal("<a>\n&nbsp;</a>") == ("/", 2, the_five)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x.xsl"?><a/>', 1),
        ('<?xml version="1.0"?>\n<?php phpinfo(); ?>\n<a/>', 2),
        ("<a>\n<?php phpinfo(); ?></a>", 2),
        ("<a>one<?pi?>two</a>", 1),
        ("<a><b><c><?pi x?></c></b></a>", 1),
        ("<a/>\n\n<?pi?>", 3),
    ],
)
def test_a_processing_instruction_is_refused_wherever_it_stands(body, line):
    assert refusal(body) == ("/", line, "A processing instruction is not accepted: leave it out.")


MALFORMED = (
    "text", "<", "<a", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>text", "text<a/>", "<a><b></a></b>", "<a b=1/>",
    '<a b="1" b="2"/>',
    '<a b="<"/>', "<a>&</a>", "<a>&amp</a>", "<a>]]></a>", "<a><![CDATA[x</a>", "<a><!-- x</a>", "<a><!-- x -- y --></a>",
    "<1a/>",
    "<a:b/>", "<a><x:b/></a>", '<a x:b="1"/>', '<a xmlns:b=""/>', "<a>\0</a>", "<a/>\0", "<a>\x01</a>", "<a>\x0b</a>",
    "<a>\x1b[31m</a>",
    "<a>&#0;</a>", "<a>&#1;</a>", "<a>&#xD800;</a>", "<a>&#xFFFE;</a>", "<a>&#x110000;</a>", "<a>&#99999999999999999999;</a>",
    "<a>\ufffe</a>", "<a>\uffff</a>", "<a\x01/>", '<a b="\x01"/>', "<!DOCTYPE a", "<!DOCTYPE a [", "<!ENTITY e 'x'><a/>",
    '<?xml version="1.0"', '<?xml version="1.0" encoding=""?><a/>', '<?xml encoding="UTF-8"?><a/>', '<?xml version="2.0"?><a/>',
    '<?xml version=""?><a/>', '<?xml version="1.0" standalone="maybe"?><a/>', "<?xml?><a/>", '{"Name": "x"}', "--boundary",
    "a=b&c=d", '<a/><?xml version="1.0"?>', '<a><?xml version="1.0"?></a>', ' <?xml version="1.0"?><a/>',
    '<?XML version="1.0"?><a/>',
)  # fmt: skip


def test_what_is_not_well_formed_is_refused_with_its_line():
    for body in MALFORMED:
        path, line, sentence = refusal(body)
        assert (path, line) == ("/", 1), body
        assert sentence.startswith(("The XML is not well-formed: ", "The XML cannot be read: ", "A DOCTYPE")), (body, sentence)
        assert sentence.endswith("."), (body, sentence)
        assert not {"\n", "\0"} & set(sentence), (body, sentence)
        assert ", column" not in sentence, (body, sentence)
        for word in ("XML_PARSE_HUGE", "xmlCtxt", "libxml", "lxml", "/work", ".py"):
            assert word not in sentence, (body, sentence)


def test_what_stands_in_an_unfinished_part_is_not_echoed():
    for start in ("<a><![CDATA[", "<a><!-- ", "<a><!-- x -- ", "<a>"):
        assert "anna" not in refusal(start + "anna@example.org")[2]


def test_the_line_of_a_fault_is_the_one_where_the_parser_met_it():
    mismatch = "The XML is not well-formed: Opening and ending tag mismatch: b line 2 and c."
    assert refusal("<a>\n<b>\n</c>\n</a>") == ("/", 3, mismatch)


def test_a_document_of_version_1_1_is_read_as_xml_1_0_is():
    assert text_of('<?xml version="1.1"?><a>one\x85two</a>') == "one\x85two"
    assert refusal('<?xml version="1.1"?><a>&#1;</a>')[2].startswith("The XML is not well-formed: ")


def test_elements_may_be_nested_so_deep_and_no_deeper():
    assert read_xml(b"<a>" * DEEPEST + b"</a>" * DEEPEST).name == "a"
    path, line, sentence = refusal(b"<a>\n" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1))
    assert (path, line, sentence) == ("a" + "/a" * 16, 17, "Elements are nested more than 16 deep.")
    for depth in (200, 300, 9_000):
        assert "nested more than 16 deep" in refusal(b"<a>" * depth + b"</a>" * depth)[2]
    assert len(refusal(f"<{'n' * 100}>" * (DEEPEST + 1) + f"</{'n' * 100}>" * (DEEPEST + 1))[0]) == 200


def test_a_document_may_have_so_many_elements_and_no_more():
    assert len(read_xml(b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>").children) == MOST_ELEMENTS
    assert refusal(b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>") == ("/", None, "The document has more than 2000 elements.")


def test_long_names_values_and_many_attributes_are_read():
    assert read_xml(f"<{'n' * LONGEST_NAME}/>".encode()).name == "n" * LONGEST_NAME
    assert read_xml(f"<a b='{'v' * 60_000}'/>".encode()).attributes == {"b": "v" * 60_000}
    many = " ".join(f"b{n}=''" for n in range(MOST_ATTRIBUTES))
    assert len(read_xml(f"<a {many}/>".encode()).attributes) == MOST_ATTRIBUTES
    namespace = "u" * LONGEST_NAMESPACE
    assert read_xml(f"<a xmlns='{namespace}'/>".encode()).name == f"{{{namespace}}}a"
    assert read_xml(f"<a>{'t' * 60_000}</a>".encode()).text == "t" * 60_000


@pytest.mark.parametrize(
    ("body", "path", "sentence"),
    [
        (f"<r><{'n' * 101}/></r>", "r", "A name has more than 100 characters."),
        (f"<r {'n' * 101}=''/>", "r", "A name has more than 100 characters."),
        (f"<r xmlns:p='{'u' * 201}' p:a=''/>", "r", "The name of a namespace has more than 200 characters."),
        (f"<r xmlns='{'u' * 201}'/>", "/", "The name of a namespace has more than 200 characters."),
        (f"<r {' '.join(f'a{n}=_' for n in range(17))}/>".replace("_", "''"), "r", "An element has more than 16 attributes."),
    ],
)
def test_longer_names_and_more_attributes_are_refused(body, path, sentence):
    assert refusal(body) == (path, 1, sentence)


def test_threads_read_side_by_side():
    results = []

    def read(number):
        for _ in range(50):
            results.append(text_of(f"<a>{number}</a>") == str(number))
            results.append(refusal(f"<a>{chr(10) * number}</b>")[1] == number + 1)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert results == [True] * 400


@settings(deadline=None, derandomize=True, max_examples=examples(400))
@given(
    st.one_of(
        st.binary(max_size=60),
        st.binary(max_size=30).map(lambda body: b"<a>" + body + b"</a>"),
        st.text("<>/&;ab!?-[]'\"= ", max_size=40).map(str.encode),
    )
)
def test_any_bytes_whatever_are_read_or_refused(body):
    with suppress(BodyFaults):
        read_xml(body)
