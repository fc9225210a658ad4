"""Values and texts in JSON: the same rules as in XML."""

import json

import pytest

from providers.registry import PROVIDER_NAMES
from tests.api.in_json import GIFT, GOAL, post, post_goal
from tests.xml_schemas.answers import PROBLEM, faults_of, sentences_of
from tests.xml_schemas.nasty_texts import IMPOSSIBLE_CHARACTERS


def goal_text(**literals):
    """A goal's JSON with members that are JSON as it stands: goal_text(GoalAmount="12.10")."""
    members = {name: json.dumps(value) for name, value in GOAL.items()} | literals
    return "{" + ", ".join(f'"{name}": {literal}' for name, literal in members.items()) + "}"


@pytest.mark.parametrize(
    ("literal", "printed"),
    [
        ("12.10", "12.10"), ("12.1", "12.10"), ("12", "12.00"), ('"12.10"', "12.10"), ('" 12.10 "', "12.10"), ("0.01", "0.01"),
        ("0.29", "0.29"), ("1.15", "1.15"), ("4.35", "4.35"), ("999999999999.99", "999999999999.99"),
        ("999999999999", "999999999999.00"),
        ("123456789012.34", "123456789012.34"), ("90071992547.93", "90071992547.93"),
    ],
)  # fmt: skip
def test_a_number_is_taken_as_it_is_written_digit_for_digit(shop, literal, printed):
    made = post(shop, "/api/savings", goal_text(GoalAmount=literal, StartingAmount=literal))
    assert made.status == 201, made.text
    assert (made.json["GoalAmount"], made.json["StartingAmount"], made.json["CurrentAmount"]) == (printed, printed, printed)
    gift = post(shop, f"/api/SavingGoal/{made.json['Id']}/Contributions", f'{{"Amount": {literal}, "Contributor": "Bob"}}')
    assert (gift.status, gift.json["Amount"]) == (201, printed)


LONG = "GoalAmount must have at most 12 digits before the point."
FINE = "GoalAmount must have at most 2 digits after the point in USD."
TEXT = "GoalAmount must be a string or a number."
PLAIN = "GoalAmount must be a plain decimal such as 100.00: digits and at most one point."


