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


PLAIN = "GoalAmount must be a plain decimal such as 100.00: digits and at most one point."


@pytest.mark.parametrize(
    ("literal", "sentence"),
    [
        ("1e3", PLAIN), ("1E3", PLAIN), ("1e-2", PLAIN), ("1.0e2", PLAIN), ("-1", PLAIN), ("-0", PLAIN), ("-0.0", PLAIN),
        ("1e400", PLAIN),
        ('"1e3"', PLAIN), ('""', PLAIN), ('"NaN"', PLAIN), ('"Infinity"', PLAIN), ('"12,10"', PLAIN), ('"1_000"', PLAIN),
        ('"\\u0661"', PLAIN),
        ('"\\uff11"', PLAIN), ("12.100", "GoalAmount must have at most 2 digits after the point in USD."),
        ("12.001", "GoalAmount must have at most 2 digits after the point in USD."),
        ("0.1" + "0" * 5000, "GoalAmount must have at most 2 digits after the point in USD."),
        ("1" + "0" * 12, "GoalAmount must have at most 12 digits before the point."),
        ("9" * 5000, "GoalAmount must have at most 12 digits before the point."),
        ("9" * 5000 + ".5", "GoalAmount must have at most 12 digits before the point."),
        ("0", "GoalAmount must be more than 0."), ("0.00", "GoalAmount must be more than 0."),
        ("true", "GoalAmount must be a text."), ("[1]", "GoalAmount must be a text."), ("[]", "GoalAmount must be a text."),
        ('["1"]', "GoalAmount must be a text."), ('{"a": 1}', "GoalAmount must hold a text, no further elements."),
        ("null", "GoalAmount is missing: it is required here."),
        ('"1\\u0000"', "GoalAmount holds the character U+0000, which XML 1.0 cannot carry: leave it out."),
    ],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_a_number_that_is_no_amount_is_refused_never_rounded(shop, literal, sentence):
    assert faults_of(post(shop, "/api/savings", goal_text(GoalAmount=literal))) == [("SavingGoal/GoalAmount", None, sentence)]


@pytest.mark.parametrize(
    "name", ["Name", "ExternalItemId", "Currency", "CapturePolicy", "EndDate", "ConfirmationURL", "CancelURL"]
)
@pytest.mark.parametrize("literal", ["1", "1.5", "true", "false", "[]", '["a"]', '["a", "b"]', '[["a"]]'])
def test_a_text_is_a_text_and_nothing_else(shop, name, literal):
    assert faults_of(post(shop, "/api/savings", goal_text(**{name: literal}))) == [
        (f"SavingGoal/{name}", None, f"{name} must be a text.")
    ]


def test_a_text_is_no_object_either(shop):
    for value in ({}, {"a": "b"}, {"Name": "x"}):
        (told,) = faults_of(post_goal(shop, Name=value))
        assert told == ("SavingGoal/Name", None, (
            "Name must hold a text, no further elements." if value else "Name must have 1 to 255 characters; it has 0."
        ))  # fmt: skip


@pytest.mark.parametrize("value", ["x", 5, True, [], ["x"], [GOAL["PaymentProviders"]]])
def test_what_must_be_an_object_is_nothing_else(shop, value):
    assert ("SavingGoal/PaymentProviders", None, "PaymentProviders holds elements, and no text of its own.") in faults_of(
        post_goal(shop, PaymentProviders=value)
    )


def test_providers_are_told_apart_by_their_place_in_the_list(shop):
    listed = [
        {"ProviderName": "PayPal", "Credentials": "a"}, {"ProviderName": "Pay Pal", "Credentials": "b"}, "x", None,
        {"Credentials": True},
    ]  # fmt: skip
    assert faults_of(post_goal(shop, PaymentProviders={"PaymentProvider": listed})) == [
        (
            "SavingGoal/PaymentProviders/PaymentProvider[2]/ProviderName",
            None,
            f"ProviderName must be one of {', '.join(PROVIDER_NAMES)}.",
        ),
        ("SavingGoal/PaymentProviders/PaymentProvider[3]", None, "PaymentProvider holds elements, and no text of its own."),
        ("SavingGoal/PaymentProviders/PaymentProvider[3]/ProviderName", None, "ProviderName is missing: it is required here."),
        ("SavingGoal/PaymentProviders/PaymentProvider[4]/ProviderName", None, "ProviderName is missing: it is required here."),
        ("SavingGoal/PaymentProviders/PaymentProvider[5]/ProviderName", None, "ProviderName is missing: it is required here."),
    ]
    for nobody in ([], {}):
        assert sentences_of(post_goal(shop, PaymentProviders={"PaymentProvider": nobody} if nobody == [] else nobody)) == [
            "PaymentProviders must hold at least one PaymentProvider."
        ]


def test_a_member_that_stands_twice_is_refused(shop):
    """A member that stands twice is refused also where both say the same."""
    twice = json.dumps(GOAL)[:-1] + ', "Name": "A bicycle for Anna"}'
    assert faults_of(post(shop, "/api/savings", twice)) == [("SavingGoal/Name", None, "Name stands here twice: give it once.")]
    with_null = json.dumps(GOAL)[:-1] + ', "Name": null, "EndDate": null, "EndDate": null}'
    assert sentences_of(post(shop, "/api/savings", with_null)) == [
        "Name stands here twice: give it once.",
        "EndDate stands here twice: give it once.",
    ]
    inside = '{"PaymentProvider": {"ProviderName": "PayPal", "Credentials": "a", "Credentials": "b"}}'
    assert sentences_of(post(shop, "/api/savings", goal_text(PaymentProviders=inside))) == [
        "Credentials stands here twice: give it once."
    ]
    wrapped_twice = '{"SavingGoal": {}, "SavingGoal": {}}'
    assert post(shop, "/api/savings", wrapped_twice).status == 400


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
    kept = json.dumps(
        GOAL
        | {"PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": None}]}, "RecordVersionNumber": 1}
    )
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
    names = [
        "Name", "ExternalItemId", "GoalAmount", "StartingAmount", "Currency", "CapturePolicy", "PaymentProviders",
        "RecordVersionNumber", "Id",
    ]  # fmt: skip
    refused = patch(**dict.fromkeys(names))
    assert {path.removeprefix("SavingGoal/") for path, _, _ in faults_of(refused)} == set(names)


@pytest.mark.parametrize("value", ["1", '"1"', '" 1 "'])
def test_the_version_may_be_a_number_or_a_text(shop, value):
    goal = shop.new_goal()
    changed = shop.patch(
        f"/api/SavingGoal/{goal}", f'{{"Name": "B", "RecordVersionNumber": {value}}}', media="application/json"
    )
    assert (changed.status, changed.value("RecordVersionNumber")) == (200, "2")


@pytest.mark.parametrize("character", IMPOSSIBLE_CHARACTERS, ids=lambda character: f"U+{ord(character):04X}")
def test_no_value_may_hold_what_xml_cannot_carry(shop, character):
    """tests/api/test_bad_input.py says it of the texts that are kept exactly."""
    sentence = f"holds the character U+{ord(character):04X}, which XML 1.0 cannot carry: leave it out."
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
    refused = shop.post("/api/savings", json.dumps(GOAL | {"\ud800\0": "x"}), media="application/json")
    assert refused.xml.findtext(f".//{PROBLEM}path") == "SavingGoal/\ufffd\ufffd"
