"""What the client sends and what it wants back: media types, charsets, sizes, query arguments."""

import codecs
import gzip
from io import BytesIO

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.wsgi import application
from tests.conftest import Answer, goal_xml
from tests.tiers import examples
from tests.xml_schemas.answers import sentences_of
from web.request_limits import LARGEST_BODY_BYTES

XML, JSON = "application/xml; charset=utf-8", "application/json"
PROBLEM_XML = "application/problem+xml; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", XML), ("*/*", XML), ("*", XML), ("application/*", XML), ("application/xml", XML), ("application/json", JSON),
        ("application/json, application/xml", XML), ("application/xml, application/json", XML),
        ("application/json, */*", JSON), ("application/json, text/plain, */*", JSON),
        ("application/json;q=0.9, */*;q=0.1", JSON),
        ("application/json;q=0.5, application/xml;q=0.4", JSON), ("application/json;q=0.4, application/xml;q=0.5", XML),
        ("application/xml;q=0, */*", JSON), ("application/json;q=0, */*", XML), ("APPLICATION/JSON", JSON),
        ("Application/Xml", XML),
        ("application/json; charset=utf-8", JSON), ("application/json;version=1", JSON), ("application/json,", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", XML),
        ("text/html, application/json;q=0.1", JSON), (" application/json ", JSON),
    ],
)  # fmt: skip
def test_xml_is_the_default_and_json_comes_when_asked_for(shop, accept, media):
    assert shop.get("/api/savings", Accept=accept).headers["Content-Type"] == media


@pytest.mark.parametrize(
    "accept",
    [
        "text/html", "text/plain", "image/png, text/plain", "application/yaml", "application/json;q=0", "*/*;q=0",
        "application/xml;q=0", "application/problem+json", "application/vnd.api+json", "application/javascript",
        "text/javascript",
        "garbage", ",", ";", "/", "application/", "application/json/x", "application/json garbage", "application/xml\x00",
        "é/é",
    ],
)  # fmt: skip
def test_whoever_wants_neither_is_told_what_there_is_in_xml(shop, accept):
    refused = shop.get("/api/savings", Accept=accept)
    assert (refused.status, refused.headers["Content-Type"], refused.value("code")) == (406, PROBLEM_XML, "not_acceptable")
    assert (
        refused.value("detail")
        == "Accept application/xml (the default) or application/json, or say ?format=xml or ?format=json."
    )


def test_another_format_is_refused_and_nothing_is_made(shop):
    for name in ("", "yaml", "html", "jsonp", "plist", "json,xml", "application/json", "xml%00", "%F0%9F%9A%B2"):
        assert shop.get(f"/api/savings?format={name}", Accept="application/json").status == 406
        assert shop.post(f"/api/savings?format={name}", goal_xml()).status == 406
    assert shop.post("/api/savings", goal_xml(), Accept="text/html").status == 406
    assert len(shop.get("/api/savings").xml) == 0


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("format=json", "", JSON), ("format=xml", "", XML), ("format=JSON", "", JSON), ("FORMAT=Json", "", JSON),
        ("format=+json+", "", JSON),
        ("format=json", "application/xml", JSON), ("format=xml", "application/json", XML), ("format=json", "text/html", JSON),
        ("format=xml", "garbage", XML),
    ],
)  # fmt: skip
def test_the_format_argument_outranks_accept(shop, query, accept, media):
    assert shop.get(f"/api/savings?{query}", Accept=accept).headers["Content-Type"] == media