@pytest.mark.parametrize(
    ("literal", "sentence"),
    [
        *((literal, PLAIN) for literal in ("1e3", "1E3", "1e-2", "1.0e2", "-1", "-0", "-0.0", "1e400", '"1e3"', '""', '"NaN"')),
        *((literal, PLAIN) for literal in ('"Infinity"', '"12,10"', '"1_000"', '"\\u0661"', '"\\uff11"')),
        ("12.100", FINE), ("12.001", FINE), ("0.1" + "0" * 5000, FINE), ("1" + "0" * 12, LONG), ("9" * 5000, LONG),
        ("9" * 5000 + ".5", LONG), ("0", "GoalAmount must be more than 0."), ("0.00", "GoalAmount must be more than 0."),
        ("true", TEXT), ("[1]", TEXT), ("[]", TEXT), ('["1"]', TEXT),
        ('{"a": 1}', TEXT),
        ("null", "GoalAmount is missing: it is required here."),
        ('"1\\u0000"', "GoalAmount holds the character U+0000, which no value can have: leave it out."),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_a_number_that_is_no_amount_is_refused_never_rounded(shop, literal, sentence):
    assert faults_of(post(shop, "/api/savings", goal_text(GoalAmount=literal))) == [("SavingGoal/GoalAmount", None, sentence)]


@pytest.mark.parametrize(
    "name", ["Name", "ExternalItemId", "Currency", "CapturePolicy", "EndDate", "ConfirmationURL", "CancelURL"]
)
def test_a_text_is_a_text_and_nothing_else(shop, name):
    for value in (1, 1.5, True, False, [], ["a"], ["a", "b"], [["a"]]):
        assert faults_of(post_goal(shop, **{name: value})) == [(f"SavingGoal/{name}", None, f"{name} must be a string.")]
    for value in ({"a": "b"}, {name: "x"}):
        assert sentences_of(post_goal(shop, **{name: value})) == [f"{name} must be a string."]


def test_an_empty_object_is_an_empty_text(shop):
    assert sentences_of(post_goal(shop, Name={})) == ["Name must have 1 to 255 characters; it has 0."]


def test_what_must_be_an_object_is_nothing_else(shop):
    fault = ("SavingGoal/PaymentProviders", None, 'PaymentProviders must be an object: {"PaymentProvider": [...]}.')
    for value in ("x", 5, True):
        assert fault in faults_of(post_goal(shop, PaymentProviders=value))


def test_providers_are_told_apart_by_their_place_in_the_list(shop):
    listed = [
        {"ProviderName": "PayPal", "Credentials": "a"}, {"ProviderName": "Pay Pal", "Credentials": "b"}, "x", None,
        {"Credentials": True},
    ]  # fmt: skip
    place, no_name = "SavingGoal/PaymentProviders/PaymentProvider", "ProviderName is missing: it is required here."
    assert faults_of(post_goal(shop, PaymentProviders={"PaymentProvider": listed})) == [
        (f"{place}[2]/ProviderName", None, f"ProviderName must be one of {', '.join(PROVIDER_NAMES)}."),
        (f"{place}[3]", None, "PaymentProvider must be an object."),
        *((f"{place}[{number}]/ProviderName", None, no_name) for number in (3, 5)),
    ]
    for nobody in ({"PaymentProvider": []}, {}):
        assert sentences_of(post_goal(shop, PaymentProviders=nobody)) == [
            "PaymentProviders must hold at least one PaymentProvider."
        ]


def test_a_member_that_stands_twice_is_refused(shop):
    """Also where both say the same."""
    inside = '{"PaymentProvider": {"ProviderName": "PayPal", "Credentials": "a", "Credentials": "b"}}'
    for body, names in (
        (json.dumps(GOAL)[:-1] + ', "Name": "A bicycle for Anna"}', ["Name"]),
        (json.dumps(GOAL)[:-1] + ', "Name": null, "EndDate": null, "EndDate": null}', ["Name", "EndDate"]),
        (goal_text(PaymentProviders=inside), ["Credentials"]),
    ):
        assert sentences_of(post(shop, "/api/savings", body)) == [f"{name} stands here twice: give it once." for name in names]
    assert post(shop, "/api/savings", '{"SavingGoal": {}, "SavingGoal": {}}').status == 400


def test_null_is_the_same_as_leaving_a_member_out(shop):
    nothing = dict.fromkeys(
        ["StartingAmount", "EndDate", "ConfirmationURL", "CancelURL", "Currency", "CapturePolicy", "Id", "Contributions"]
    )
    made = post_goal(shop, **nothing)
    plain = post_goal(shop)
    assert made.status == 201, made.text
    assert made.json | {"Id": ""} == plain.json | {"Id": ""}
    gift = post(shop, f"/api/SavingGoal/{made.json['Id']}/Contributions", GIFT | {"Message": None, "ProviderName": None})
    assert (gift.status, "Message" in gift.json) == (201, False)
    for name in ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders"):
        assert faults_of(post_goal(shop, **{name: None})) == [
            (f"SavingGoal/{name}", None, f"{name} is missing: it is required here.")
        ]
    same = {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": None}]}
    kept = json.dumps(GOAL | {"PaymentProviders": same, "RecordVersionNumber": 1})
    assert shop.put(f"/api/SavingGoal/{made.json['Id']}", kept, media="application/json").status == 200


def test_null_in_a_patch_empties_what_may_be_empty(shop):
    made = post_goal(shop, EndDate="2099-01-01", ConfirmationURL="https://shop.example/", CancelURL="https://shop.example/oh")
    path = f"/api/SavingGoal/{made.json['Id']}"

    def patch(**members):
        return shop.patch(path, json.dumps(members), media="application/json", Accept="application/json")

    emptied = patch(EndDate=None, ConfirmationURL=None, RecordVersionNumber=1)
    assert emptied.status == 200, emptied.text
    assert ("EndDate" in emptied.json, "ConfirmationURL" in emptied.json) == (False, False)
    assert emptied.json["CancelURL"] == "https://shop.example/oh"
    refused = patch(Name=None, RecordVersionNumber=None)
    assert (refused.status, refused.json["code"]) == (428, "version_not_named"), "as if it were left out"


def test_the_version_may_be_a_number_or_a_text(shop, path):
    for value in ("1", '"2"', '" 3 "'):
        body = json.dumps({"Name": f"After {value}"})[:-1] + f', "RecordVersionNumber": {value}}}'
        changed = shop.patch(path, body, media="application/json")
        assert changed.status == 200
    assert changed.value("RecordVersionNumber") == "4"


def test_no_value_may_hold_what_xml_cannot_carry(shop):
    """tests/api/test_nasty_texts.py says it of the texts that are kept exactly."""
    for character in IMPOSSIBLE_CHARACTERS:
        sentence = f"holds the character U+{ord(character):04X}, which no value can have: leave it out."
        text = f"a{character}b"
        for name in ("ConfirmationURL", "Currency"):
            assert faults_of(post_goal(shop, **{name: text})) == [(f"SavingGoal/{name}", None, f"{name} {sentence}")]
        credentials = {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": text}]}
        assert sentences_of(post_goal(shop, PaymentProviders=credentials)) == [f"Credentials {sentence}"]


HOSTILE_NAMES = (
    "", " ", "\0", "\x01\x02", "\ud800", "\udfff\ud800", "\uffff", "a\0b", "Name\0", "<Name>", "</errors>", "]]>", "&amp;",
    "a/b", "..", "$ref",
    "__proto__", "constructor", "@Next", "#text", "{urn:x}Name", "xmlns", "x" * 5000, "\u202eemaN", "Name\n", "name",
    "🚲" * 100, "%s%n", "{0}", "'\"",
)  # fmt: skip


@pytest.mark.parametrize("accept", ["application/xml", "application/json"])
def test_hostile_member_names_are_echoed_harmlessly(shop, accept):
    for name in HOSTILE_NAMES:
        for body in (GOAL | {name: "x"}, {name: GOAL}, GOAL | {"PaymentProviders": {name: {name: {name: name}}}}):
            refused = shop.post("/api/savings", json.dumps(body), media="application/json", Accept=accept)
            assert refused.status == 400, (name, refused.text)
            assert len(refused.body) < 5000
            for path, _, sentence in faults_of(refused):
                assert path.startswith("SavingGoal"), path
                assert len(path) <= 200
                assert not set(path + sentence) & set(IMPOSSIBLE_CHARACTERS)
                assert name not in sentence or len(name) <= 50
    broken = json.dumps(GOAL | {"\ud800\0": "x"})
    refused = shop.post("/api/savings", broken, media="application/json", Accept="application/xml")
    assert refused.xml.findtext(f".//{PROBLEM}path") == "SavingGoal/\ufffd\ufffd"
