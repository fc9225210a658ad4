"""The reader of the documentation itself: a wrong example must not pass."""

import pytest
from lxml import etree

from tests.docs.comparison import Different, Memory, compare_json, compare_xml
from tests.docs.examples import BadExample, steps_of
from tests.docs.pages_and_code import PARTNERS
from tests.docs.running import HOST, Reader

ERRORS = {
    "a status": ("HTTP/1.1 201 Created", "HTTP/1.1 200 OK"),
    "the words of a status": ("HTTP/1.1 201 Created", "HTTP/1.1 201 Made"),
    "a header": ("Content-Type: application/xml; charset=utf-8\nLocation:", "Content-Type: text/xml\nLocation:"),
    "a header that does not come": ('ETag: "{goal-tag}"', "Last-Modified: today"),
    "a text": ("<CurrentAmount>0.00</CurrentAmount>", "<CurrentAmount>0</CurrentAmount>"),
    "a value that was another before": (
        "Location: https://shop.example/thanks?item=7&Id={gift}",
        "Location: https://shop.example/thanks?item=7&Id={goal}",
    ),
    "a value that is not known": ("GET /api/Contribution/{gift} HTTP/1.1", "GET /api/Contribution/{gifts} HTTP/1.1"),
    "a JSON type": ('"RecordVersionNumber": 1,', '"RecordVersionNumber": "1",'),
    "what a command prints": ('"webhook_secret": null}', '"webhook_secret": ""}'),
    "a request without an answer": ("\n```http\nHTTP/1.1 303 See Other", "\n```text\nHTTP/1.1 303 See Other"),
    "a block that is not closed": ("...\n```\n\n```http\nGET /api/schema/contributions.dtd", "...\n\n"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("error", ERRORS)
def test_a_wrong_example_is_found(error, tmp_path, settings):
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = f"https://{HOST}", [HOST]
    right, wrong = ERRORS[error]
    assert right in PARTNERS
    copy = tmp_path / "guide.md"
    copy.write_text(PARTNERS.replace(right, wrong, 1))
    with pytest.raises(BadExample, match=r"guide\.md:\d+: "):
        Reader().follow(steps_of(copy))


def test_a_placeholder_keeps_its_value():
    memory = Memory()
    memory.match("/a/{id}?again={id}", "/a/x1?again=x1", "here")
    assert memory == {"id": "x1"}
    assert memory.fill("{id}, {id:1}") == "x1, x"
    for shown, real in (("{id}", "x2"), ("{new}-{new}", "a-b"), ("{date}", "today"), ("{new}", "")):
        with pytest.raises(Different):
            memory.match(shown, real, "here")
    assert memory == {"id": "x1"}


def test_only_what_dots_stand_for_may_be_missing():
    compare_json({"a": "1", "...": "..."}, {"a": "1", "b": 2}, Memory())
    for shown in ({"a": "1"}, {"a": "2", "...": "..."}, {"a": 1, "...": "..."}, {"c": "1", "...": "..."}):
        with pytest.raises(Different):
            compare_json(shown, {"a": "1", "b": 2}, Memory())


SAME = """
<a><b>1</b><c>2</c></a>
<a>  <b>1</b>  <c>2</c>  </a>
<a><!-- ... --><c>2</c></a>
<a><b>1</b><!-- ... --></a>
"""
OTHERS = """
<a><b>1</b></a>
<a><b>1</b><c>2</c><d/></a>
<a><c>2</c><b>1</b></a>
<a><!-- more --><c>2</c></a>
<a><!-- ... --><d/></a>
<a x="1"><b>1</b><c>2</c></a>
<a xmlns="urn:x"><b>1</b><c>2</c></a>
<a><b> 1</b><c>2</c></a>
"""


def test_xml_is_compared_by_its_structure():
    real = etree.fromstring("<a><b>1</b><c>2</c></a>")
    for shown in SAME.split("\n")[1:-1]:
        compare_xml(etree.fromstring(shown), real, Memory())
    for shown in OTHERS.split("\n")[1:-1]:
        with pytest.raises(Different):
            compare_xml(etree.fromstring(shown), real, Memory())
