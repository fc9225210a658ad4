"""Stripe's own Python client saves a card at the fake, pays by it while the giver is away, and takes it away again."""

import json
import logging
from urllib.parse import urlencode

import pytest
import stripe as official

from providers.stripe.permissions import setup_form
from tests.providers.permission_contract import a_permission
from tests.providers.stripe import params
from tests.providers.stripe.proof.test_official_client import client_of

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def _stripes_client_writes_no_log(monkeypatch):
    """It would write the addresses of cards, which we do not."""
    monkeypatch.setattr(logging.getLogger("stripe"), "disabled", True)


@pytest.fixture
def client(stripe) -> official.StripeClient:
    return client_of(stripe)


def asked(wish):
    return {
        "mode": "setup",
        "client_reference_id": wish.reference,
        "success_url": wish.return_url,
        "cancel_url": wish.cancel_url,
        "customer_creation": "always",
        "allowed_payment_method_types": ["card"],
        "metadata": {"permission": wish.reference},
        "setup_intent_data": {"description": wish.description, "metadata": {"permission": wish.reference}},
    }


@pytest.fixture
def saved(client, stripe):
    """(customer, card) of a giver who has agreed."""
    session = client.v1.checkout.sessions.create(params=asked(a_permission("Stripe")), options={"idempotency_key": "ask-1"})
    stripe.agree(session.id)
    session = client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["setup_intent.payment_method"]})
    assert (session.mode, session.status, session.payment_status) == ("setup", "complete", "no_payment_required")
    assert (session.setup_intent.status, session.setup_intent.usage) == ("succeeded", "off_session")
    card = session.setup_intent.payment_method
    return card.customer, card.id


def charge(client, saved, key="charge-1"):
    customer, card = saved
    wanted = {"amount": 2000, "currency": "usd", "customer": customer, "payment_method": card}
    wanted |= {"confirm": True, "off_session": True, "allowed_payment_method_types": ["card"], "metadata": {"charge": key}}
    return client.v1.payment_intents.create(params=wanted, options={"idempotency_key": key})


def test_our_form_is_what_stripes_client_sends(client, stripe):
    wish = a_permission("Stripe")
    client.v1.checkout.sessions.create(params=asked(wish), options={"idempotency_key": "ask-1"})
    sent = params.tree_of(stripe.calls_of("create")[0].body.decode())
    assert params.tree_of(urlencode(setup_form(wish))) == sent


def test_a_card_that_is_saved_pays_and_is_listed(client, stripe, saved):
    paid = charge(client, saved)
    assert (paid.status, paid.amount_received, paid.customer, paid.payment_method) == ("succeeded", 2000, *saved)
    assert charge(client, saved).id == paid.id
    assert [one.id for one in client.v1.payment_intents.list(params={"customer": saved[0]}).data] == [paid.id]


def test_a_bank_that_wants_the_giver_is_told_with_the_payment(client, stripe, saved):
    stripe.books.asks_again = True
    with pytest.raises(official.CardError) as refused:
        charge(client, saved)
    assert (refused.value.http_status, refused.value.code) == (402, "authentication_required")
    intent_id = json.loads(refused.value.http_body)["error"]["payment_intent"]["id"]
    cancelled = client.v1.payment_intents.cancel(intent_id, options={"idempotency_key": "cancel-1"})
    assert (cancelled.status, cancelled.amount_received) == ("canceled", 0)


def test_a_card_that_was_detached_pays_no_more(client, stripe, saved):
    card = client.v1.payment_methods.detach(saved[1], options={"idempotency_key": "detach-1"})
    assert card.customer is None
    assert client.v1.payment_methods.retrieve(saved[1]).customer is None
    with pytest.raises(official.InvalidRequestError):
        charge(client, saved)
