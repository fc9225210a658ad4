"""Whatever comes in is read right or refused with 4xx; it never crashes the service, nor leaves anything behind."""

import json
import socket
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from api.models import IdempotencyKey
from api.openapi.operations import OPERATIONS
from contributions.models import Contribution
from goals.models import PaymentAccount, SavingGoal
from tests.api.conftest import all_rows
from tests.api.in_json import GIFT, GOAL
from tests.api.naughty import CORPORA, needs_corpora
from tests.conftest import goal_xml
from tests.tiers import examples, sample
from tests.xml_schemas.answers import faults_of

XML, JSON = "application/xml", "application/json"

no_fixture_check = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def rows():
    return [model.objects.count() for model in (SavingGoal, PaymentAccount, Contribution, IdempotencyKey)]


def ways_in(goal_id):
    """Everywhere a body is read."""
    return (
        ("POST", "/api/savings"), ("POST", f"/api/SavingGoal/{goal_id}/Contributions"), ("PUT", f"/api/SavingGoal/{goal_id}"),
        ("PATCH", f"/api/SavingGoal/{goal_id}"),
    )  # fmt: skip


def check_refused(client, goal_id, body, *, media, statuses=(400,), charset=""):
    """The body is refused everywhere in a well-formed document, and leaves nothing behind."""
    before, goal_before = rows(), client.get(f"/api/SavingGoal/{goal_id}").body
    for verb, path in ways_in(goal_id):
        for accept in (XML, JSON):
            refused = client.call(verb, path, body, media=media + charset, Accept=accept)
            assert refused.status in statuses, (verb, path, refused.status, body[:200], refused.text[:300])
            told = refused.json if accept == JSON else {one.tag.split("}")[1]: one.text for one in refused.xml}
            assert int(told["status"]) == refused.status
            assert "Traceback" not in refused.text
    assert client.get("/api/savings").status == 200
    assert client.get(f"/api/SavingGoal/{goal_id}").body == goal_before
    assert rows() == before