@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
def test_every_error_comes_in_the_format_that_was_asked_for(shop, stranger, rival, accept):
    goal = f"/api/SavingGoal/{shop.new_goal()}"
    media = PROBLEM_XML if accept == "application/xml" else "application/problem+json"
    for status, client, verb, path, body in (
        (401, stranger, "GET", "/api/savings", ""),
        (403, rival, "GET", goal, ""),
        (404, shop, "GET", "/api/SavingGoal/none", ""),
        (404, shop, "GET", "/api/nowhere", ""),
        (404, shop, "GET", "/api", ""),
        (405, shop, "DELETE", "/api/savings", ""),
        (405, stranger, "POST", "/api/schema/contributions.xsd", ""),
        (400, shop, "GET", "/api/savings?limit=0", ""),
        (400, shop, "POST", "/api/savings", "<a"),
        (413, shop, "POST", "/api/savings", "x" * 70_000),
        (415, shop, "POST", "/api/savings", "x"),
        (428, shop, "PATCH", goal, "<SavingGoal><Name>B</Name></SavingGoal>"),
    ):
        refused = client.call(verb, path, body, media="text/plain" if status == 415 else "application/xml", Accept=accept)
        assert (refused.status, refused.headers["Content-Type"]) == (status, media)
        told = refused.json if accept == "application/json" else {one.tag.split("}")[1]: one.text for one in refused.xml}
        assert str(told["status"]) == str(status)
        assert told["type"] == f"http://give.example.test/docs/errors/{told['code']}/"
        assert told["title"]
        assert told["detail"].endswith("."), told
        assert list(told)[:5] == ["type", "title", "status", "detail", "code"]


@settings(
    deadline=None, derandomize=True, max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.text(max_size=40), st.text("application/jsonxml*;q=0.159, ", max_size=60)))
def test_no_accept_header_whatever_does_anything_but_choose(shop, accept):
    assert shop.get("/api/savings", Accept=accept).status in {200, 406}


@pytest.mark.parametrize(
    "media",
    [
        "application/xml", "APPLICATION/XML", "application/xml;charset=utf-8", 'application/xml; charset="UTF-8"',
        "application/xml; charset=utf8", "application/xml ; charset=us-ascii", "application/xml; charset=ISO-8859-1",
        "application/xml; charset=windows-1252", "application/xml; foo=bar", "application/xml;",
    ],
)  # fmt: skip
def test_a_body_is_read_as_xml_where_the_content_type_says_so(shop, media):
    assert shop.post("/api/savings", goal_xml(), media=media).status == 201


@pytest.mark.parametrize(
    "media",
    [
        "text/plain", "multipart/form-data; boundary=x", "application/merge-patch+json",
        "application/problem+json", "text/json", "application/yaml",
        "application/x-plist", "application/octet-stream", "application/xml, application/json", "application", "xml", "/", ";",
        "application/xml/x", "application/json5", "text/html; charset=utf-8", "é", "\x00", "application/xm\x00l",
        "application/xml; charset=utf-7", "application/xml; charset=idna", "application/xml; charset=punycode",
        "application/xml; charset=rot13", "application/xml; charset=cp037", "application/xml; charset=java",
        "application/xml; charset=",
        "application/xml; charset=utf-32", "application/xml; charset=base64", "application/xml; charset=zlib",
        "application/xml; charset=x",
        f"application/xml; charset={'x' * 900}", "application/xml; charset=utf-16-le",
        "application/xml; charset*=utf-8''utf-8", "application/json; charset=iso-8859-1", "application/json; charset=utf-16",
    ],
    ids=lambda media: media[:45],
)  # fmt: skip
def test_another_content_type_or_charset_is_refused(shop, media):
    refused = shop.post("/api/savings", goal_xml(), media=media)
    assert (refused.status, refused.value("code")) == (415, "unsupported_media_type")
    assert len(shop.get("/api/savings").xml) == 0


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "identity, gzip", "x"])
def test_a_content_encoding_is_refused_before_anything_is_read(shop, coding):
    for body in (gzip.compress(goal_xml().encode()), goal_xml(), "x" * 70_000):
        refused = shop.post("/api/savings", body, Content_Encoding=coding)
        assert (refused.status, refused.value("code")) == (415, "unsupported_media_type")
        assert refused.headers["Accept-Encoding"] == "identity"
    for none in ("", "identity", " Identity "):
        assert shop.post("/api/savings", goal_xml(), Content_Encoding=none).status == 201


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("utf-8", "utf-8"), ("iso-8859-1", "iso-8859-1"), ("ISO-8859-15", "iso-8859-15"), ("windows-1252", "cp1252"),
        ("utf-16", "utf-16"), ("utf-16", "utf-16-be"), ("UTF-16LE", "utf-16-le"), ("utf-16be", "utf-16-be"),
    ],
)  # fmt: skip
def test_the_content_types_charset_outranks_the_declaration(shop, charset, codec):
    for declaration in (
        "", "<?xml version='1.0'?>", "<?xml version='1.0' encoding='UTF-8'?>", "<?xml version='1.0' encoding='koi8-r'?>",
    ):  # fmt: skip
        body = (declaration + goal_xml(Name="à la crème")).encode(codec)
        made = shop.post("/api/savings", body, media=f"application/xml; charset={charset}")
        assert (made.status, made.value("Name")) == (201, "à la crème"), (declaration, made.text)


