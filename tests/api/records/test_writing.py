"""What goes out: every representation fits the XSD and the DTD, and JSON says the same under the same names."""

import json
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import money
from providers.base import ProviderRefused, ProviderUnavailable
from providers.registry import COMPANY_NAMES
from providers.sandbox.adapter import SandboxProvider
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.raising import raising
from tests.tiers import examples
from tests.xml_schemas.answers import as_json, check_fits_both_schemas
from tests.xml_schemas.answers import in_both_formats as both
from tests.xml_schemas.nasty_texts import NASTY_TEXTS, XML_TEXTS, xml_text

AMAZON = "<PaymentProvider><ProviderName>amazon</ProviderName><Credentials>A2EXAMPLE</Credentials></PaymentProvider>"
EVERYTHING = {
    "Name": "A bicycle &amp; a helmet for Anna", "StartingAmount": "12.5", "EndDate": "2099-06-30",
    "PaymentProviders": PAYPAL + AMAZON, "ConfirmationURL": "https://shop.example/thanks?a=b&amp;c=d",
    "CancelURL": "https://shop.example/oh", "CapturePolicy": "OnGoalReached",
}  # fmt: skip


def test_a_full_goal_stands_in_the_contracts_order(shop):
    made = shop.post("/api/savings", goal_xml(**EVERYTHING))
    check_fits_both_schemas(made.body)
    goal = made.value("Id")
    assert made.text == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f"<SavingGoal><Id>{goal}</Id><ExternalItemId>bike-7</ExternalItemId><Name>A bicycle &amp; a helmet for Anna</Name>"
        "<StartingAmount>12.50</StartingAmount><GoalAmount>250.00</GoalAmount><CurrentAmount>12.50</CurrentAmount>"
        "<EndDate>2099-06-30</EndDate><Contributions/><PaymentProviders>"
        "<PaymentProvider><ProviderName>PayPal</ProviderName></PaymentProvider>"
        "<PaymentProvider><ProviderName>Amazon</ProviderName></PaymentProvider></PaymentProviders>"
        "<ConfirmationURL>https://shop.example/thanks?a=b&amp;c=d</ConfirmationURL><CancelURL>https://shop.example/oh</CancelURL>"
        "<RecordVersionNumber>1</RecordVersionNumber><RecordOwner>Anna's Shop</RecordOwner><Currency>USD</Currency>"
        "<CapturePolicy>OnGoalReached</CapturePolicy><AuthorizedAmount>0.00</AuthorizedAmount>"
        "<State>Open</State><AcceptsGifts>true</AcceptsGifts><Overfunding>Allowed</Overfunding>"
        "<RemainingAmount>237.50</RemainingAmount><Test>true</Test></SavingGoal>"
    )
    assert both(shop, f"/api/SavingGoal/{goal}").body == made.body


def test_a_bare_goal_leaves_optional_elements_out(shop, path):
    goal = both(shop, path)
    assert [element.tag for element in goal.xml] == [
        "Id", "ExternalItemId", "Name", "StartingAmount", "GoalAmount", "CurrentAmount", "Contributions", "PaymentProviders",
        "RecordVersionNumber", "RecordOwner", "Currency", "CapturePolicy", "AuthorizedAmount",
        "State", "AcceptsGifts", "Overfunding", "RemainingAmount", "Test",
    ]  # fmt: skip
    assert (goal.value("StartingAmount"), goal.value("Currency"), goal.value("CapturePolicy")) == ("0.00", "USD", "Immediate")


