"""A card number in what a partner sends is refused with a sentence, wherever it stands, and is nowhere afterwards."""

import json

import pytest

from contributions.attention import arise
from contributions.models import Attention, Contribution
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.databases import texts_of_the_database

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"
WORDS = f"card {CARD}"
ITEM = {"Item": [{"Name": "note", "Value": WORDS}]}
NAMED = {"Item": [{"Name": CARD, "Value": "x"}]}
ADDRESS = "https://shop.example/thanks?card=4111-1111-1111-1111"

OF_A_GIFT = [
    ("Message", WORDS),
    ("Contributor", WORDS),
    ("Memo", WORDS),
    ("Reference", CARD),
    ("Reference", "4111111111111111"),
]
OF_A_GIFT += [("Metadata", ITEM), ("Metadata", NAMED), ("ConfirmationURL", ADDRESS), ("CancelURL", ADDRESS)]
OF_A_GOAL = [("Name", WORDS), ("Description", WORDS), ("ExternalItemId", CARD), ("Metadata", ITEM), ("Metadata", NAMED)]
OF_A_GOAL += [("ConfirmationURL", ADDRESS), ("CancelURL", ADDRESS), ("ImageURL", ADDRESS)]


def xml_of(value):
    if isinstance(value, str):
        return value
    (item,) = value["Item"]
    return f"<Item><Name>{item['Name']}</Name><Value>{item['Value']}</Value></Item>"


def is_refused(answer, name):
    assert (answer.status, answer.value("code")) == (400, "card_number"), answer.text
    sentences = " ".join(fault.findtext("{*}detail") for fault in answer.xml.iter("{*}i"))
    assert "card number" in sentences
    assert name in sentences
    kept = [
        text
        for text in (answer.text, *texts_of_the_database())
        if "1111 1111" in text or "11111111" in text or "1111-1111" in text
    ]
    assert kept == []


@pytest.mark.parametrize(("name", "value"), OF_A_GIFT)
def test_a_gift_with_a_card_number_is_refused(shop, name, value):
    goal = shop.new_goal()
    path = f"/api/SavingGoal/{goal}/Contributions"
    said = {"Metadata": "Value" if value is ITEM else "Name"}.get(name, name)
    is_refused(shop.post(path, contribution_xml(**{name: xml_of(value)}), Idempotency_Key="one"), said)
    is_refused(shop.post(f"{path}?ValidateOnly=1", contribution_xml(**{name: xml_of(value)})), said)
    body = json.dumps({"Amount": "20.00", "Contributor": "Bob", name: value})
    is_refused(shop.post(path, body, media="application/json", Accept="application/xml"), said)


@pytest.mark.parametrize(("name", "value"), OF_A_GOAL)
def test_a_goal_with_a_card_number_is_refused(shop, name, value):
    said = {"Metadata": "Value" if value is ITEM else "Name"}.get(name, name)
    is_refused(shop.post("/api/savings", goal_xml(**{name: xml_of(value)})), said)
    path = f"/api/SavingGoal/{shop.new_goal()}"
    whole = goal_xml(**{name: xml_of(value), "RecordVersionNumber": "1"})
    is_refused(shop.put(path, whole), said)
    is_refused(
        shop.patch(
            path, f"<SavingGoal><RecordVersionNumber>1</RecordVersionNumber><{name}>{xml_of(value)}</{name}></SavingGoal>"
        ),
        said,
    )
    body = json.dumps({"RecordVersionNumber": 1, name: value})
    is_refused(shop.patch(path, body, media="application/json", Accept="application/xml"), said)


def test_so_is_a_refund_a_payee_and_an_endpoint(shop, giver):
    gift = shop.new_contribution(shop.new_goal())
    giver.pay(gift.value("ProviderURL"))
    is_refused(
        shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", f"<Refund><Reason>{WORDS}</Reason></Refund>"), "Reason"
    )
    payee = f"<PaymentAccount><ProviderName>Stripe</ProviderName><Credentials>{CARD}</Credentials></PaymentAccount>"
    is_refused(shop.post("/api/PaymentAccounts", payee), "Credentials")
    is_refused(shop.post("/api/savings", goal_xml(PaymentProviders=PAYPAL.replace("anna@example.org", CARD))), "Credentials")
    endpoint = "<WebhookEndpoint><URL>https://8.8.8.8/4111-1111-1111-1111</URL></WebhookEndpoint>"
    is_refused(shop.put("/api/WebhookEndpoint", endpoint), "URL")


def test_an_idempotency_key_is_none_either(shop):
    refused = shop.post("/api/savings", goal_xml(), Idempotency_Key="4111111111111111")
    assert (refused.status, refused.value("code")) == (400, "invalid_header")
    assert "card number" in (refused.value("detail") or "")
    assert shop.post("/api/savings", goal_xml(), Idempotency_Key="order-4111111111111111").status == 201


def test_what_only_looks_like_one_is_kept(shop):
    """Order numbers with anything joined to them, articles, telephone numbers, wrong check digits."""
    goal = shop.new_goal(ExternalItemId="4006381333931", Name="4111 1111 1111 1112")
    for reference in ("order-4111111111111111", "4111111111111112", "1764244800000000", "4222222222222"):
        made = shop.new_contribution(goal, Reference=reference, Message="Call me: +49 170 12345672")
        assert made.value("Reference") == reference


def test_what_a_provider_says_is_masked(shop):
    """Its own words are kept for a person to see, without the number."""
    arise("refund_not_counted", Contribution(public_id="a-gift", partner_id=1), detail=f"refused for {WORDS}" + "x" * 200)
    assert Attention.objects.get().detail.startswith("refused for card **** **** **** 1111x")
