"""What the fake says has the shape of what Stripe itself has published: every member, and of the same kind."""

import json
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.providers.stripe import representations as shown
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for
from tests.providers.stripe.test_fault_table import an_order

FIXTURES = SHARED / "specs" / "stripe" / "stripe_fixtures3.json"

pytestmark = pytest.mark.skipif(not FIXTURES.is_file(), reason="Stripe's fixtures (fixtures3.json) are not at hand")

MORE = {"charge": {"transfer"}, "refund": {"failure_reason"}}
"""Members that Stripe tells only where there is something to tell, and its fixtures leave out."""

LESS = {"charge": {"refunds"}}
"""Members that come only where they are asked for (expand), and stand in the fixtures."""

KINDS = {bool: "yes or no", int: "number", str: "text", list: "array", dict: "object"}


def published() -> dict[str, Any]:
    return json.loads(FIXTURES.read_text())["resources"]


@pytest.fixture
def said(stripe: FakeStripe) -> dict[str, list[dict[str, Any]]]:
    """By Stripe's name of the object: whatever the fake says of it in the life of three gifts."""
    adapter = adapter_for(stripe)
    taken, held, opened = (
        adapter.open_checkout(order, request_id=f"open-{order.reference}").checkout_id
        for order in (an_order(), an_order(capture_at_once=False), an_order())
    )
    by_token = stripe.books.create_intent(
        {"amount": "2000", "currency": "usd", "description": "Gift", "metadata": {"contribution": "a-gift"}}
    )
    card = stripe.books.take_token({"type": "card", "card": {"token": stripe.books.new_token("card_that_wants_a_word")}})
    waiting = [stripe.json_of(by_token)]
    stripe.books.confirm(
        by_token, {"payment_method": card.id, "return_url": "https://give.example.test/"}, lambda it: "https://b"
    )
    waiting += [stripe.json_of(by_token), shown.payment_method(card)]
    assert waiting[1]["next_action"]["redirect_to_url"]["url"] == "https://b"
    stripe.prove(by_token.id, good=False)
    stripe.pay(taken, "card_that_is_declined")
    before = [stripe.json_of(stripe.sessions[taken]), stripe.json_of(stripe.intent_of(taken))]
    for session_id in (taken, held):
        stripe.pay(session_id)
    refunds = [stripe.dashboard_refund(taken, 100), stripe.dashboard_refund(taken, 100)]
    stripe.books.end_refund(refunds[1], "failed")
    dispute = stripe.dispute(taken)
    intents = [stripe.intent_of(session_id) for session_id in (taken, held)]
    everything = [
        *before,
        *waiting,
        stripe.json_of(by_token),
        *map(stripe.json_of, [*stripe.sessions.values(), *intents, *refunds, dispute]),
        *map(shown.charge, intents),
        shown.balance_transaction(intents[0]),
        shown.transfer(intents[0]),
        *stripe.endpoints,
        *(report.event for report in stripe.webhooks_of(taken)),
    ]
    assert opened in stripe.sessions
    return {name: [one for one in everything if one["object"] == name] for name in {one["object"] for one in everything}}


def test_everything_that_the_fake_says_is_held_to_fixtures(said):
    assert set(said) >= {
        "checkout.session", "payment_intent", "payment_method", "charge", "refund", "dispute", "transfer", "event",
    }  # fmt: skip
    assert set(said) <= set(published())


def test_every_member_is_there_and_no_other(said):
    for name, answers in said.items():
        members = set(published()[name])
        for answer in answers:
            assert set(answer) - members <= MORE.get(name, set()), name
            assert members - set(answer) <= LESS.get(name, set()), name


def test_every_member_is_of_the_same_kind(said):
    wrong = []
    for name, answers in said.items():
        for answer in answers:
            for member, published_value in published()[name].items():
                ours = answer.get(member)
                if None in (ours, published_value):
                    continue
                # an id stands for what can be expanded
                if type(ours) is not type(published_value) and {type(ours), type(published_value)} != {str, dict}:
                    wrong.append(f"{name}.{member}: {KINDS[type(ours)]} for {KINDS[type(published_value)]}")
    assert wrong == []


def test_an_id_looks_like_those_that_stripe_gives(said):
    for name in ("checkout.session", "payment_intent", "charge", "refund", "dispute", "balance_transaction", "transfer"):
        prefix = str(published()[name]["id"]).rpartition("_")[0]
        assert {answer["id"].rpartition("_")[0] for answer in said[name]} == {prefix}
