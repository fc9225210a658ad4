"""Stripe's own Python client at the other end of the fake: a second opinion on what Stripe says, and on what it is asked."""

import json
from urllib.parse import parse_qsl

import pytest
import stripe as official

from providers.base import InvalidSignature, WebhookEvent
from providers.stripe.client import API_VERSION
from tests.providers.stripe import params
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.gift import ACCOUNT
from tests.providers.stripe.service import adapter_for
from tests.providers.stripe.test_fault_table import an_order

pytestmark = pytest.mark.no_database


def client_of(stripe: FakeStripe, key: str = "") -> official.StripeClient:
    return official.StripeClient(key or stripe.secret_key, base_addresses={"api": stripe.base_url}, max_network_retries=0)


@pytest.fixture
def client(stripe: FakeStripe) -> official.StripeClient:
    return client_of(stripe)


def asked(**changes):
    price = {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Gift for a bicycle"}}
    return {
        "mode": "payment",
        "client_reference_id": "a-gift",
        "success_url": "https://give.example.test/return?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://give.example.test/cancel",
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": {"contribution": "a-gift", "payee": ACCOUNT},
        "payment_intent_data": {
            "capture_method": "automatic",
            "transfer_data": {"destination": ACCOUNT},
            "description": "Gift for a bicycle",
            "metadata": {"contribution": "a-gift"},
        },
    } | changes


def new_session(client, key="open-1", **changes):
    return client.v1.checkout.sessions.create(params=asked(**changes), options={"idempotency_key": key})


def test_a_session_is_opened_paid_and_read_with_everything(client, stripe):
    session = new_session(client)
    assert official.api_version == API_VERSION
    assert stripe.calls[0].headers["stripe-version"] == API_VERSION
    assert (session.status, session.amount_total, session.currency, session.payment_intent) == ("open", 2000, "usd", None)
    assert stripe.pay(session.id) == f"https://give.example.test/return?session_id={session.id}"
    expand = [f"payment_intent.latest_charge.{name}" for name in ("balance_transaction", "transfer", "refunds")]
    session = client.v1.checkout.sessions.retrieve(session.id, params={"expand": expand})
    intent = session.payment_intent
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount_received, intent.transfer_data.destination) == ("succeeded", 2000, ACCOUNT)
    charge = intent.latest_charge
    assert (charge.balance_transaction.fee, charge.transfer.amount, charge.refunds.data) == (88, 2000, [])


def test_a_key_gives_one_session_and_takes_no_other_form(client):
    first, again = (new_session(client) for _ in range(2))
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(official.IdempotencyError):
        new_session(client, client_reference_id="another-gift")


def test_an_open_session_is_expired_and_a_paid_one_is_not(client, stripe):
    session, paid = (new_session(client, key) for key in ("open-1", "open-2"))
    stripe.pay(paid.id)
    expire = client.v1.checkout.sessions.expire
    assert expire(session.id, options={"idempotency_key": "close-1"}).status == "expired"
    with pytest.raises(official.InvalidRequestError, match="Only Checkout Sessions with a status in"):
        expire(paid.id, options={"idempotency_key": "close-2"})


def test_a_bank_that_asks_and_declines_is_told_then_paid(client, stripe):
    session = new_session(client)

    def intent():
        return client.v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent"]}).payment_intent

    stripe.pay(session.id, "card_that_wants_a_word")
    assert intent().status == "requires_action"
    stripe.prove_in(session.id, good=False)
    assert intent().status == "requires_payment_method"
    assert intent().last_payment_error.code == "payment_intent_authentication_failure"
    stripe.pay(session.id)
    assert (intent().status, intent().amount_received) == ("succeeded", 2000)


def test_held_money_is_captured_or_let_go(client, stripe):
    data = asked()["payment_intent_data"] | {"capture_method": "manual"}
    sessions = [new_session(client, key, payment_intent_data=data).id for key in ("open-1", "open-2")]
    for session in sessions:
        stripe.pay(session)
    taken, let_go = (stripe.intent_of(session).id for session in sessions)
    intents = client.v1.payment_intents
    captured = intents.capture(taken, params={"amount_to_capture": 2000}, options={"idempotency_key": "c"})
    assert (captured.status, captured.amount_received) == ("succeeded", 2000)
    with pytest.raises(official.InvalidRequestError) as refused:
        intents.capture(taken, options={"idempotency_key": "d"})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert intents.cancel(let_go, options={"idempotency_key": "v"}).status == "canceled"


