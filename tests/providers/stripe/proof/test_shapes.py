"""What the fake says has the shape of what Stripe itself has published: every member, and of the same kind."""

import json
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.providers.permission_contract import a_permission
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


def published() -> dict[str, Any]:
    return json.loads(FIXTURES.read_text())["resources"]


def told_of_a_token(stripe: FakeStripe) -> list[dict[str, Any]]:
    """In the life of a payment without a session."""
    books = stripe.books
    asked = {"amount": "2000", "currency": "usd", "description": "Gift", "metadata": {"contribution": "a-gift"}}
    intent = books.create_intent(asked)
    card = books.take_token({"type": "card", "card": {"token": books.new_token("card_that_wants_a_word")}})
    told = [stripe.json_of(intent), shown.payment_method(card)]
    books.confirm(intent, {"payment_method": card.id, "return_url": "https://give.example.test/"}, lambda it: "https://b")
    told.append(stripe.json_of(intent))
    assert told[-1]["next_action"]["redirect_to_url"]["url"] == "https://b"
    stripe.prove(intent.id, good=False)
    return [*told, stripe.json_of(intent)]


def told_of_a_saved_card(stripe: FakeStripe) -> list[dict[str, Any]]:
    """In the life of a set-up: asked for, agreed to, taken away."""
    adapter, wish = adapter_for(stripe), a_permission("Stripe")
    setup = stripe.books.setups[adapter.ask_permission(wish, request_id="ask-1").setup_id]
    told = [stripe.json_of(setup), shown.setup_intent(setup)]
    stripe.agree(setup.id)
    assert setup.card is not None
    told += [stripe.json_of(setup), shown.setup_intent(setup), shown.saved_card(setup.card)]
    return [*told, shown.saved_card(stripe.books.detach(setup.card))]


@pytest.fixture
def said(stripe: FakeStripe) -> dict[str, list[dict[str, Any]]]:
    """By Stripe's name of the object: whatever the fake says of it in the life of four gifts."""
    taken, held, _ = (
        adapter_for(stripe).open_checkout(order, request_id=f"open-{order.reference}").checkout_id
        for order in (an_order(), an_order(capture_at_once=False), an_order())
    )
    everything = told_of_a_token(stripe) + told_of_a_saved_card(stripe)
    stripe.pay(taken, "card_that_is_declined")
    everything += map(stripe.json_of, (stripe.sessions[taken], stripe.intent_of(taken)))
    for session_id in (taken, held):
        stripe.pay(session_id)
    refunds = [stripe.dashboard_refund(taken, 100), stripe.dashboard_refund(taken, 100)]
    stripe.books.end_refund(refunds[1], "failed")
    intents = [stripe.intent_of(session_id) for session_id in (taken, held)]
    everything += map(stripe.json_of, [*stripe.sessions.values(), *intents, *refunds, stripe.dispute(taken)])
    everything += [*map(shown.charge, intents), shown.balance_transaction(intents[0]), shown.transfer(intents[0])]
    everything += [*stripe.endpoints, *(report.event for report in stripe.webhooks_of(taken))]
    return {name: [one for one in everything if one["object"] == name] for name in {one["object"] for one in everything}}


def test_all_that_the_fake_says_has_the_published_members(said):
    """And no other ones, and they are of the same kinds."""
    assert set(said) >= {
        "checkout.session", "payment_intent", "payment_method", "charge", "refund", "dispute", "transfer", "event",
        "balance_transaction", "webhook_endpoint", "setup_intent",
    }  # fmt: skip
    wrong = []
    for name, answers in said.items():
        members = published()[name]
        for answer in answers:
            wrong += [f"{name}.{member} is not Stripe's" for member in set(answer) - set(members) - MORE.get(name, set())]
            wrong += [f"{name}.{member} is missing" for member in set(members) - set(answer) - LESS.get(name, set())]
            wrong += [
                f"{name}.{member}: {type(answer[member]).__name__}"
                for member in set(members) & set(answer)
                if not same_kind(answer[member], members[member])
            ]
    assert wrong == []


def same_kind(ours: Any, theirs: Any) -> bool:
    """An id stands for what can be expanded, and anything may be null."""
    return None in (ours, theirs) or type(ours) is type(theirs) or {type(ours), type(theirs)} == {str, dict}


def test_an_id_looks_like_those_that_stripe_gives(said):
    for name in ("checkout.session", "payment_intent", "charge", "refund", "dispute", "balance_transaction", "transfer"):
        prefix = str(published()[name]["id"]).rpartition("_")[0]
        assert {answer["id"].rpartition("_")[0] for answer in said[name]} == {prefix}