WHOLE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<!-- żółw --><SavingGoal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <ExternalItemId>bike-7</ExternalItemId><Name>Rower dla &#x141;ucji &amp; Ąnny 🚲<![CDATA[<b>]]></Name>
  <GoalAmount>250.00</GoalAmount><PaymentProviders><PaymentProvider><ProviderName>Paypal</ProviderName>
  <Credentials>anna@example.org</Credentials></PaymentProvider></PaymentProviders></SavingGoal>""".encode()

WHOLE_JSON = json.dumps(
    {"SavingGoal": GOAL | {"Name": "Rower dla Łucji \\u0026 Ąnny 🚲", "GoalAmount": 250.00}}, ensure_ascii=False
).encode()
WHOLE_UTF_16 = WHOLE_XML.replace(b' encoding="UTF-8"', b"").decode().encode("utf-16")


@pytest.mark.parametrize(
    ("whole", "media", "step"),
    [(WHOLE_XML, XML, 1), (WHOLE_UTF_16, XML, 7), (WHOLE_JSON, JSON, 1)],
    ids=["xml", "utf-16", "json"],
)
def test_a_body_that_broke_off_at_any_byte_is_refused(shop, whole, media, step, pytestconfig):
    for length in sample(pytestconfig, range(1, len(whole), step)):
        refused = shop.post("/api/savings", whole[:length], media=media)
        assert refused.status == 400, (whole[:length], refused.text)
        assert "anna" not in refused.text
    assert SavingGoal.objects.count() == 0
    assert shop.post("/api/savings", whole, media=media).status == 201


PIECES = st.binary(max_size=6) | st.sampled_from([b"\0", b"<", b"&", b"]]>", b"\xff", b'"', b"\\ud800", b"{", b"1e5", b"-"])


@st.composite
def mangled(draw, whole):
    """The whole with a few bytes taken out, put in, changed or doubled."""
    body = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 12)))
        there, put = bytes(body[start:end]), draw(PIECES)
        body[start:end] = draw(st.sampled_from([b"", put, put + there, there * 2]))
    return bytes(body)


@settings(max_examples=examples(400), **no_fixture_check)
@given(sent=st.tuples(mangled(WHOLE_XML), st.just(XML)) | st.tuples(mangled(WHOLE_JSON), st.just(JSON)))
def test_a_mangled_body_is_read_or_refused(shop, sent):
    body, media = sent
    made = shop.post("/api/savings", body, media=media)
    assert made.status in {201, 400}, (body, made.text)
    assert made.status == 400 or shop.get(f"/api/SavingGoal/{made.value('Id')}").status == 200


medias = st.sampled_from([XML, JSON, f"{XML}; charset=utf-16", f"{XML}; charset=windows-1252"])


@settings(max_examples=examples(150), **no_fixture_check)
@given(body=st.binary(min_size=1, max_size=80), media=medias)
def test_random_bytes_are_refused(shop, body, media):
    assert shop.post("/api/savings", body, media=media).status == 400
    assert SavingGoal.objects.count() == 0


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "Id", "ExternalItemId", "Name", "StartingAmount", "GoalAmount", "CurrentAmount", "EndDate", "Contributions",
        "PaymentProviders", "ConfirmationURL", "CancelURL", "RecordVersionNumber", "Currency", "CapturePolicy", "Amount",
        "Contributor", "Message", "ProviderName", "Next",
    ]
)  # fmt: skip


@settings(max_examples=examples(60), **no_fixture_check)
@given(members=st.dictionaries(names, anything, max_size=4))
def test_a_right_name_with_any_value_is_read_or_refused(shop, members):
    goal = shop.new_goal()
    for verb, path in ways_in(goal):
        body = json.dumps((GIFT if "Contributions" in path else GOAL | {"RecordVersionNumber": 1}) | members)
        assert shop.call(verb, path, body, media=JSON).status in {200, 201, 400, 409, 428}, (verb, path, body)
    assert shop.get("/api/savings?limit=5").status == shop.get(f"/api/SavingGoal/{goal}/Contributions").status == 200


def test_a_body_cannot_make_us_read_or_call_anything(shop, tmp_path):
    """Nothing on this machine is read or called whatever a body points at."""
    canary = tmp_path / "canary.txt"
    canary.write_text("SING-LITTLE-CANARY")
    goal = shop.new_goal()
    hint = '<SavingGoal xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:noNamespaceSchemaLocation="{}">'
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for where in (canary.as_uri(), str(canary), address, "/etc/passwd", "php://filter/resource=x"):
            for head in (
                f'<!DOCTYPE SavingGoal [<!ENTITY e SYSTEM "{where}">]>',
                f'<!DOCTYPE SavingGoal [<!ENTITY % p SYSTEM "{where}"> %p; <!ENTITY e "x">]>',
                f'<!DOCTYPE SavingGoal SYSTEM "{where}">',
                f'<!DOCTYPE SavingGoal PUBLIC "-//x//y" "{where}">',
                f'<?xml-stylesheet href="{where}"?>',
            ):
                body = head + goal_xml(Name="&amp;&e;" if "ENTITY" in head else "A")
                check_refused(shop, goal, body, media=XML)
                assert "CANARY" not in shop.post("/api/savings", body).text
            included = goal_xml(Name=f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{where}" parse="text"/>')
            for body in (included, goal_xml().replace("<SavingGoal>", f'<SavingGoal xml:base="{where}">')):
                refused = shop.post("/api/savings", body)
                assert (refused.status, "CANARY" in refused.text, "root:" in refused.text) == (400, False, False)
            hinted = shop.post("/api/savings", goal_xml().replace("<SavingGoal>", hint.format(where)))
            assert (hinted.status, "CANARY" in hinted.text) == (201, False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    careless = etree.XMLParser(resolve_entities=True, load_dtd=True)
    read = etree.fromstring(f'<!DOCTYPE a [<!ENTITY e SYSTEM "{canary.as_uri()}">]><a>&e;</a>', careless)
    assert read.text == "SING-LITTLE-CANARY", "none of the above could have failed"


@pytest.mark.parametrize("accept", [XML, JSON])
def test_bombs_do_not_go_off(shop, accept):
    laughs = "<!ENTITY e0 'ha'>" + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    many_attributes = " ".join(f"a{number}=''" for number in range(5_000))
    for body in (
        f"<!DOCTYPE a [{laughs}]><SavingGoal><Name>&e9;</Name></SavingGoal>",
        f"<!DOCTYPE a [<!ENTITY e '{'x' * 30_000}'>]><SavingGoal><Name>{'&e;' * 10_000}</Name></SavingGoal>",
        "<!DOCTYPE a [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><SavingGoal><Name>&a;</Name></SavingGoal>",
        "<SavingGoal>" * 900 + "</SavingGoal>" * 900,
        "<SavingGoal>" + "<Name/>" * 9_000 + "</SavingGoal>",
        f"<SavingGoal {many_attributes}/>",
    ):
        refused = shop.post("/api/savings", body, Accept=accept)
        assert len(faults_of(refused)) in {1, 5}
        assert len(refused.body) < 3_000


def test_hostile_names_and_values_in_xml_are_echoed_as_data(shop):
    for name in ("script", "a" * 100, "ż", "_", "x-y.z", "\U00010000", "ﷺ"):
        for accept in (XML, JSON):
            refused = shop.post("/api/savings", goal_xml(**{name: "<b/>"}), Accept=accept)
            ((path, line, sentence),) = faults_of(refused)
            assert path == f"SavingGoal/{name}"[:200]
            assert sentence.startswith(f"{name[:50]} is not an element of SavingGoal; ")
            assert line == 1
    body = goal_xml(ConfirmationURL="http://shop.example/ &lt;script&gt;alert(1)&lt;/script&gt;", Currency="&lt;b&gt;")
    assert "script" not in shop.post("/api/savings", body).text
    namespace = '<SavingGoal><Name xmlns="urn:a&amp;b;c">x</Name></SavingGoal>'
    assert faults_of(shop.post("/api/savings", namespace))[0][0] == "SavingGoal/{urn:a&b;c}Name"
    namespace = '<SavingGoal><Name xmlns="&lt;/path&gt;&quot;&amp;">x</Name></SavingGoal>'
    ((path, _, sentence),) = faults_of(shop.post("/api/savings", namespace))
    assert (path, sentence) == ("/", "The XML is not well-formed: xmlns: '</path>\"&' is not a valid URI.")


@needs_corpora
def test_every_file_of_the_corpora_is_refused_everywhere(shop):
    goal = shop.new_goal()
    files = [*sorted((CORPORA / "defusedxml" / "xmltestdata").iterdir()), CORPORA / "blns.json"]
    assert len(files) >= 12
    for file in files:
        for media in (XML, JSON):
            check_refused(shop, goal, file.read_bytes(), media=media, statuses=(400, 413))
    assert len(shop.get("/api/savings").xml) == 1


ACTIONS = [name for name, one in OPERATIONS.items() if name.startswith("POST") and (not one.body or one.body_may_be_left_out)]


@pytest.mark.parametrize("name", ACTIONS)
def test_another_type_is_415_also_where_no_body_is_wanted(canary_shop, name):
    """Before anything is read; what would have been read is a fault of the body, and without a body the type says nothing."""
    ids = {one.name: getattr(canary_shop, one.name) for one in fields(canary_shop) if one.name.endswith("_id")}
    path, before = name.removeprefix("POST ").format(**ids), all_rows()
    for media, body, status in (
        ("text/plain", "x", 415), ("text/plain", "x" * 70_000, 415), ("text/csv", " ", 415), ("", "x", 415),
        ("application/x-www-form-urlencoded", "a=b", 415), ("application/xml; charset=ebcdic", "<x/>", 415),
        ("application/xml", "<x/>", 400), ("application/json", '{"x": 1}', 400),
        ("application/x-www-form-urlencoded", "<x/>", 400),
    ):  # fmt: skip
        for headers in ({}, {"Idempotency_Key": "k"}):
            refused = canary_shop.client.post(path, body, media=media, **headers)
            code = "unsupported_media_type" if status == 415 else "invalid_body"
            assert (refused.status, refused.value("code")) == (status, code), (media, body[:9], refused.text)
    assert all_rows() == before
    assert canary_shop.client.post(path, "", media="text/plain").status != 415