def test_refunds_and_disputes_are_found_and_listed(client, stripe):
    session = new_session(client)
    stripe.pay(session.id)
    wanted = {"payment_intent": stripe.intent_of(session.id).id}

    def give_back(key, amount):
        asked = wanted | {"amount": amount, "reverse_transfer": True, "metadata": {"refund": key}}
        return client.v1.refunds.create(params=asked, options={"idempotency_key": key})

    for number in range(4):
        refund = give_back(f"refund-{number}", 100)
    assert client.v1.refunds.retrieve(refund.id).metadata["refund"] == "refund-3"
    listed = client.v1.refunds.list(params=wanted | {"limit": 3})
    assert sum(one.amount for one in listed.auto_paging_iter()) == 400
    with pytest.raises(official.InvalidRequestError, match="greater than unrefunded amount on charge"):
        give_back("much", 1601)
    stripe.dispute(session.id)
    [dispute] = client.v1.disputes.list(params=wanted).data
    assert (dispute.status, dispute.amount) == ("needs_response", 2000)


TROUBLE = {
    "error_503": official.APIError,
    "rate_limited": official.RateLimitError,
    "forbidden": official.PermissionError,
    "card_declined": official.CardError,
    "other_parameters": official.IdempotencyError,
    "unauthorized": official.AuthenticationError,
    "drop": official.APIConnectionError,
}


@pytest.mark.parametrize(("fault", "error"), TROUBLE.items(), ids=list(TROUBLE))
def test_trouble_is_what_stripes_client_takes_it_for(fault, error, client, stripe):
    stripe.next("create", fault)
    with pytest.raises(error):
        new_session(client)


def test_a_wrong_key_id_or_parameter_is_refused(careless_stripe):
    client = client_of(careless_stripe)
    with pytest.raises(official.AuthenticationError):
        new_session(client_of(careless_stripe, "sk_test_nobody"))
    with pytest.raises(official.InvalidRequestError) as refused:
        client.v1.checkout.sessions.retrieve("cs_test_nowhere")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(official.InvalidRequestError) as refused:
        new_session(client, no_such_parameter="1")
    assert refused.value.code == "parameter_unknown"


def test_our_client_asks_as_stripes_own_does(client, stripe):
    """The same session, asked for by both: the same form, but for the order of its members."""
    adapter_for(stripe).open_checkout(an_order(reference="a-gift", payee=ACCOUNT), request_id="open-ours")
    ours = params.tree_of(stripe.calls[-1].body.decode())
    addresses = {name: ours[name] for name in ("success_url", "cancel_url")}
    new_session(client, adaptive_pricing={"enabled": False}, **addresses)
    theirs = stripe.calls[-1].body.decode()
    assert sorted(parse_qsl(stripe.calls[-2].body.decode())) == sorted(parse_qsl(theirs))
    assert params.tree_of(theirs) == ours


def test_stripes_client_believes_what_the_fake_signs(client, stripe):
    """While a secret is rolled, by either; and nothing that was changed."""
    session = new_session(client)
    stripe.signing_secrets.insert(0, "whsec_the_new_one")
    stripe.pay(session.id, "card_that_is_declined")
    stripe.pay(session.id)
    stripe.dashboard_refund(session.id, 100)
    stripe.dispute(session.id)
    webhooks = stripe.webhooks_of(session.id)
    assert len(webhooks) == 5
    for webhook in webhooks:
        body, header = webhook.body, webhook.headers["Stripe-Signature"]
        for secret in stripe.signing_secrets:
            assert official.Webhook.construct_event(body, header, secret).id == webhook.event["id"]
            changed = body.replace(b"2000", b"2001")
            assert changed != body
            for forged in ((changed, header, secret), (body, header, "whsec_somebody_elses"), (body, "t=1,v1=00", secret)):
                with pytest.raises(official.SignatureVerificationError):
                    official.Webhook.construct_event(*forged)


def test_our_adapter_believes_what_stripes_client_signs(client, stripe):
    """And nothing that was changed."""
    session, now = new_session(client), stripe.books.seconds()
    stripe.pay(session.id)
    event = stripe.webhooks_of(session.id)[-1].event
    body, secret = json.dumps(event), stripe.signing_secrets[0]

    def report(text=body, key=secret, at=now):
        header = official.WebhookSignature.generate_signature_header(text, key, at)
        return adapter_for(stripe).parse_webhook(body.encode(), {"Stripe-Signature": header})

    assert report() == WebhookEvent(session.id, event["id"], event["data"]["object"]["payment_intent"], "a-gift")
    for forged in ({"text": "{}"}, {"key": "whsec_somebody_elses"}, {"at": now - 301}):
        with pytest.raises(InvalidSignature):
            report(**forged)
