"""Lenient in: what was repaired is told in a Notice, one each, and whoever asks for it is refused instead."""

import codecs
import json

import pytest

from goals.models import SavingGoal
from tests.api.as_in_2011 import send
from tests.api.in_json import GOAL
from tests.conftest import goal_xml
from tests.xml_schemas.answers import faults_of, sentences_of

STRICT = {"Prefer": "handling=strict"}
LISTED = [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]

NO_TYPE = "There is no Content-Type; the body was read as XML: send Content-Type: application/xml."
OLD_NAME = "ExternamItemId is an old name; it was read as ExternalItemId: write ExternalItemId."
NO_OFFSET = "EndDate has no offset; it was taken as UTC: write 2031-12-25T00:00:00Z."
BARE = (
    "PaymentProviders is an array without the object that holds it; it was read as its PaymentProvider array: "
    'write {"PaymentProviders": {"PaymentProvider": [...]}}.'
)
UNDECLARED = (
    "The prefix xsi is not declared; xsi:nil was understood all the same: "
    'write xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" into the root element.'
)
REPAIRED = {
    "an old name": (goal_xml(ExternalItemId="", ExternamItemId="1"), "application/xml", OLD_NAME),
    "a date without an offset": (goal_xml(EndDate="2031-12-25T00:00:00"), "application/xml", NO_OFFSET),
    "xsi not declared": (goal_xml().replace("<Name>", '<EndDate xsi:nil="true"/><Name>'), "application/xml", UNDECLARED),
    "an array for the object": (json.dumps(GOAL | {"PaymentProviders": LISTED}), "application/json", BARE),
}


def refused_sentence(notice):
    """The notice without what was done about it."""
    reason, _, rest = notice.partition("; ")
    return f"{reason}: {rest.partition(': ')[2]}"


# --- Media types ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media", ["", " ", "application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8"]
)
@pytest.mark.parametrize("lead", [b"", b" \r\n", codecs.BOM_UTF8])
def test_xml_under_no_type_or_the_form_type_is_xml(shop, media, lead):
    made = shop.post("/api/savings", lead + goal_xml(Name="é").encode(), media=media)
    assert (made.status, made.value("Name")) == (201, "é"), made.text
    assert made.headers["Notice"].endswith("; the body was read as XML: send Content-Type: application/xml.")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_xml_in_utf_16_under_no_type_is_seen(shop, codec):
    text = "<?xml version='1.0' encoding='utf-16'?>" + goal_xml(Name="é")
    assert shop.post("/api/savings", text.encode(codec), media="").status == 201


def test_what_is_no_xml_under_no_type_is_refused(shop):
    for media in ("", "application/x-www-form-urlencoded"):
        for body in (json.dumps(GOAL), "a=b", "", "&lt;", "x<a/>"):
            refused = shop.post("/api/savings", body, media=media)
            assert (refused.status, refused.value("code")) == (415, "unsupported_media_type"), body
    assert SavingGoal.objects.count() == 0


@pytest.mark.parametrize(
    "media", ["application/xml", "application/soap+xml", "image/svg+xml", "application/vnd.x+xml; charset=utf-8"]
)
def test_xml_types_are_read_without_a_word(shop, media):
    made = shop.post("/api/savings", goal_xml(), media=media, **STRICT)
    assert (made.status, "Notice" in made.headers) == (201, False)


def test_another_type_is_refused_before_the_body_is_read(shop):
    """Also where the body is too large, or the request has an Idempotency-Key, for which the body is looked at."""
    for headers in ({}, {"Idempotency_Key": "k"}):
        for body in (goal_xml(), "x" * 70_000):
            refused = shop.post("/api/savings", body, media="text/plain", **headers)
            assert (refused.status, refused.value("code")) == (415, "unsupported_media_type")
            encoded = shop.post("/api/savings", body, Content_Encoding="gzip", **headers)
            assert (encoded.status, encoded.headers["Accept-Encoding"]) == (415, "identity")


def test_a_client_that_takes_only_text_xml_gets_it(shop):
    goal = shop.new_goal()
    for accept, media in (
        ("text/xml", "text/xml"), ("text/*", "text/xml"), ("text/xml;q=0.5, text/html", "text/xml"),
        ("text/xml, */*;q=0.1", "text/xml"), ("text/xml, application/xml", "application/xml"),
        ("text/xml;q=0.1, application/json;q=0.2", "application/json"), ("*/*", "application/xml"),
    ):  # fmt: skip
        for path in ("/api/savings", f"/api/SavingGoal/{goal}"):
            read = shop.get(path, Accept=accept)
            assert (read.status, read.headers["Content-Type"].partition(";")[0]) == (200, media), accept
            assert ("Notice" in read.headers) == (media == "text/xml")
    refused = shop.get("/api/SavingGoal/none", Accept="text/xml")
    assert (refused.status, refused.headers["Content-Type"]) == (404, "application/problem+xml; charset=utf-8")


def test_json_without_accept_is_answered_in_json(shop):
    body = json.dumps(GOAL)
    for headers in ({}, {"Accept": "*/*"}, {"Accept": ""}):
        made = shop.post("/api/savings", body, media="application/json; charset=utf-8", **headers)
        assert (made.status, made.headers["Content-Type"]) == (201, "application/json")
        refused = shop.post("/api/savings", "{}", media="application/json", **headers)
        assert (refused.status, refused.headers["Content-Type"]) == (400, "application/problem+json")
    for headers, query in (({"Accept": "application/xml"}, ""), ({}, "?format=xml")):
        made = shop.post(f"/api/savings{query}", body, media="application/json", **headers)
        assert made.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert shop.post("/api/savings", goal_xml()).headers["Content-Type"] == "application/xml; charset=utf-8"


