"""Whatever comes in is read right or refused with 4xx; it never crashes the service, nor leaves anything behind."""

import json
import re
import socket
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.models import IdempotencyKey
from contributions.models import Contribution
from goals.models import PaymentAccount, SavingGoal
from tests.conftest import PAYPAL, SHARED, contribution_xml, goal_xml
from tests.web.test_negotiation import over_wsgi
from tests.xml_schemas.answers import as_json, faults_of, sentences_of
from tests.xml_schemas.nasty_texts import IMPOSSIBLE_CHARACTERS, NASTY_TEXTS, xml_text
from xml_schemas.characters import first_illegal

CORPORA = SHARED / "corpora"
XML, JSON = "application/xml", "application/json"
BLANKS = " \t\r\n"

needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the collected bad inputs are not at {CORPORA}")

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
    {
        "SavingGoal": {
            "ExternalItemId": "bike-7",
            "Name": "Rower dla Łucji \\u0026 Ąnny 🚲",
            "GoalAmount": 250.00,
            "PaymentProviders": {"PaymentProvider": [{"ProviderName": "Paypal", "Credentials": "anna@example.org"}]},
        }
    },
    ensure_ascii=False,
).encode()


@pytest.mark.parametrize(("whole", "media"), [(WHOLE_XML, XML), (WHOLE_JSON, JSON)], ids=["xml", "json"])
def test_a_body_that_broke_off_at_any_byte_is_refused(shop, whole, media):
    for length in range(1, len(whole)):
        refused = shop.post("/api/savings", whole[:length], media=media)
        assert refused.status == 400, (whole[:length], refused.text)
        assert "anna" not in refused.text
    assert SavingGoal.objects.count() == 0
    assert shop.post("/api/savings", whole, media=media).status == 201


def test_a_body_in_utf_16_that_broke_off_at_any_byte_is_refused(shop):
    whole = WHOLE_XML.replace(b' encoding="UTF-8"', b"").decode().encode("utf-16")
    for length in range(1, len(whole), 7):
        assert shop.post("/api/savings", whole[:length]).status == 400
    assert shop.post("/api/savings", whole).status == 201


@st.composite
def mangled(draw, whole):
    """The whole with a few bytes taken out, put in, changed or doubled."""
    body = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(["cut", "put", "double", "swap"]))
        put = draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from([b"\0", b"<", b"&", b"]]>", b"\xff", b'"', b"\\ud800", b"{", b"1e5", b"-"]),
            )
        )
        body[start:end] = {"cut": b"", "put": put + bytes(body[start:end]), "double": bytes(body[start:end]) * 2, "swap": put}[
            kind
        ]
    return bytes(body)


@settings(max_examples=250, **no_fixture_check)
@given(body=mangled(WHOLE_XML))
def test_a_mangled_xml_body_is_read_or_refused(shop, body):
    made = shop.post("/api/savings", body)
    assert made.status in {201, 400}, (body, made.text)
    assert made.status == 400 or shop.get(f"/api/SavingGoal/{made.value('Id')}").status == 200


@settings(max_examples=250, **no_fixture_check)
@given(body=mangled(WHOLE_JSON))
def test_a_mangled_json_body_is_read_or_refused(shop, body):
    made = shop.post("/api/savings", body, media=JSON, Accept=JSON)
    assert made.status in {201, 400}, (body, made.text)
    assert made.status == 400 or shop.get(f"/api/SavingGoal/{made.json['Id']}").status == 200


medias = st.sampled_from([XML, JSON, f"{XML}; charset=utf-16", f"{XML}; charset=windows-1252"])


@settings(max_examples=150, **no_fixture_check)
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


@settings(max_examples=60, **no_fixture_check)
@given(members=st.dictionaries(names, anything, max_size=4))
def test_a_right_name_with_any_value_is_read_or_refused(shop, members):
    goal = shop.new_goal()
    base = {
        "ExternalItemId": "a", "Name": "b", "GoalAmount": 1, "RecordVersionNumber": 1,
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "c"}]},
    }  # fmt: skip
    for verb, path in ways_in(goal):
        body = json.dumps(({"Amount": 1, "Contributor": "d"} if "Contributions" in path else base) | members)
        assert shop.call(verb, path, body, media=JSON).status in {200, 201, 400, 409, 428}, (verb, path, body)
    assert shop.get("/api/savings?limit=5").status == shop.get(f"/api/SavingGoal/{goal}/Contributions").status == 200