NO_TEXT_ENCODINGS = (
    "rot13", "idna", "punycode", "utf-7", "undefined", "base64", "zlib", "utf-16", "koi8-r", "cp037", "\0", "é",
)  # fmt: skip


def over_wsgi(client, verb, path, *, media):
    """The request through the WSGI application itself, which the server calls and Django's test client goes round."""
    environment = RequestFactory(SERVER_NAME="give.example.test")._base_environ(
        REQUEST_METHOD=verb, PATH_INFO=path.partition("?")[0], QUERY_STRING=path.partition("?")[2], CONTENT_TYPE=media,
        HTTP_AUTHORIZATION=f"Bearer {client.key}",
    )  # fmt: skip
    started = []
    request_started.disconnect(close_old_connections)  # the test's transaction is to outlive the request
    try:
        body = b"".join(application(environment, lambda status, headers: started.append((int(status[:3]), dict(headers)))))
    finally:
        request_started.connect(close_old_connections)
    return Answer(*started[0], body)


@pytest.mark.parametrize("charset", NO_TEXT_ENCODINGS)
def test_the_query_is_utf_8_whatever_the_content_type_says(shop, charset):
    goal = shop.new_goal(ExternalItemId="rower żółty")
    for media in (
        f"application/xml; charset={charset}",
        f"application/json; charset*={charset}''x",
        f"text/plain;charset={charset}",
    ):
        found = over_wsgi(shop, "GET", "/api/savings?ExternalItemId=rower%20%C5%BC%C3%B3%C5%82ty", media=media)
        assert (found.status, found.value("Id")) == (200, goal), found.text
        refused = over_wsgi(shop, "POST", "/api/savings?format=xml", media=media)
        assert refused.status in {400, 415}
        assert over_wsgi(shop, "GET", "/nowhere?a=b", media=media).status == 404


def test_without_a_charset_the_mark_or_the_declaration_decides(shop):
    text = goal_xml(Name="à la crème")
    declared = b"<?xml version='1.0' encoding='ISO-8859-1'?>" + text.encode("iso-8859-1")
    for body in (text.encode(), codecs.BOM_UTF8 + text.encode(), text.encode("utf-16"), declared):
        assert shop.post("/api/savings", body).value("Name") == "à la crème"
    wrong = shop.post("/api/savings", text.encode("iso-8859-1"))
    assert sentences_of(wrong) == ["There are bytes that do not fit the encoding: send UTF-8, or name the encoding."]
    assert len(shop.get("/api/savings").xml) == 4


def padded(size):
    body = goal_xml()
    return body.replace("</SavingGoal>", " " * (size - len(body)) + "</SavingGoal>")


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_refused(shop):
    assert shop.post("/api/savings", padded(64 * 1024)).status == 201
    for refused in (
        shop.post("/api/savings", padded(64 * 1024 + 1)),
        shop.post("/api/savings", "x" * 10_000_000),
        shop.post("/api/savings", '"' + "x" * 70_000, media="application/json"),
    ):
        assert (refused.status, refused.value("code")) == (413, "body_too_large")
        assert refused.value("detail") == "A body may have at most 65536 bytes."
    refused = shop.put(f"/api/SavingGoal/{shop.new_goal()}", padded(64 * 1024 + 1))
    assert (refused.status, refused.value("code")) == (413, "body_too_large")
    assert refused.value("detail") == "A body may have at most 65536 bytes, not counted what is read-only in it."


