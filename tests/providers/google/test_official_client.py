"""Stripe's own Python client at the other end of the fake: a second opinion on payments that a token pays."""

import pytest
import stripe as official

from tests.providers.google.fake import FakeGoogle
from tests.providers.google.gift import ACCOUNT

pytestmark = pytest.mark.no_database


@pytest.fixture
def client(google: FakeGoogle) -> official.StripeClient:
    return official.StripeClient(google.secret_key, base_addresses={"api": google.base_url}, max_network_retries=0)


def key(name: str) -> dict[str, str]:
    return {"idempotency_key": name}


def opened(client, **changes):
    asked = {
        "amount": 2000,
        "currency": "usd",
        "allowed_payment_method_types": ["card"],
        "capture_method": "automatic",
        "transfer_data": {"destination": ACCOUNT},
        "metadata": {"contribution": "a-gift"},
    }
    return client.v1.payment_intents.create(params=asked | changes, options=key("open"))


def card_of(client, token, name="card"):
    return client.v1.payment_methods.create(params={"type": "card", "card": {"token": token}}, options=key(name))


def confirmed(client, intent, card, name="pay"):
    params = {"payment_method": card.id, "return_url": "https://give.example.test/return"}
    return client.v1.payment_intents.confirm(intent.id, params=params, options=key(name))


def test_a_payment_is_opened_and_a_token_pays_it(client, google):
    intent = opened(client)
    assert (intent.status, intent.amount, intent.transfer_data.destination) == ("requires_payment_method", 2000, ACCOUNT)
    assert confirmed(client, intent, card_of(client, google.books.new_token())).status == "succeeded"
    with pytest.raises(official.InvalidRequestError) as refused:
        confirmed(client, intent, card_of(client, google.books.new_token(), "card-2"), "pay-2")
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_token_is_good_for_once(client, google):
    token = google.books.new_token()
    card_of(client, token)
    with pytest.raises(official.InvalidRequestError) as refused:
        card_of(client, token, "again")
    assert (refused.value.code, refused.value.param) == ("token_already_used", "card[token]")


def test_a_declined_card_leaves_the_payment_open_for_another(client, google):
    intent = opened(client)
    with pytest.raises(official.CardError) as declined:
        confirmed(client, intent, card_of(client, google.books.new_token("card_that_is_declined")))
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    again = client.v1.payment_intents.retrieve(intent.id)
    assert (again.status, again.last_payment_error.code) == ("requires_payment_method", "card_declined")
    assert confirmed(client, intent, card_of(client, google.books.new_token(), "other"), "pay-2").status == "succeeded"


def test_a_bank_that_wants_a_word_is_told_with_its_page(client, google):
    intent = opened(client, capture_method="manual")
    waiting = confirmed(client, intent, card_of(client, google.books.new_token("card_that_wants_a_word")))
    assert (waiting.status, waiting.next_action.type) == ("requires_action", "redirect_to_url")
    assert waiting.next_action.redirect_to_url.url == f"{google.base_url}/3ds/{intent.id}"
    assert google.prove(intent.id).startswith(f"https://give.example.test/return?payment_intent={intent.id}&")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_an_unpaid_payment_is_cancelled_and_a_paid_one_is_not(client, google):
    intent = opened(client)
    cancelled = client.v1.payment_intents.cancel(intent.id, params={"cancellation_reason": "abandoned"}, options=key("close"))
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(official.InvalidRequestError):
        confirmed(client, intent, card_of(client, google.books.new_token()))


def test_old_way_to_name_kind_of_payment_is_none_any_more(client, careless_google):
    """Since 2026-09-30 Stripe refuses payment_method_types; the fake does too, by the types of Stripe's client."""
    somebody = official.StripeClient(
        careless_google.secret_key, base_addresses={"api": careless_google.base_url}, max_network_retries=0
    )
    with pytest.raises(official.InvalidRequestError) as refused:
        opened(somebody, payment_method_types=["card"])
    assert refused.value.code == "parameter_unknown"