def test_a_body_cannot_make_us_read_or_call_anything(shop, tmp_path):
    """Nothing on this machine is read or called whatever a body points at."""
    canary = tmp_path / "canary.txt"
    canary.write_text("SING-LITTLE-CANARY")
    goal = shop.new_goal()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        for where in (
            canary.as_uri(), f"http://127.0.0.1:{listener.getsockname()[1]}/x", "/etc/passwd", "php://filter/resource=x",
        ):  # fmt: skip
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
            refused = shop.post("/api/savings", included)
            assert (refused.status, "CANARY" in refused.text, "root:" in refused.text) == (400, False, False)
        with pytest.raises(BlockingIOError):
            listener.accept()


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


def check_texts(client, texts):
    """Each text as Name, ExternalItemId, Contributor and Message, in XML and in JSON: the same comes back, or a good reason."""
    goal_id, expected = client.new_goal(), {}
    for text in texts:
        expected |= send_as_goal(client, text) | send_as_gift(client, goal_id, text)
    assert expected
    for media in (XML, JSON):
        records = [
            *every_record(client, "/api/savings", media),
            *every_record(client, f"/api/SavingGoal/{goal_id}/Contributions", media),
        ]
        came_back = {one["Id"]: {name: one[name] for name in LIMITS if name in one} for one in records if one["Id"] != goal_id}
        assert came_back == expected


def every_record(client, path, media):
    """The records of a list as JSON shows them, page after page."""
    while path:
        page = client.get(path if "?" in path else f"{path}?limit=100", Accept=media)
        assert page.status == 200
        content = page.json if media == JSON else as_json(page.xml)
        yield from next(iter(content.values()))
        path = content.get("Next")


def send_as_goal(client, text):
    element, item = xml_text(text), text.strip(BLANKS)
    in_xml = (
        f"<SavingGoal><ExternalItemId>{element}</ExternalItemId><Name>{element}</Name><GoalAmount>1</GoalAmount>"
        f"<PaymentProviders>{PAYPAL}</PaymentProviders></SavingGoal>"
    )
    in_json = {
        "ExternalItemId": text, "Name": text, "GoalAmount": "1",
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "a"}]},
    }  # fmt: skip
    return send(client, "/api/savings", in_xml, in_json, {"ExternalItemId": item, "Name": text})


def send_as_gift(client, goal_id, text):
    element = xml_text(text)
    in_xml = f"<Contribution><Amount>1</Amount><Contributor>{element}</Contributor><Message>{element}</Message></Contribution>"
    in_json = {"Amount": "1", "Contributor": text, "Message": text}
    return send(client, f"/api/SavingGoal/{goal_id}/Contributions", in_xml, in_json, {"Contributor": text, "Message": text})


def send(client, path, in_xml, in_json, values):
    """{Id: values} of the two records made, having seen that each format is answered rightly in the other; or of none."""
    from_json = client.post(path, json.dumps(in_json), media=JSON, Accept=XML)
    from_xml = client.post(path, in_xml.encode("utf-8", "surrogatepass"), Accept=JSON)
    if reasons := reasons_against(values):
        assert sorted(sentences_of(from_json)) == sorted(reasons), values
        told = sentences_of(from_xml)
        if any(map(first_illegal, values.values())):
            assert told[0].startswith(("The XML is not well-formed: ", "There are bytes that do not fit")), values
        else:
            assert told == reasons, values
        return {}
    assert (from_json.status, from_xml.status) == (201, 201), (values, from_json.text, from_xml.text)
    made = (as_json(from_json.xml), from_xml.json)
    assert [{name: one[name] for name in values} for one in made] == [values, values]
    return {one["Id"]: values for one in made}


LIMITS = {"ExternalItemId": (1, 255), "Name": (1, 255), "Contributor": (1, 255), "Message": (0, 2000)}


def reasons_against(members):
    """Why the contract refuses these texts: the whole list, and there are no other reasons."""
    reasons = []
    for name, (shortest, longest) in LIMITS.items():
        text = members.get(name)
        if text is None:
            continue
        size = len(text)
        illegal = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text)
        if illegal:
            reasons.append(f"{name} holds the character U+{ord(illegal[0]):04X}, which XML 1.0 cannot carry: leave it out.")
        elif not shortest <= size <= longest:
            reasons.append(f"{name} must have {shortest} to {longest} characters; it has {size}.")
    return reasons


def test_nasty_texts_come_back_exactly_or_are_refused(shop):
    too_long = ("x" * 256, "🚲" * 256, "x" * 2000, "x" * 2001)
    check_texts(shop, (*NASTY_TEXTS, *IMPOSSIBLE_CHARACTERS, "", "a\0b", "\ud83d", *too_long))