def test_amounts_are_printed_with_their_currencys_decimals(shop):
    for currency, decimals in sorted(money.DECIMALS.items()):
        point = "." if decimals else ""
        one, nought = (f"{whole}{point}{'0' * decimals}" for whole in "10")
        largest = f"{'9' * 12}{point}{'9' * decimals}"
        made = shop.post("/api/savings", goal_xml(Currency=currency, GoalAmount="1", StartingAmount=largest))
        assert made.status == 201, made.text
        check_fits_both_schemas(made.body)
        assert (made.value("GoalAmount"), made.value("Currency")) == (one, currency)
        assert made.value("StartingAmount") == made.value("CurrentAmount") == largest
        assert made.value("AuthorizedAmount") == nought
        if currency in {"JPY", "USD", "KWD", "CLF"}:
            shop.new_contribution(made.value("Id"), Amount="1")
            gift = both(shop, f"/api/SavingGoal/{made.value('Id')}/Contributions")
            assert (gift.value("Amount"), gift.value("RefundedAmount")) == (one, nought)


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        *((day, day) for day in ("2027-06-30", "2028-02-29", "1999-12-31", "9999-12-31", "0001-01-01")),
        ("2027-06-30T18:00:00.1234567+02:00", "2027-06-30T16:00:00.123456Z"),
        ("2027-06-30T18:00:00.0000000Z", "2027-06-30T18:00:00Z"),
        ("2027-06-30T18:00:00.123456789Z", "2027-06-30T18:00:00.123456Z"),
        ("2027-06-30T23:59:59.9999999Z", "2027-06-30T23:59:59.999999Z"),
        ("2027-06-30T18:00:00.1Z", "2027-06-30T18:00:00.100000Z"), ("2027-06-30T18:00:00-00:00", "2027-06-30T18:00:00Z"),
        ("2027-06-30T18:00:00+05:45", "2027-06-30T12:15:00Z"), ("2027-06-30T18:00:00-14:00", "2027-07-01T08:00:00Z"),
        ("2027-01-01T00:00:00+14:00", "2026-12-31T10:00:00Z"), ("0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)  # fmt: skip
def test_an_end_date_is_a_day_or_a_moment_in_utc_as_given(shop, given, printed):
    goal = both(shop, f"/api/SavingGoal/{shop.new_goal(EndDate=given)}")
    assert goal.value("EndDate") == printed
    kept = shop.put(f"/api/SavingGoal/{goal.value('Id')}", goal.body)
    assert (kept.status, kept.value("EndDate")) == (200, printed), "and it can be sent back"


def test_a_contribution_fits_both_schemas_in_each_state(shop, giver):
    at_once, manual = shop.new_goal(), shop.new_goal(CapturePolicy="Manual")
    states = {}
    for goal, outcome in (
        (at_once, None), (at_once, "approve"), (at_once, "decline"), (at_once, "cancel"), (at_once, "pending"),
        (manual, "approve"),
    ):  # fmt: skip
        made = shop.new_contribution(goal)
        check_fits_both_schemas(made.body)
        if outcome:
            giver.pay(made.value("ProviderURL"), outcome)
        gift = both(shop, f"/api/Contribution/{made.value('Id')}")
        states[gift.value("Status")] = (gift.value("StatusReason"), gift.value("RecordVersionNumber"))
    assert states == {
        "Submitted": (None, "1"), "Settled": (None, "2"), "Failed": ("instrument_declined", "2"),
        "Canceled": ("giver_cancelled", "2"), "Pending": ("under_review", "2"), "Authorized": (None, "2"),
    }  # fmt: skip
    for goal in (at_once, manual):
        both(shop, f"/api/SavingGoal/{goal}")
        both(shop, f"/api/SavingGoal/{goal}/Contributions")
    both(shop, "/api/savings")
    assert both(shop, f"/api/SavingGoal/{manual}").value("AuthorizedAmount") == "20.00"


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ProviderUnavailable(), 201, ("Submitted", None)),
        (ProviderRefused("payee_account_restricted"), 502, ("Failed", "payee_account_restricted")),
    ],
)
def test_a_gift_without_a_checkout_fits_both_schemas(shop, goal, monkeypatch, error, status, told):
    monkeypatch.setattr(SandboxProvider, "open_checkout", raising(error))
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml())
    assert refused.status == status
    gift = both(shop, f"/api/Contribution/{refused.value('Id')}")
    assert (gift.value("Status"), gift.value("StatusReason")) == told
    assert gift.value("ProviderURL") == f"http://give.example.test/pay/{refused.value('Id')}"


def test_a_message_may_be_missing_empty_or_2000_characters_long(shop, goal):
    path, long = f"/api/SavingGoal/{goal}/Contributions", "🚲" * 2000
    empty = "<Contribution><Amount>1</Amount><Contributor>Bob</Contributor><Message/></Contribution>"
    for body, message in ((contribution_xml(Message=""), None), (empty, ""), (contribution_xml(Message=long), long)):
        made = shop.post(path, body)
        assert (made.status, made.value("Message")) == (201, message)
        assert both(shop, f"/api/Contribution/{made.value('Id')}").value("Message") == message
    assert shop.post(path, contribution_xml(Message=long + "🚲")).status == 400