# --- Notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REPAIRED)
def test_what_was_repaired_is_told_in_a_notice(shop, kind):
    body, media, notice = REPAIRED[kind]
    made = shop.post("/api/savings", body, media=media)
    assert (made.status, made.headers["Notice"]) == (201, notice), made.text
    assert "Preference-Applied" not in made.headers
    assert "Notice" not in shop.get(f"/api/SavingGoal/{made.value('Id')}").headers
    assert "," not in notice, "a proxy may join several by commas"
    assert notice.isascii()


@pytest.mark.parametrize("kind", REPAIRED)
def test_handling_strict_refuses_instead_of_repairing(shop, kind):
    body, media, notice = REPAIRED[kind]
    refused = shop.post("/api/savings", body, media=media, **STRICT)
    assert sentences_of(refused) == [refused_sentence(notice)]
    assert (refused.headers["Preference-Applied"], "Notice" in refused.headers) == ("handling=strict", False)
    assert SavingGoal.objects.count() == 0


def test_strict_refuses_a_type_that_is_not_said(shop):
    for media in ("", "application/x-www-form-urlencoded"):
        refused = shop.post("/api/savings", goal_xml(), media=media, **STRICT)
        assert (refused.status, refused.value("code")) == (415, "unsupported_media_type")
        assert refused.value("detail").endswith(": send Content-Type: application/xml.")


def test_strict_tells_repairs_beside_the_other_faults(shop):
    body = goal_xml(ExternalItemId="", ExternamItemId="1", EndDate="2031-12-25T00:00:00", GoalAmount="x")
    told = [sentence for _, _, sentence in faults_of(shop.post("/api/savings", body, **STRICT))]
    assert [refused_sentence(notice) in told for notice in (OLD_NAME, NO_OFFSET)] == [True, True]
    assert len(told) == 3
    assert all(line is not None for _, line, _ in faults_of(shop.post("/api/savings", body, **STRICT)))


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("handling=strict", 400), ("handling=STRICT", 400), ("Handling=strict", 400), ('handling="strict"', 400),
        ("handling = strict", 400), ("respond-async, handling=strict; x=y, wait=10", 400),
        ("handling=strict, handling=lenient", 400),
        ("handling=lenient, handling=strict", 201), ("handling=lenient", 201), ("handling", 201), ("handling=odd", 201),
        ("strict", 201), ("", 201), ('x="handling=strict"', 201),
    ],
)  # fmt: skip
def test_prefer_is_read_as_rfc_7240_has_it(shop, prefer, status):
    answer = shop.post("/api/savings", REPAIRED["an old name"][0], Prefer=prefer)
    assert answer.status == status
    heard = "handling=strict" if status == 400 else "handling=lenient" if prefer.startswith("handling=lenient") else None
    assert answer.headers.get("Preference-Applied") == heard


def test_each_notice_has_a_line_of_its_own(shop):
    """Each once, however often the thing was repaired."""
    request = "POST /api/savings?ApiKey={key}\n\n" + goal_xml(
        ExternalItemId="", ExternamItemId="1", ConfirmationUrl="https://shop.example/", EndDate="2031-12-25T00:00:00"
    )
    made = send(request, key=shop.key)
    assert made.status == 201
    old_url = "ConfirmationUrl is an old name; it was read as ConfirmationURL: write ConfirmationURL."
    assert made.notices == [NO_TYPE, OLD_NAME, old_url, NO_OFFSET]


def test_a_refusal_has_no_notice(shop, goal):
    """It would be untrue: nothing was made of what was read, and a problem is never sent as text/xml."""
    path = f"/api/SavingGoal/{goal}"
    for refused, status in (
        (shop.get("/api/SavingGoal/none", Accept="text/xml"), 404),
        (shop.post("/api/savings", goal_xml(EndDate="2031-12-25T00:00:00", GoalAmount="x"), media="text/xml"), 400),
        (shop.post("/api/savings?ValidateOnly=1", goal_xml(EndDate="2031-12-25T00:00:00", GoalAmount="x"), media=""), 400),
        (shop.put(path, goal_xml(EndDate="2031-12-25T00:00:00", RecordVersionNumber="7"), Accept="text/xml"), 409),
        (shop.get("/api/Contributions?From=2026-11-03T12:00:00&To=never"), 400),
    ):
        assert (refused.status, "Notice" in refused.headers) == (status, False), refused.text


def test_a_notice_comes_again_with_a_replayed_answer(shop):
    body = REPAIRED["an old name"][0]
    first = shop.post("/api/savings", body, media="", Idempotency_Key="k")
    again = shop.post("/api/savings", body, media="", Idempotency_Key="k")
    assert (again.headers["Idempotent-Replayed"], again.body) == ("true", first.body)
    assert first.headers["Notice"] == again.headers["Notice"] == f"{NO_TYPE}, {OLD_NAME}"


def test_a_replay_says_what_was_applied_the_first_time(shop):
    """The answer that comes again is the first one, whatever the second request prefers."""
    for first, applied in (({}, None), ({"Prefer": "handling=lenient"}, "handling=lenient"), (STRICT, "handling=strict")):
        key = f"k-{applied}"
        body = goal_xml(Name=key)
        assert shop.post("/api/savings", body, Idempotency_Key=key, **first).headers.get("Preference-Applied") == applied
        for then in ({}, {"Prefer": "handling=lenient"}, STRICT):
            again = shop.post("/api/savings", body, Idempotency_Key=key, **then)
            assert (again.headers["Idempotent-Replayed"], again.headers.get("Preference-Applied")) == ("true", applied)