def naughty_strings():
    return json.loads((CORPORA / "blns.json").read_text())


@needs_corpora
def test_every_file_of_the_corpora_is_refused_everywhere(shop):
    goal = shop.new_goal()
    files = [*sorted((CORPORA / "defusedxml" / "xmltestdata").iterdir()), CORPORA / "blns.json"]
    assert len(files) >= 12
    for file in files:
        for media in (XML, JSON):
            check_refused(shop, goal, file.read_bytes(), media=media, statuses=(400, 413))
    assert len(shop.get("/api/savings").xml) == 1


@needs_corpora
def test_naughty_strings_come_back_exactly_or_are_refused(shop):
    strings = naughty_strings()
    assert len(strings) > 500
    check_texts(shop, strings)
    refused = [text for text in strings if reasons_against({"Name": text})]
    assert [text for text in refused if not first_illegal(text)] == ["", *[text for text in strings if len(text) > 255]]
    assert len(refused) < 10, "nearly all of them are texts like any other"


@needs_corpora
def test_a_naughty_string_as_any_other_value_is_read_or_refused(shop):
    path = f"/api/SavingGoal/{shop.new_goal()}"
    for text in naughty_strings():
        element = xml_text(text)
        addresses = shop.post("/api/savings", goal_xml(ConfirmationURL=element, CancelURL=element))
        assert addresses.status == (201 if text.strip(BLANKS).startswith("http") or not text.strip(BLANKS) else 400), repr(text)
        words = shop.post(
            "/api/savings", goal_xml(Currency=element, CapturePolicy=element, EndDate=element, StartingAmount=element)
        )
        assert words.status == (201 if not text else 400), repr(text)
        credentials = (
            f"<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>{element}</Credentials></PaymentProvider>"
        )
        made = shop.post("/api/savings", goal_xml(PaymentProviders=credentials))
        assert made.status == (201 if 1 <= len(text.strip(BLANKS)) <= 255 and not first_illegal(text) else 400), repr(text)
        assert len(text) < 12 or element not in made.text, "credentials never come back"
        assert shop.post(f"{path}/Contributions", contribution_xml(Amount=element, ProviderName=element)).status == 400
        assert shop.put(path, goal_xml(RecordVersionNumber=element, Id=element, GoalAmount="1")).status in {400, 409, 428}


@needs_corpora
def test_a_naughty_string_in_the_address_is_nothing_that_exists(shop):
    contributions = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    for text in naughty_strings():
        part = quote(text, safe="")
        for path in (f"/api/SavingGoal/{part}/Contributions", f"/api/Contribution/{part}"):
            assert shop.get(path).status == 404, (path, text)
        found = shop.get(f"/api/savings?Id={part}&ExternalItemId={part}")
        assert found.status == (400 if first_illegal(text) else 200), repr(text)
        assert found.status == 400 or len(found.xml) == 0
        assert shop.get(f"{contributions}?limit={part}").status == (
            200 if re.fullmatch("0*([1-9][0-9]?|100)", text) else 400
        ), repr(text)
        assert shop.get(f"{contributions}?after={part}").status == 400, repr(text)
        assert shop.get(f"{contributions}?Status={part}&{part or 'a'}={part}").status == 400, repr(text)
        assert shop.get(f"/api/savings?format={part}").status == 406


@needs_corpora
def test_a_naughty_string_as_a_header_is_refused_or_ignored(shop, stranger):
    path, made = f"/api/SavingGoal/{shop.new_goal()}", set()
    for text in naughty_strings():
        header = text.encode().decode("latin-1")  # as a WSGI server hands it over
        assert stranger.get("/api/savings", Authorization=f"Bearer {header}").status == 401
        assert stranger.get(f"/api/savings?ApiKey={quote(text, safe='')}", Authorization=header).status == 401
        assert shop.get(path, Accept=header, If_None_Match=header).status in {200, 304, 406}
        patched = shop.patch(path, "<SavingGoal><Name>B</Name></SavingGoal>", If_Match=header)
        assert patched.status == (412 if header.strip() not in {"", "*"} else 428), repr(text)
        posted = shop.post("/api/savings", goal_xml(), Idempotency_Key=header)
        is_key = re.fullmatch(r"[\x21-\x7e]{1,255}", header) is not None
        assert posted.status == (201 if is_key else 400), repr(text)
        made |= {header} if is_key else set()
        assert over_wsgi(shop, "POST", "/api/savings?format=xml", media=header).status == 415
        assert over_wsgi(shop, "POST", "/api/savings?format=xml", media=f"{XML}; charset={header}").status in {400, 415}
    assert len(made) > 100
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == made
