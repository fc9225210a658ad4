"""Lenient in, value by value: nothing told in two ways, dates in any zone, arrays in JSON."""

import json
import re
from urllib.parse import urlencode

import pytest

from api.records import goal as goal_record
from api.records import payment_account
from goals.models import SavingGoal
from tests.api.in_json import GOAL, post_goal
from tests.conftest import PAYPAL, goal_xml
from tests.xml_schemas.answers import faults_of, sentences_of

STRICT = {"Prefer": "handling=strict"}
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
LISTED = [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]

# --- xsi:nil ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", "1", " true "])
def test_xsi_nil_is_as_if_the_element_were_left_out(shop, value):
    nothing = "".join(
        f'<{name} xsi:nil="{value}"/>' for name in ("EndDate", "StartingAmount", "CancelURL", "Id", "Contributions")
    )
    made = shop.post("/api/savings", goal_xml().replace("<SavingGoal>", f"<SavingGoal {XSI}>{nothing}"), **STRICT)
    assert made.status == 201, made.text
    assert (made.value("EndDate"), made.value("StartingAmount"), "Notice" in made.headers) == (None, "0.00", False)
    required = shop.post("/api/savings", f'<SavingGoal {XSI}><Name xsi:nil="{value}"></Name></SavingGoal>')
    assert "Name is missing: it is required here." in sentences_of(required)


def test_xsi_nil_in_a_patch_empties_as_null_does(shop):
    goal = shop.new_goal(EndDate="2099-01-01", CancelURL="https://shop.example/")
    patch = f'<SavingGoal {XSI}><EndDate xsi:nil="true"/><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>'
    changed = shop.patch(f"/api/SavingGoal/{goal}", patch)
    assert (changed.status, changed.value("EndDate"), changed.value("CancelURL")) == (200, None, "https://shop.example/")


EVERYTHING = {
    "EndDate": "2099-01-01", "ConfirmationURL": "https://shop.example/a", "CancelURL": "https://shop.example/b",
    "MinimumAmount": "2", "MaximumAmount": "90", "SuggestedAmounts": "<Amount>5</Amount>", "Description": "It is red.",
    "ImageURL": "https://shop.example/bike.png", "Metadata": "<Item><Name>a</Name><Value>b</Value></Item>",
}  # fmt: skip
"""What can be taken away from a goal again."""


def nothing_in(media, root, names, **others):
    """A body in which these are null, or xsi:nil."""
    if media == "application/json":
        return json.dumps(dict.fromkeys(names) | others)
    given = "".join(f'<{name} xsi:nil="true"/>' for name in names)
    return f"<{root} {XSI}>{given}{''.join(f'<{name}>{value}</{name}>' for name, value in others.items())}</{root}>"


@pytest.mark.parametrize("media", ["application/xml", "application/json"])
def test_null_in_a_patch_takes_away_or_is_as_if_left_out(shop, media):
    """Of each element of the record: what can be taken away is, and everything else stays as it is."""
    stays = {"StartingAmount": "1", "Currency": "EUR", "CapturePolicy": "Manual", "Overfunding": "Never"}
    path = f"/api/SavingGoal/{shop.new_goal(**EVERYTHING, **stays)}"
    before = shop.get(path, Accept="application/json")
    names = [element.name for element in goal_record.ELEMENTS]
    changed = shop.patch(
        path, nothing_in(media, "SavingGoal", names), media=media, If_Match=before.headers["ETag"], Accept="application/json"
    )
    assert changed.status == 200, changed.text
    left = {name: value for name, value in before.json.items() if name not in EVERYTHING}
    assert changed.json == left | {"RecordVersionNumber": 2}

    account = json.dumps({"ProviderName": "PayPal", "Credentials": "a@example.org"})
    path = f"/api/PaymentAccount/{shop.post('/api/PaymentAccounts', account, media='application/json').value('Id')}"
    names = [element.name for element in payment_account.ELEMENTS if element.name != "RecordVersionNumber"]
    changed = shop.patch(path, nothing_in(media, "PaymentAccount", names, RecordVersionNumber=1), media=media)
    assert (changed.status, changed.value("MaskedCredentials"), changed.value("State")) == (
        200,
        "a***@example.org",
        "Unchecked",
    )


