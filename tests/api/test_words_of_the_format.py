"""Each fault is told in the words of the format that was sent: who speaks JSON hears nothing of XML, nor the other way."""

import json
import re

import pytest

from tests.api.in_json import GIFT, GOAL
from tests.conftest import contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

WORDS_OF_XML = re.compile(
    r"\b(XML|xsi|xmlns|elements?|attributes?|(?<!BCP 47 )tags?|namespace|DOCTYPE|entit(y|ies)|CDATA)\b|<[A-Za-z/!?]"
)
WORDS_OF_JSON = re.compile(r"\b(JSON|members?|objects?|arrays?|strings?|null|booleans?|brackets?)\b|[{}\[\]]")

ILL = "\x00"
PAYPAL = {"ProviderName": "PayPal", "Credentials": "a@example.org"}
VALUES = [
    "", " ", "x" * 3000, 1, 1.5, True, None, [], {}, [[]], [None], [{"a": 1}], {"a": {"b": "c"}}, ILL, "\ud800", "-1", "1e3",
]  # fmt: skip
SHAPES = [
    " ", "{", "[]", "null", '"x"', "{}", '{"SavingGoal": []}', '{"Name": 1, "Name": 2}', "[" * 50,
    '{"a":' * 50 + "1" + "}" * 50,
]  # fmt: skip
OF_GOALS = ["Metadata", "SuggestedAmounts", "Currency", "EndDate", "MinimumAmount", "Id", "Overfunding", "Unknown"]
OF_GIFTS = ["Metadata", "Anonymous", "Language", "Memo", "ConfirmationURL", "Unknown"]


def told(answer):
    """Every sentence of a problem, those of a body's faults included."""
    if answer.headers["Content-Type"].endswith("json"):
        faults = [fault["detail"] for fault in answer.json.get("errors", [])]
    else:
        faults = [fault.text for fault in answer.xml.iterfind("{*}errors/{*}i/{*}detail")]
    return [*faults, answer.value("title"), answer.value("detail")]


def goals_in_json():
    yield from SHAPES
    yield from (json.dumps(GOAL | {name: value}) for name in [*GOAL, *OF_GOALS] for value in VALUES)
    for providers in ([PAYPAL, PAYPAL], [{}], [PAYPAL | {"X": 1}], {"PaymentProvider": "x"}, {"X": [PAYPAL]}, ["PayPal"]):
        yield json.dumps(GOAL | {"PaymentProviders": providers})
    pair = {"Name": "a", "Value": "b"}
    for items in ([{"Name": "a"}], [pair, pair], [{"Name": ILL, "Value": ILL}], "x", {"Item": "x"}, [["a"]]):
        yield json.dumps(GOAL | {"Metadata": items})


def gifts_in_json():
    yield from SHAPES
    yield from (json.dumps(GIFT | {name: value}) for name in [*GIFT, *OF_GIFTS] for value in VALUES)


def test_who_sends_json_hears_nothing_of_xml(shop):
    """The sentences of the 415 and the 406, which name both formats, are about no body."""
    goal = shop.new_goal()
    endpoint = {"URL": "https://198.41.0.4/"}
    others = [
        ("POST", f"/api/Contribution/{shop.new_contribution(goal).value('Id')}/Refunds", {"Amount": []}),
        ("POST", "/api/PaymentAccounts", {"ProviderName": "PayPal", "Credentials": {"a": 1}}),
        ("POST", "/api/WebhookEndpoints", endpoint | {"EventTypes": ["nothing", 1, None, {"a": 1}]}),
        ("POST", "/api/WebhookEndpoints", endpoint | {"Format": [], "EventTypes": {"X": []}}),
        ("PATCH", f"/api/SavingGoal/{goal}", {"Name": "x"}),
        ("PATCH", f"/api/SavingGoal/{goal}", {"Name": "x", "RecordVersionNumber": 7}),
        ("POST", f"/api/SavingGoal/{goal}/Close", {"a": 1}),
    ]
    seen = 0
    asked = [("POST", "/api/savings?ValidateOnly=1", body) for body in goals_in_json()]
    asked += [("POST", f"/api/SavingGoal/{goal}/Contributions?ValidateOnly=1", body) for body in gifts_in_json()]
    for verb, path, body in [*asked, *((verb, path, json.dumps(body)) for verb, path, body in others)]:
        answer = shop.call(verb, path, body, media="application/json")
        if answer.status < 400:
            continue
        seen += 1
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert [sentence for sentence in told(answer) if WORDS_OF_XML.search(sentence)] == [], body
    assert seen > 250


BODIES_IN_XML = [
    " ", "<", "<SavingGoal/>", "<SavingGoal>text</SavingGoal>", '<SavingGoal a="1"/>', "<Other/>", "<a:b xmlns:a='u'/>",
    goal_xml(Name="<b>x</b>"), goal_xml(Unknown="1"), goal_xml(Name="") + "<x/>", goal_xml(GoalAmount="1,000"),
    goal_xml(PaymentProviders=""), goal_xml(PaymentProviders="<X/>"), goal_xml(PaymentProviders="PayPal"), goal_xml(Id=" "),
    goal_xml(Metadata="x"), goal_xml(Metadata="<Item/>"), goal_xml(Metadata="<Item><Name><b/></Name><Value>1</Value></Item>"),
    goal_xml(SuggestedAmounts="<X/>"), goal_xml(SuggestedAmounts="<Amount><b/></Amount>"), goal_xml(Overfunding="x"),
    goal_xml().replace("<Name>", "<Name>1</Name><Name>"), contribution_xml(), contribution_xml(Anonymous="perhaps"),
    "<?xml version='1.0'?><!DOCTYPE a><a/>", "<a>&b;</a>", "<SavingGoal>" + "<a>" * 60 + "</a>" * 60 + "</SavingGoal>",
    goal_xml(EndDate="soon"),
]  # fmt: skip


def test_who_sends_xml_hears_nothing_of_json(shop):
    goal = shop.new_goal()
    for body in BODIES_IN_XML:
        for path in ("/api/savings", f"/api/SavingGoal/{goal}/Contributions"):
            answer = shop.post(path, body)
            if answer.status < 400:
                continue
            assert [sentence for sentence in told(answer) if WORDS_OF_JSON.search(sentence)] == [], body
