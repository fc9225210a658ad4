"""Stripe's own Python client at the other end of the fake: a second opinion on what Stripe says, and on what it is asked."""

from urllib.parse import parse_qsl

import pytest
import stripe as official

from providers.base import PaymentState
from providers.stripe.client import API_VERSION
from tests.providers.stripe import params
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for
from tests.providers.stripe.test_fault_table import an_order

pytestmark = pytest.mark.no_database

ACCOUNT = "acct_1PgafTB7WZ01zgkW"


@pytest.fixture
def client(stripe: FakeStripe) -> official.StripeClient:
    return official.StripeClient(stripe.secret_key, base_addresses={"api": stripe.base_url}, max_network_retries=0)


def asked(**changes):
    return {
        "mode": "payment",
        "client_reference_id": "a-gift",
        "success_url": "https://give.example.test/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://give.example.test/cancel",
        "line_items": [
            {"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Gift"}}}
        ],
        "metadata": {"contribution": "a-gift", "payee": ACCOUNT},
        "payment_intent_data": {
            "capture_method": "automatic",
            "transfer_data": {"destination": ACCOUNT},
            "metadata": {"contribution": "a-gift"},
        },
    } | changes


def new_session(client, key="open-1", **changes):
    return client.v1.checkout.sessions.create(params=asked(**changes), options={"idempotency_key": key})


def held(client, stripe):
    data = asked()["payment_intent_data"] | {"capture_method": "manual"}
    session = new_session(client, payment_intent_data=data)
    stripe.pay(session.id)
    return stripe.intent_of(session.id)


def test_the_version_that_we_ask_for_is_that_of_the_client(client, stripe):
    new_session(client)
    assert official.api_version == API_VERSION
    assert stripe.calls[0].headers["stripe-version"] == API_VERSION


def test_session_is_opened_paid_and_read_with_everything(client, stripe):
    """A session is opened paid and read with everything expanded."""
    session = new_session(client)
    assert (session.status, session.amount_total, session.currency, session.payment_intent) == ("open", 2000, "usd", None)
    assert stripe.pay(session.id) == f"https://give.example.test/return?session_id={session.id}"
    expand = [f"payment_intent.latest_charge.{name}" for name in ("balance_transaction", "transfer", "refunds")]
    session = client.v1.checkout.sessions.retrieve(session.id, params={"expand": expand})
    intent = session.payment_intent
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount_received, intent.transfer_data.destination) == ("succeeded", 2000, ACCOUNT)
    charge = intent.latest_charge
    assert (charge.balance_transaction.fee, charge.transfer.amount, charge.refunds.data) == (88, 2000, [])


def test_same_key_gives_same_session_and_other_parameters(client):
    """The same key gives the same session and other parameters are an error."""
    first, again = (new_session(client) for _ in range(2))
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(official.IdempotencyError):
        new_session(client, client_reference_id="another-gift")


def test_an_open_session_is_expired_and_a_paid_one_is_not(client, stripe):
    session = new_session(client)
    options = {"idempotency_key": "close-1"}
    assert client.v1.checkout.sessions.expire(session.id, options=options).status == "expired"
    paid = new_session(client, key="open-2")
    stripe.pay(paid.id)
    with pytest.raises(official.InvalidRequestError, match="Only Checkout Sessions with a status in"):
        client.v1.checkout.sessions.expire(paid.id, options={"idempotency_key": "close-2"})


def test_held_money_is_captured(client, stripe):
    intent = held(client, stripe)
    captured = client.v1.payment_intents.capture(
        intent.id, params={"amount_to_capture": 2000}, options={"idempotency_key": "c"}
    )
    assert (captured.status, captured.amount_received) == ("succeeded", 2000)
    with pytest.raises(official.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id, options={"idempotency_key": "d"})
    assert refused.value.code == "payment_intent_unexpected_state"


def test_held_money_is_let_go(client, stripe):
    intent = held(client, stripe)
    assert client.v1.payment_intents.cancel(intent.id, options={"idempotency_key": "v"}).status == "canceled"


def test_refunds_are_made_found_and_listed(client, stripe):
    session = new_session(client)
    stripe.pay(session.id)
    intent = stripe.intent_of(session.id)
    for number in range(12):
        refund = client.v1.refunds.create(
            params={"payment_intent": intent.id, "amount": 100, "reverse_transfer": True, "metadata": {"refund": str(number)}},
            options={"idempotency_key": f"refund-{number}"},
        )
    assert client.v1.refunds.retrieve(refund.id).metadata["refund"] == "11"
    listed = client.v1.refunds.list(params={"payment_intent": intent.id, "limit": 5})
    assert sum(one.amount for one in listed.auto_paging_iter()) == 1200
    with pytest.raises(official.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create(
            params={"payment_intent": intent.id, "amount": 801, "reverse_transfer": True}, options={"idempotency_key": "much"}
        )


def test_disputes_are_listed(client, stripe):
    session = new_session(client)
    stripe.pay(session.id)
    stripe.dispute(session.id)
    [dispute] = client.v1.disputes.list(params={"payment_intent": stripe.intent_of(session.id).id}).data
    assert (dispute.status, dispute.amount) == ("needs_response", 2000)


def test_wrong_key_unknown_session_and_unknown_parameter(client, careless_stripe):
    """A wrong key an unknown session and an unknown parameter are told."""
    nobody = official.StripeClient("sk_test_nobody", base_addresses={"api": careless_stripe.base_url}, max_network_retries=0)
    with pytest.raises(official.AuthenticationError):
        new_session(nobody)
    somebody = official.StripeClient(
        careless_stripe.secret_key, base_addresses={"api": careless_stripe.base_url}, max_network_retries=0
    )
    with pytest.raises(official.InvalidRequestError) as refused:
        somebody.v1.checkout.sessions.retrieve("cs_test_nowhere")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(official.InvalidRequestError) as refused:
        new_session(somebody, no_such_parameter="1")
    assert refused.value.code == "parameter_unknown"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("error_503", official.APIError),
        ("rate_limited", official.RateLimitError),
        ("forbidden", official.PermissionError),
        ("card_declined", official.CardError),
        ("other_parameters", official.IdempotencyError),
        ("unauthorized", official.AuthenticationError),
        ("drop", official.APIConnectionError),
    ],
)
def test_trouble_is_what_stripes_client_takes_it_for(fault, error, client, stripe):
    stripe.next("create", fault)
    with pytest.raises(error):
        new_session(client)


def test_our_client_asks_as_stripes_own_does(client, stripe):
    """The same session, asked for by both: the same form, but for the order of its members."""
    order = an_order(reference="a-gift", payee=ACCOUNT)
    adapter_for(stripe).open_checkout(order, request_id="open-ours")
    ours = params.tree_of(stripe.calls[-1].body.decode())
    new_session(
        client,
        adaptive_pricing={"enabled": False},
        success_url=ours["success_url"],
        cancel_url=ours["cancel_url"],
        line_items=[
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Gift for a bicycle"}},
            }
        ],
    )
    theirs = stripe.calls[-1].body.decode()
    assert sorted(parse_qsl(stripe.calls[-2].body.decode())) == sorted(parse_qsl(theirs))
    assert params.tree_of(theirs) == ours


def test_what_stripes_client_has_opened_our_adapter_follows_up(client, stripe):
    session = new_session(client)
    stripe.pay(session.id)
    payment = adapter_for(stripe).find(an_order(reference="a-gift", payee=ACCOUNT, checkout_id=session.id))
    assert (payment.state, payment.amount_minor, payment.payee) == (PaymentState.CAPTURED, 2000, ACCOUNT)