def test_a_null_item_of_a_list_is_as_if_left_out(shop):
    nil = f'{XSI} xsi:nil="true"'
    lists = {
        "SuggestedAmounts": f"<Amount {nil}/><Amount>5</Amount>{f'<Amount {nil}/>' * 6}",
        "Metadata": f"<Item><Name>a</Name><Value>b</Value></Item><Item {nil}/>",
        "PaymentProviders": f"<PaymentProvider {nil}/>{PAYPAL}",
    }
    made = shop.post("/api/savings", goal_xml(**lists), Accept="application/json", **STRICT)
    assert made.status == 201, made.text
    read = {name: made.json[name] for name in lists}
    in_json = {
        "SuggestedAmounts": {"Amount": [None, "5", None]}, "Metadata": {"Item": [{"Name": "a", "Value": "b"}, None]},
        "PaymentProviders": {"PaymentProvider": [None, *LISTED]},
    }  # fmt: skip
    assert {name: value for name, value in post_goal(shop, **in_json).json.items() if name in lists} == read
    assert read["SuggestedAmounts"] == {"Amount": ["5.00"]}
    assert "Metadata" not in post_goal(shop, Metadata={"Item": None}, SuggestedAmounts=[None]).json
    endpoint = {"URL": "https://8.8.8.8/hooks", "EventTypes": {"EventType": [None, "contribution.settled"]}}
    made = shop.put("/api/WebhookEndpoint", json.dumps(endpoint), media="application/json")
    assert made.json["EventTypes"] == {"EventType": ["contribution.settled"]}
    for nobody in ({"PaymentProvider": [None]}, {"PaymentProvider": None}):
        refused = post_goal(shop, PaymentProviders=nobody)
        assert sentences_of(refused) == ["PaymentProviders must hold at least one PaymentProvider."]


def test_xsi_nil_says_what_can_be_or_is_refused(shop):
    def refusal(element):
        return sentences_of(shop.post("/api/savings", goal_xml().replace("<SavingGoal>", f"<SavingGoal {XSI}>{element}")))

    assert refusal('<EndDate xsi:nil="true">2031-01-01</EndDate>') == [
        "EndDate is xsi:nil: it must be empty, or leave xsi:nil out."
    ]
    assert refusal('<EndDate xsi:nil="yes"/>') == ["xsi:nil must be true or false."]
    assert refusal('<EndDate x="y" xsi:nil="false"/>') == ["EndDate takes no attributes."]
    made = shop.post(
        "/api/savings", goal_xml().replace("<SavingGoal>", f'<SavingGoal {XSI}><EndDate xsi:nil="false">2031-01-01</EndDate>')
    )
    assert (made.status, made.value("EndDate")) == (201, "2031-01-01")


def test_no_fault_hides_behind_a_prefix_not_declared(shop):
    """After 100 faults the parser tells no more of them."""
    nils = '<EndDate xsi:nil="true"/>'
    for body in (goal_xml().replace("<Name>", nils * 200 + "<Name>"), goal_xml().replace("<Name>", f"{nils}&nonsense;<Name>")):
        (sentence,) = sentences_of(shop.post("/api/savings", body))
        assert sentence.startswith("The XML is not well-formed: Namespace prefix xsi for nil on EndDate is not defined")


def test_another_prefix_without_a_declaration_is_refused(shop):
    for attribute in ('xsd:nil="true"', 'xsi:type="x"', 'xsi:nil="true" p:x="y"'):
        body = goal_xml().replace("<Name>", f"<EndDate {attribute}/><Name>")
        (sentence,) = sentences_of(shop.post("/api/savings", body))
        assert sentence.startswith("The XML is not well-formed: Namespace prefix ")


# --- Dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "printed", "notice"),
    [
        ("2027-06-30", "2027-06-30", False), ("2027-06-30Z", "2027-06-30", False), ("2027-06-30+00:00", "2027-06-30", False),
        ("2027-06-30+01:00", "2027-06-30T22:59:59.999999Z", False), ("2027-06-30-05:00", "2027-07-01T04:59:59.999999Z", False),
        ("2027-06-30+14:00", "2027-06-30T09:59:59.999999Z", False),
        ("2027-06-30T18:00:00+02:00", "2027-06-30T16:00:00Z", False),
        ("2031-12-25T00:00:00", "2031-12-25T00:00:00Z", True), ("2031-12-25T00:00:00.5", "2031-12-25T00:00:00.500000Z", True),
        ("2031-12-25T23:59:59.9999999", "2031-12-25T23:59:59.999999Z", True),
    ],
)  # fmt: skip
def test_a_day_ends_in_its_zone_and_a_moment_is_utc(shop, given, printed, notice):
    """What is printed means the same moment when it is sent back, and without a notice."""
    made = shop.post("/api/savings", goal_xml(EndDate=given))
    assert (made.status, made.value("EndDate"), "Notice" in made.headers) == (201, printed, notice)
    stored = SavingGoal.objects.get()
    back = shop.put(f"/api/SavingGoal/{made.value('Id')}", made.body, **STRICT)
    assert (back.status, back.value("EndDate")) == (200, printed)
    again = SavingGoal.objects.get()
    assert (again.ends_at, again.ends_with_the_day) == (stored.ends_at, stored.ends_with_the_day)


