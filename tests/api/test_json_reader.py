"""JSON: nothing that JSON is lax about is let through."""

import json

import pytest

from tests.api.in_json import GIFT, GOAL, post, post_goal
from tests.conftest import Answer
from tests.xml_schemas.answers import faults_of, sentences_of

NOT_WELL = "The JSON is not well-formed: "


def test_a_document_may_be_wrapped_in_its_name_or_bare(shop):
    for body in (GOAL, {"SavingGoal": GOAL}):
        made = post(shop, "/api/savings", body)
        assert (made.status, made.json["Name"]) == (201, "A bicycle for Anna")
    path = f"/api/SavingGoal/{made.json['Id']}/Contributions"
    for body in (GIFT, {"Contribution": GIFT}):
        assert post(shop, path, body).json["Contributor"] == "Uncle Bob"
    for wrapped_wrongly in (
        {"Contribution": GOAL}, {"SavingGoal": {"SavingGoal": GOAL}}, {"SavingGoal": [GOAL]}, {"SavingGoal": "x"},
    ):  # fmt: skip
        assert post(shop, "/api/savings", wrapped_wrongly).status == 400


def test_a_single_provider_may_stand_without_its_list(shop):
    made = post_goal(shop, PaymentProviders={"PaymentProvider": {"ProviderName": "PayPal", "Credentials": "anna@example.org"}})
    assert made.json["PaymentProviders"] == {"PaymentProvider": [{"ProviderName": "PayPal"}]}


def test_what_is_no_object_is_no_document(shop):
    for body in ("[]", "null", "true", "1", '"text"', "[{}]", "1.5", '["Name"]', json.dumps([GOAL]), "[" * 20 + "]" * 20):
        assert faults_of(post(shop, "/api/savings", body)) == [
            ("/", None, "The JSON must be an object: the members of a SavingGoal.")
        ]


def test_an_empty_object_lacks_everything(shop):
    required = ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders")
    for body in ("{}", '{"SavingGoal": {}}'):
        assert faults_of(post(shop, "/api/savings", body)) == [
            (f"SavingGoal/{name}", None, f"{name} is missing: it is required here.") for name in required
        ]


NAME = "Expecting property name enclosed in double quotes."
BROKEN = (
    ("{", 1, NAME), ('{\n"Name": "A",\n}', 3, NAME), ("{'Name': 'A'}", 1, NAME),
    ('{"Name" "A"}', 1, "Expecting ':' delimiter."), ('{"Name": "A"\n"Id": "B"}', 2, "Expecting ',' delimiter."),
    ("{} {}", 1, "Extra data."), ("{}\n\nx", 3, "Extra data."), ("{} // remark", 1, "Extra data."),
    ('{"Name": "A}', 1, "Unterminated string starting at."), ('{"Name": "\\x41"}', 1, "Invalid \\escape."),
    ('{"Name": "\\u12"}', 1, "Invalid \\uXXXX escape."), ('{"Name": "a\nb"}', 1, "Invalid control character at."),
    ('{"Name": "a\0b"}', 1, "Invalid control character at."), ('{"Name": "a\tb"}', 1, "Invalid control character at."),
    ('{"Name": A}', 1, "Expecting value."), ("<SavingGoal/>", 1, "Expecting value."),
    ('\ufeff\ufeff{"Name": "A"}', 1, "Unexpected UTF-8 BOM (decode using utf-8-sig)."),
    ('{"GoalAmount": 01}', 1, "Expecting ',' delimiter."), ('{"GoalAmount": +1}', 1, "Expecting value."),
    ('{"GoalAmount": .5}', 1, "Expecting value."), ('{"GoalAmount": 5.}', 1, "Expecting ',' delimiter."),
    ('{"GoalAmount": 0x10}', 1, "Expecting ',' delimiter."), ('{"GoalAmount": 1_000}', 1, "Expecting ',' delimiter."),
)  # fmt: skip


def test_what_is_not_json_is_refused_with_its_line(shop):
    for body, line, sentence in (
        (" \n\t\r\n", None, "The body is empty: send one JSON object."),
        *((f'{{"GoalAmount": {number}}}', None, f"{number} is not JSON.") for number in ("NaN", "Infinity", "-Infinity")),
        *((body, line, NOT_WELL + sentence) for body, line, sentence in BROKEN),
    ):
        assert faults_of(post(shop, "/api/savings", body)) == [("/", line, sentence)], body


@pytest.mark.parametrize("media", ["application/json", "application/xml"])
def test_no_body_at_all_is_an_empty_one(shop, media):
    goal = shop.new_goal()
    what = "JSON object" if media == "application/json" else "XML document"
    for verb, path in (
        ("POST", "/api/savings"), ("POST", f"/api/SavingGoal/{goal}/Contributions"), ("PUT", f"/api/SavingGoal/{goal}"),
        ("PATCH", f"/api/SavingGoal/{goal}"),
    ):  # fmt: skip
        response = shop.client.generic(verb, path, CONTENT_TYPE=media, HTTP_AUTHORIZATION=f"Bearer {shop.key}")
        answer = Answer(response.status_code, response.headers, response.content)
        assert faults_of(answer) == [("/", None, f"The body is empty: send one {what}.")]


def test_json_is_utf_8_with_or_without_a_mark_and_nothing_else(shop):
    text = json.dumps(GOAL | {"Name": "zażółć 🚲"}, ensure_ascii=False)
    for body in (text.encode(), b"\xef\xbb\xbf" + text.encode(), json.dumps(GOAL | {"Name": "zażółć 🚲"}).encode()):
        assert post(shop, "/api/savings", body).json["Name"] == "zażółć 🚲"
    for body in (
        text.encode("utf-16"),
        text.encode("iso-8859-2", "replace").replace(b"?", b"\xff"), b'{"Name": "\xc0\xaf"}',
        b'{"Name": "\xed\xa0\x80"}', b'{"Name": "\xe2\x82"}', b"\xff\xfe", b"\x80",
    ):  # fmt: skip
        assert sentences_of(post(shop, "/api/savings", body)) == ["The JSON is not UTF-8."]
    assert shop.post("/api/savings", text, media="application/json; charset=utf-8").status == 201
    assert shop.post("/api/savings", text, media="application/json; charset=utf-16").status == 415


def test_a_bomb_of_depth_does_not_go_off(shop):
    for body in (
        "[" * 30_000, '{"a":' * 10_000, '{"Name":' * 100 + "1" + "}" * 100, '{"PaymentProviders": [' * 20 + "]}" * 20,
        '{"Contributions":' + '{"a":' * 15 + "{}" + "}" * 16,
    ):  # fmt: skip
        (sentence,) = sentences_of(post(shop, "/api/savings", body))
        assert sentence == "The JSON is nested more than 16 deep." or sentence.startswith(NOT_WELL)


def test_there_may_be_so_many_members_and_no_more(shop):
    for body in (
        "{" + ",".join(f'"a{number}": 1' for number in range(2001)) + "}",
        json.dumps(GOAL | {"Contributions": {"Contribution": [{}] * 2001}}),
        '{"PaymentProviders": {"PaymentProvider": [' + "{}," * 2000 + "{}]}}",
    ):
        assert sentences_of(post(shop, "/api/savings", body)) == ["The JSON has more than 2000 members."]
