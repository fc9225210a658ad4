"""Texts that have broken other programs: wherever a text may stand, it comes back exactly or is refused for a good reason."""

import json
import re
from urllib.parse import quote

import pytest

from api.models import IdempotencyKey
from tests.api.in_json import GIFT, GOAL
from tests.api.naughty import CORPORA, needs_corpora
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.tiers import sample
from tests.web.test_negotiation import over_wsgi
from tests.xml_schemas.answers import as_json, sentences_of
from tests.xml_schemas.nasty_texts import IMPOSSIBLE_CHARACTERS, NASTY_TEXTS, xml_text
from xml_schemas.characters import first_illegal

XML, JSON = "application/xml", "application/json"
BLANKS = " \t\r\n"
LIMITS = {"ExternalItemId": (1, 255), "Name": (1, 255), "Contributor": (1, 255), "Message": (0, 2000)}


@pytest.fixture
def naughty_strings(pytestconfig):
    """Of each kind some; in full all of them."""
    strings = json.loads((CORPORA / "blns.json").read_text())
    assert len(strings) > 500
    return sample(pytestconfig, strings)


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
    in_xml = goal_xml(ExternalItemId=xml_text(text) or "<!-- -->", Name=xml_text(text) or "<!-- -->")
    in_json = GOAL | {"ExternalItemId": text, "Name": text}
    return send(client, "/api/savings", in_xml, in_json, {"ExternalItemId": text.strip(BLANKS), "Name": text})


def send_as_gift(client, goal_id, text):
    in_xml = contribution_xml(Contributor=xml_text(text) or "<!-- -->", Message=xml_text(text) or "<!-- -->")
    values = {"Contributor": text, "Message": text}
    return send(client, f"/api/SavingGoal/{goal_id}/Contributions", in_xml, GIFT | values, values)


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


def reasons_against(values):
    """Why the contract refuses these texts: the whole list, and there are no other reasons."""
    reasons = []
    for name, text in values.items():
        shortest, longest = LIMITS[name]
        illegal = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text)
        if illegal:
            reasons.append(f"{name} holds the character U+{ord(illegal[0]):04X}, which no value can have: leave it out.")
        elif not shortest <= len(text) <= longest:
            reasons.append(f"{name} must have {shortest} to {longest} characters; it has {len(text)}.")
    return reasons


def test_nasty_texts_come_back_exactly_or_are_refused(shop):
    too_long = ("x" * 256, "🚲" * 256, "x" * 2000, "x" * 2001)
    check_texts(shop, (*NASTY_TEXTS, *IMPOSSIBLE_CHARACTERS, "", "a\0b", "\ud83d", *too_long))


@needs_corpora
def test_naughty_strings_come_back_exactly_or_are_refused(shop, naughty_strings):
    check_texts(shop, naughty_strings)
    refused = [text for text in naughty_strings if reasons_against({"Name": text})]
    assert [text for text in refused if not first_illegal(text)] == ["", *[text for text in naughty_strings if len(text) > 255]]
    assert len(refused) < 10, "nearly all of them are texts like any other"


@needs_corpora
def test_a_naughty_string_as_any_other_value_is_read_or_refused(shop, naughty_strings):
    path = f"/api/SavingGoal/{shop.new_goal()}"
    for text in naughty_strings:
        element = xml_text(text)
        addresses = shop.post("/api/savings", goal_xml(ConfirmationURL=element, CancelURL=element))
        assert addresses.status == (201 if text.strip(BLANKS).startswith("http") or not text.strip(BLANKS) else 400), repr(text)
        words = shop.post(
            "/api/savings", goal_xml(Currency=element, CapturePolicy=element, EndDate=element, StartingAmount=element)
        )
        assert words.status == (201 if not text else 400), repr(text)
        made = shop.post("/api/savings", goal_xml(PaymentProviders=PAYPAL.replace("anna@example.org", element)))
        assert made.status == (201 if 1 <= len(text.strip(BLANKS)) <= 255 and not first_illegal(text) else 400), repr(text)
        assert len(text) < 12 or element not in made.text, "credentials never come back"
        assert shop.post(f"{path}/Contributions", contribution_xml(Amount=element, ProviderName=element)).status == 400
        assert shop.put(path, goal_xml(RecordVersionNumber=element, Id=element, GoalAmount="1")).status in {400, 409, 428}


@needs_corpora
def test_a_naughty_string_in_the_address_is_nothing_that_exists(shop, naughty_strings):
    contributions = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    for text in naughty_strings:
        part = quote(text, safe="")
        for path in (f"/api/SavingGoal/{part}/Contributions", f"/api/Contribution/{part}"):
            assert shop.get(path).status == 404, (path, text)
        found = shop.get(f"/api/savings?Id={part}&ExternalItemId={part}")
        assert found.status == (400 if first_illegal(text) else 200), repr(text)
        assert found.status == 400 or len(found.xml) == 0
        is_limit = re.fullmatch("0*([1-9][0-9]?|100)", text) is not None
        assert shop.get(f"{contributions}?limit={part}").status == (200 if is_limit else 400), repr(text)
        assert shop.get(f"{contributions}?after={part}").status == 400, repr(text)
        assert shop.get(f"{contributions}?Status={part}&{part or 'a'}={part}").status == 400, repr(text)
        assert shop.get(f"/api/savings?format={part}").status == 406


@needs_corpora
def test_a_naughty_string_as_a_header_is_refused_or_ignored(shop, stranger, naughty_strings, settings):
    settings.RATE_LIMIT_FAILED_KEYS = 100_000  # all of them come from one address
    path, made = f"/api/SavingGoal/{shop.new_goal()}", set()
    for text in naughty_strings:
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
    assert len(made) > len(naughty_strings) / 5
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == made