@pytest.mark.parametrize(
    ("given", "printed", "reason"),
    [
        ("2027-06-30T24:00:00Z", "2027-07-01T00:00:00Z", "has the hour 24"),
        ("2027-12-31T24:00:00.000+02:00", "2027-12-31T22:00:00Z", "has the hour 24"),
        ("2027-06-30t18:00:00Z", "2027-06-30T18:00:00Z", "has a small t or z"),
        ("2027-06-30T18:00:00z", "2027-06-30T18:00:00Z", "has a small t or z"),
        ("2027-06-30z", "2027-06-30", "has a small t or z"),
        ("2027-06-30 18:00:00+02:00", "2027-06-30T16:00:00Z", "has a blank in place of its T"),
        ("2027-06-30T18:00:00.1234567Z", "2027-06-30T18:00:00.123456Z", "is finer than a microsecond"),
        ("2027-06-30 18:00:00.12345678", "2027-06-30T18:00:00.123456Z",
         "has a blank in place of its T and has no offset and is finer than a microsecond"),
        ("2027-06-30T18:00:00.1234560Z", "2027-06-30T18:00:00.123456Z", ""),
    ],
)  # fmt: skip
def test_a_moment_written_otherwise_is_read_and_told(shop, given, printed, reason):
    """As RFC 3339 and XML Schema allow it; .NET writes seven digits, of which the last is mostly 0."""
    made = shop.post("/api/savings", goal_xml(EndDate=given))
    assert (made.status, made.value("EndDate")) == (201, printed), made.text
    strict = shop.post("/api/savings", goal_xml(EndDate=given), **STRICT)
    if not reason:
        assert ("Notice" in made.headers, strict.status) == (False, 201)
        return
    assert re.fullmatch(rf"EndDate {reason}; it was read as (\S+): write \1\.", made.headers["Notice"]), made.headers["Notice"]
    assert re.fullmatch(rf"EndDate {reason}: write \S+\.", *sentences_of(strict))
    told = made.headers["Notice"].rpartition(" ")[2][:-1]
    right = shop.post("/api/savings", goal_xml(EndDate=told), **STRICT)
    assert (right.status, right.value("EndDate")) == (201, printed)
    query = urlencode({"SettledFrom": given})
    assert shop.get(f"/api/Contributions?{query}").headers["Notice"].startswith(f"SettledFrom {reason}; it was read as ")
    assert shop.get(f"/api/Contributions?{query}", **STRICT).status == 400


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_a_bare_array_is_read_as_the_object_that_holds_it(shop):
    two = [*LISTED, {"ProviderName": "Amazon", "Credentials": "A3"}]
    for given in (LISTED, two):
        made = post_goal(shop, PaymentProviders=given)
        assert made.status == 201, made.text
        names = [one["ProviderName"] for one in made.json["PaymentProviders"]["PaymentProvider"]]
        assert names == [one["ProviderName"] for one in given]
    endpoint = json.dumps({"URL": "https://8.8.8.8/hooks", "EventTypes": ["contribution.settled", "contribution.failed"]})
    made = shop.put("/api/WebhookEndpoint", endpoint, media="application/json")
    assert (made.status, made.json["EventTypes"]) == (201, {"EventType": ["contribution.settled", "contribution.failed"]})
    assert made.headers["Notice"].startswith("EventTypes is an array without the object that holds it; ")


def test_faults_in_a_bare_array_name_its_items(shop):
    refused = post_goal(shop, PaymentProviders=[*LISTED, "x", {"Credentials": "b"}])
    missing = "ProviderName is missing: it is required here."
    assert faults_of(refused) == [
        ("SavingGoal/PaymentProviders[2]", None, "PaymentProvider must be an object."),
        ("SavingGoal/PaymentProviders[2]/ProviderName", None, missing),
        ("SavingGoal/PaymentProviders[3]/ProviderName", None, missing),
    ]
    assert sentences_of(post_goal(shop, PaymentProviders=[])) == ["PaymentProviders must hold at least one PaymentProvider."]


XML_WORDS = ("element", "attribute", "text of its own", "namespace", "document")


def test_json_faults_are_told_in_json_words(shop):
    bodies = (
        GOAL | {"Nam": "x", "PaymentProviders": "x"}, GOAL | {"Name": ["x"], "EndDate": {"a": 1}, "GoalAmount": True},
        GOAL | {"PaymentProviders": {"PaymentProvider": ["x", 1, {"Password": "x"}], "Other": []}}, {"{urn:x}Name": "x"},
        [GOAL], {},
    )  # fmt: skip
    for body in bodies:
        refused = shop.post("/api/savings", json.dumps(body), media="application/json")
        for sentence in sentences_of(refused):
            assert not [word for word in XML_WORDS if word in sentence], sentence


def test_an_amount_may_not_hide_in_an_array(shop):
    """Only what the record calls a list is one."""
    for name in ("GoalAmount", "Name", "Amount"):
        assert post_goal(shop, **{name: ["5"]}).status == 400
    assert shop.post("/api/savings", goal_xml(PaymentProviders=PAYPAL)).status == 201
