"""The one writer of XML: what goes in comes out of any parser, exactly."""

import pytest
from hypothesis import given, settings
from lxml import etree

from tests.tiers import examples
from tests.xml_schemas.nasty_texts import XML_TEXTS
from xml_schemas.reader import read_xml
from xml_schemas.writer import write_xml

pytestmark = pytest.mark.no_database


def test_lists_and_dictionaries_become_elements():
    """Lists become elements dictionaries nest and an at sign makes an attribute."""
    content = {
        "@Next": "http://a.example/?b=c&d", "Goal": [{"Name": "A & B"}, {"Name": "<C>"}], "Version": 3, "Empty": "",
        "None": [],
    }  # fmt: skip
    assert write_xml("Goals", content) == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n"
        b'<Goals Next="http://a.example/?b=c&amp;d"><Goal><Name>A &amp; B</Name></Goal><Goal><Name>&lt;C&gt;</Name></Goal>'
        b"<Version>3</Version><Empty></Empty></Goals>"
    )


def test_a_namespace_is_the_default_one():
    assert write_xml("problem", {"errors": {"i": [{"path": "a"}]}}, namespace="urn:x") == (
        b"<?xml version='1.0' encoding='UTF-8'?>\n<problem xmlns=\"urn:x\"><errors><i><path>a</path></i></errors></problem>"
    )


@settings(deadline=None, derandomize=True, max_examples=examples(300))
@given(XML_TEXTS)
def test_any_text_that_xml_can_carry_comes_back(text):
    document = write_xml("a", {"b": text})
    assert read_xml(document).children[0].text == text
    assert (etree.fromstring(document).findtext("b") or "") == text


@pytest.mark.parametrize("text", ["\r", "\r\n", "a\rb\nc", " \t\r\n ", "]]>", "&amp;", "<!-- -->", "\x85\u2028\ufffd🚲"])
def test_blanks_and_line_ends_of_every_kind_come_back(text):
    assert read_xml(write_xml("a", {"b": text})).children[0].text == text