def test_empty_lists_fit_both_schemas(shop):
    declaration = "<?xml version='1.0' encoding='UTF-8'?>\n"
    assert both(shop, "/api/savings").text == declaration + "<Savings/>"
    assert both(shop, f"/api/SavingGoal/{shop.new_goal()}/Contributions").text == declaration + "<Contributions/>"
    assert shop.get("/api/savings?Id=none&format=json").json == {"SavingGoal": []}


short_texts = st.one_of(st.sampled_from(NASTY_TEXTS), XML_TEXTS.filter(lambda text: 1 <= len(text) <= 255))


WEB_ADDRESSES = st.sampled_from(
    ["", "http://shop.example", "https://shop.example:8443/dzięki?a=b&c=%zz[1]#x", "https://[::1]/" + "x" * 1900]
)


@st.composite
def goals(draw):
    """A legal goal: its members as JSON takes them."""
    currency = draw(st.sampled_from(["USD", "JPY", "KWD", "CLF", "EUR"]))
    amounts = st.integers(1, 10 ** (12 + money.DECIMALS[currency]) - 1).map(lambda minor: money.text_of(minor, currency))
    provider = st.one_of(
        st.just({"ProviderName": "Offline"}),
        st.fixed_dictionaries(
            {"ProviderName": st.sampled_from(COMPANY_NAMES), "Credentials": st.text("abc@.xyzżó", min_size=1, max_size=255)}
        ),
    )
    required = {
        "ExternalItemId": short_texts.filter(lambda text: text.strip(" \t\r\n")),
        "Name": short_texts,
        "GoalAmount": amounts,
        "Currency": st.just(currency),
        "PaymentProviders": st.fixed_dictionaries(
            {"PaymentProvider": st.lists(provider, min_size=1, unique_by=lambda one: one["ProviderName"])}
        ),
    }
    optional = {
        "StartingAmount": amounts,
        "EndDate": st.one_of(st.dates().map(str), st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())),
        "ConfirmationURL": WEB_ADDRESSES,
        "CancelURL": WEB_ADDRESSES,
        "CapturePolicy": st.sampled_from(["Immediate", "OnGoalReached", "Manual"]),
    }
    return draw(st.fixed_dictionaries(required, optional=optional))


def as_xml(name, value):
    """A JSON value as an element."""
    if isinstance(value, list):
        return "".join(as_xml(name, item) for item in value)
    inner = "".join(as_xml(*member) for member in value.items()) if isinstance(value, dict) else xml_text(value)
    return f"<{name}>{inner}</{name}>"


@settings(
    deadline=None, derandomize=True, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(goal=goals())
def test_any_legal_goal_says_the_same_in_both_formats(shop, goal):
    """Any legal goal fits both schemas and says in JSON what it says in XML."""
    made = shop.post("/api/savings", as_xml("SavingGoal", goal))
    assert made.status == 201, (goal, made.text)
    check_fits_both_schemas(made.body)
    from_json = shop.post("/api/savings", json.dumps({"SavingGoal": goal}), media="application/json", Accept="application/json")
    assert from_json.status == 201, (goal, from_json.text)
    expected = as_json(made.xml) | {"Id": from_json.json["Id"]}
    assert from_json.json == expected
    assert from_json.json["Name"] == goal["Name"]
    assert from_json.json["ExternalItemId"] == goal["ExternalItemId"].strip(" \t\r\n")
    for name in ("StartingAmount", "GoalAmount", "Currency", "CapturePolicy"):
        assert from_json.json[name] == goal.get(name, from_json.json[name])
    for name in ("ConfirmationURL", "CancelURL"):
        assert from_json.json.get(name, "") == goal.get(name, "")
    both(shop, f"/api/SavingGoal/{from_json.json['Id']}")


@settings(
    deadline=None, derandomize=True, max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(contributor=short_texts, message=st.one_of(st.none(), short_texts), cents=st.integers(1, 10**14 - 1))
def test_any_legal_contribution_keeps_its_texts_exactly(shop, contributor, message, cents):
    goal = shop.new_goal()
    gift = {"Amount": money.text_of(cents, "USD"), "Contributor": contributor}
    gift |= {} if message is None else {"Message": message}
    made = shop.post(f"/api/SavingGoal/{goal}/Contributions", as_xml("Contribution", gift))
    assert made.status == 201, (gift, made.text)
    told = as_json(both(shop, f"/api/Contribution/{made.value('Id')}").xml)
    assert (told["Amount"], told["Contributor"], told.get("Message")) == (gift["Amount"], contributor, message)