def raw_post(client, body, **environment):
    """A request whose length is told as `environment` has it, whatever the body's length is."""
    environment |= {"wsgi.input": BytesIO(body.encode()), "HTTP_AUTHORIZATION": f"Bearer {client.key}"}
    response = client.client.generic("POST", "/api/savings", **environment | {"CONTENT_TYPE": "application/xml"})
    return Answer(response.status_code, response.headers, response.content)


def test_a_bad_length_is_refused_before_anything_is_read(shop):
    for length in ("99999999999999999999", "-1", "abc", "²", "１２", "1e3", "0x10", "65537"):
        assert raw_post(shop, goal_xml(), CONTENT_LENGTH=length).status == 413, length


@pytest.mark.parametrize(
    ("body", "status"), [(goal_xml(), 201), (padded(LARGEST_BODY_BYTES), 201), (padded(LARGEST_BODY_BYTES + 1), 413), ("", 400)]
)
def test_a_body_in_chunks_is_read_up_to_the_same_size(shop, body, status):
    assert raw_post(shop, body, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked").status == status


UNKNOWN_ARGUMENT = (
    "This path does not know the argument {!r}; it knows ApiKey, format, Id, ExternalItemId, State, limit, after."
)
UNKNOWN = {
    "nonsense=1": "nonsense", "Status=Settled": "Status", "order_by=-id": "order_by", "offset=0": "offset", "limit=1&x": "x",
    "Id__startswith=a": "Id__startswith", "%00=1": "\x00", "%FF=1": "\ufffd", "=1": "",
}  # fmt: skip
TWICE = {"Id=a&id=b": "Id", "Id=a&Id=a": "Id", "limit=1&LIMIT=2": "limit"}
UNFIT = {"Id=%00": ("Id", "0000"), "ExternalItemId=a%1Bb": ("ExternalItemId", "001B"), "after=%EF%BF%BF": ("after", "FFFF")}
NO_LIMITS = (
    "0", "101", "-1", "", "ten", "1.0", "+1", "%2B1", "%C2%B2", "1e1", "%D9%A1", "0x10", "5%20", "%205", "NaN", "9" * 5000,
    "0" * 31,
)  # fmt: skip


def test_an_argument_that_means_nothing_is_refused(shop):
    unfit, no_place = (
        "The argument {} holds the character U+{}, which no value can have.",
        "after must be the Id of a record of this list: follow the Next address as it is.",
    )
    for query, sentence in (
        *((query, UNKNOWN_ARGUMENT.format(name)) for query, name in UNKNOWN.items()),
        *((query, f"The argument {name} is given twice: give it once.") for query, name in TWICE.items()),
        *((query, unfit.format(*what)) for query, what in UNFIT.items()),
        *((f"limit={text}", "limit must be a whole number from 1 to 100.") for text in NO_LIMITS),
        *((f"after={text}", no_place) for text in ("", "1", "vytxeTZskVKR7C7WgdSP3d")),
    ):
        refused = shop.get(f"/api/savings?{query}")
        assert (refused.status, refused.value("code"), refused.value("detail")) == (400, "invalid_argument", sentence), query
        assert shop.get(f"/api/savings?{query}", Accept="application/json").json["detail"] == sentence


def test_another_lists_record_is_no_place_to_go_on_after(shop, rival):
    goal, other, foreign = shop.new_goal(), shop.new_goal(), rival.new_goal()
    gift = shop.new_contribution(other).value("Id")
    assert shop.get(f"/api/savings?after={foreign}").status == 400
    assert shop.get(f"/api/savings?after={gift}").status == 400
    assert shop.get(f"/api/SavingGoal/{goal}/Contributions?after={gift}").status == 400
