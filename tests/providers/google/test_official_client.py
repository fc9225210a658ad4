"""Stripe's own Python client at the other end of the fake: a second opinion on payments that a token pays."""

import pytest
import stripe as official

from tests.providers.google.fake import FakeGoogle
from tests.providers.stripe.gift import ACCOUNT
from tests.providers.stripe.proof.test_official_client import client_of

pytestmark = pytest.mark.no_database


@pytest.fixture
def client(google: FakeGoogle) -> official.StripeClient:
    return client_of(google)


def key(name: str) -> dict[str, str]:
    return {"idempotency_key": name}


def opened(client, **changes):
    asked = {"amount": 2000, "currency": "usd", "allowed_payment_method_types": ["card"], "capture_method": "automatic"}
    asked |= {"transfer_data": {"destination": ACCOUNT}, "metadata": {"contribution": "a-gift"}} | changes
    return client.v1.payment_intents.create(params=asked, options=key("open"))


def paid_with(client, intent, token, name="pay"):
    """The payment, confirmed with the card behind the token."""
    card = {"type": "card", "card": {"token": token}}
    params = {"payment_method": client.v1.payment_methods.create(params=card, options=key(f"{name}-card")).id}
    params["return_url"] = "https://give.example.test/return"
    return client.v1.payment_intents.confirm(intent.id, params=params, options=key(name))


def test_a_payment_is_open_until_a_good_token_pays_it(client, google):
    """A declined card leaves it open for another; a token is good for once, and what is paid takes no other."""
    intent, good = opened(client), google.books.new_token()
    assert (intent.status, intent.amount, intent.transfer_data.destination) == ("requires_payment_method", 2000, ACCOUNT)
    with pytest.raises(official.CardError) as declined:
        paid_with(client, intent, google.books.new_token("card_that_is_declined"))
    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    again = client.v1.payment_intents.retrieve(intent.id)
    assert (again.status, again.last_payment_error.code) == ("requires_payment_method", "card_declined")
    assert paid_with(client, intent, good, "pay-2").status == "succeeded"
    for token, code in ((good, "token_already_used"), (google.books.new_token(), "payment_intent_unexpected_state")):
        with pytest.raises(official.InvalidRequestError) as refused:
            paid_with(client, intent, token, code)
        assert refused.value.code == code


def test_a_bank_that_wants_a_word_is_told_with_its_page(client, google):
    intent = opened(client, capture_method="manual")
    waiting = paid_with(client, intent, google.books.new_token("card_that_wants_a_word"))
    assert (waiting.status, waiting.next_action.type) == ("requires_action", "redirect_to_url")
    assert waiting.next_action.redirect_to_url.url == f"{google.base_url}/3ds/{intent.id}"
    assert google.prove(intent.id).startswith(f"https://give.example.test/return?payment_intent={intent.id}&")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    cancelled = client.v1.payment_intents.cancel(intent.id, params={"cancellation_reason": "abandoned"}, options=key("close"))
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(official.InvalidRequestError):
        paid_with(client, intent, google.books.new_token(), "too-late")


def test_the_old_name_of_the_kind_of_payment_is_refused(careless_google):
    """Since 2026-09-30 Stripe refuses payment_method_types; the fake does too, by the types of Stripe's client."""
    with pytest.raises(official.InvalidRequestError) as refused:
        opened(client_of(careless_google), payment_method_types=["card"])
    assert refused.value.code == "parameter_unknown"
