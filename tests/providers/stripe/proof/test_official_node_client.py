"""Stripe's own client for Node at the other end of the fake, and its opinion on signatures: the fake's, and its own to us."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import clock
from providers.base import InvalidSignature, PaymentState, WebhookEvent
from providers.stripe.client import API_VERSION
from tests.providers.node_client import BY_NODE, NodeClient, node_client
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.proof.test_official_client import ACCOUNT, asked
from tests.providers.stripe.service import adapter_for
from tests.providers.stripe.test_fault_table import an_order

pytestmark = [BY_NODE, pytest.mark.no_database]


@pytest.fixture(scope="module")
def node() -> Iterator[NodeClient]:
    with node_client("stripe.js") as client:
        yield client


class Client:
    """`client("refunds.create", {...}, key="refund-1")`: the answer's data."""

    def __init__(self, node: NodeClient, stripe: FakeStripe) -> None:
        self._node, self.headers = node, dict[str, str]()
        host, _, port = stripe.base_url.removeprefix("http://").partition(":")
        self.config = {"key": stripe.secret_key, "protocol": "http", "host": host, "port": port}

    def ask(self, call: str, *arguments: Any, key: str = "") -> dict[str, Any]:
        resource, _, method = call.rpartition(".")
        options = [{"idempotencyKey": key}] if key else []
        question = {"resource": resource, "method": method, "arguments": [*arguments, *options]}
        return self._node.ask(question | {"config": self.config})

    def __call__(self, call: str, *arguments: Any, **how: Any) -> dict[str, Any]:
        answer = self.ask(call, *arguments, **how)
        assert "error" not in answer, answer
        self.headers = answer["headers"]
        data: dict[str, Any] = answer["data"]
        return data

    def refused(self, call: str, *arguments: Any, **how: Any) -> dict[str, Any]:
        error: dict[str, Any] = self.ask(call, *arguments, **how)["error"]
        return error

    def new_session(self, key: str = "open-1", **changes: Any) -> dict[str, Any]:
        return self("checkout.sessions.create", asked(**changes), key=key)

    def held(self, stripe: FakeStripe) -> str:
        """The id of a PaymentIntent whose money is held."""
        data = asked()["payment_intent_data"] | {"capture_method": "manual"}
        session = self.new_session(payment_intent_data=data)
        stripe.pay(session["id"])
        return stripe.intent_of(session["id"]).id


@pytest.fixture
def client(node: NodeClient, stripe: FakeStripe) -> Client:
    return Client(node, stripe)


def test_the_version_that_we_ask_for_is_that_of_the_client(client, stripe):
    client.new_session()
    assert stripe.calls[0].headers["stripe-version"] == API_VERSION
    assert "node" in stripe.calls[0].headers["x-stripe-client-user-agent"]


def test_session_is_opened_paid_and_read_with_everything(client, stripe):
    """A session is opened paid and read with everything expanded."""
    session = client.new_session()
    assert (session["status"], session["amount_total"], session["payment_intent"]) == ("open", 2000, None)
    assert stripe.pay(session["id"]) == f"https://give.example.test/return?session_id={session['id']}"
    expand = [f"payment_intent.latest_charge.{name}" for name in ("balance_transaction", "transfer", "refunds")]
    session = client("checkout.sessions.retrieve", session["id"], {"expand": expand})
    intent = session["payment_intent"]
    assert (session["status"], session["payment_status"], session["url"]) == ("complete", "paid", None)
    assert (intent["status"], intent["amount_received"], intent["transfer_data"]["destination"]) == ("succeeded", 2000, ACCOUNT)
    charge = intent["latest_charge"]
    assert (charge["balance_transaction"]["fee"], charge["transfer"]["amount"], charge["refunds"]["data"]) == (88, 2000, [])


def test_same_key_gives_same_session_and_other_parameters(client):
    """The same key gives the same session and other parameters are an error."""
    first, again = client.new_session(), client.new_session()
    assert again["id"] == first["id"]
    assert client.headers["idempotent-replayed"] == "true"
    refused = client.refused("checkout.sessions.create", asked(client_reference_id="another-gift"), key="open-1")
    assert (refused["type"], refused["status"]) == ("StripeIdempotencyError", 400)


def test_an_open_session_is_expired_and_a_paid_one_is_not(client, stripe):
    session = client.new_session()
    assert client("checkout.sessions.expire", session["id"], {}, key="close-1")["status"] == "expired"
    paid = client.new_session(key="open-2")
    stripe.pay(paid["id"])
    refused = client.refused("checkout.sessions.expire", paid["id"], {}, key="close-2")
    assert refused["type"] == "StripeInvalidRequestError"
    assert refused["message"].startswith("Only Checkout Sessions with a status in")


def test_payment_that_bank_asks_about_and_then_declines_is_told(client, stripe):
    """A payment that the bank asks about and then declines is told."""
    session_id = client.new_session()["id"]
    stripe.pay(session_id, "card_that_wants_a_word")
    expand = {"expand": ["payment_intent"]}
    assert client("checkout.sessions.retrieve", session_id, expand)["payment_intent"]["status"] == "requires_action"
    stripe.prove_in(session_id, good=False)
    intent = client("checkout.sessions.retrieve", session_id, expand)["payment_intent"]
    assert (intent["status"], intent["last_payment_error"]["code"]) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )


def test_held_money_is_captured_once(client, stripe):
    intent_id = client.held(stripe)
    assert client("paymentIntents.retrieve", intent_id)["amount_capturable"] == 2000
    captured = client("paymentIntents.capture", intent_id, {"amount_to_capture": 2000}, key="capture-1")
    assert (captured["status"], captured["amount_received"]) == ("succeeded", 2000)
    refused = client.refused("paymentIntents.capture", intent_id, {}, key="capture-2")
    assert (refused["type"], refused["code"]) == ("StripeInvalidRequestError", "payment_intent_unexpected_state")


def test_held_money_is_let_go(client, stripe):
    assert client("paymentIntents.cancel", client.held(stripe), {}, key="void-1")["status"] == "canceled"


def test_refunds_are_made_found_and_listed(client, stripe):
    session_id = client.new_session()["id"]
    stripe.pay(session_id)
    wanted = {"payment_intent": stripe.intent_of(session_id).id, "amount": 500, "reverse_transfer": True}
    first, again = (client("refunds.create", wanted | {"metadata": {"refund": "r1"}}, key="refund-1") for _ in range(2))
    assert (first["id"], first["amount"], first["status"]) == (again["id"], 500, "succeeded")
    assert client("refunds.retrieve", first["id"])["metadata"] == {"refund": "r1"}
    assert [one["id"] for one in client("refunds.list", {"payment_intent": wanted["payment_intent"]})["data"]] == [first["id"]]
    refused = client.refused("refunds.create", wanted | {"amount": 1501}, key="refund-2")
    assert refused["message"] == "Refund amount (1501) is greater than unrefunded amount on charge (1500)"


def test_what_stripes_client_has_opened_our_adapter_follows_up(client, stripe):
    session_id = client.new_session()["id"]
    stripe.pay(session_id)
    payment = adapter_for(stripe).find(an_order(reference="a-gift", payee=ACCOUNT, checkout_id=session_id))
    assert (payment.state, payment.amount_minor, payment.payee) == (PaymentState.CAPTURED, 2000, ACCOUNT)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("error_503", "StripeAPIError"),
        ("rate_limited", "StripeRateLimitError"),
        ("forbidden", "StripePermissionError"),
        ("card_declined", "StripeCardError"),
        ("other_parameters", "StripeIdempotencyError"),
        ("unauthorized", "StripeAuthenticationError"),
        ("drop", "StripeConnectionError"),
    ],
)
def test_trouble_is_what_stripes_client_takes_it_for(fault, error, client, stripe):
    stripe.next("create", fault, times=2)  # where a line breaks, this client always tries once more
    assert client.refused("checkout.sessions.create", asked(), key="open-1")["type"] == error


def test_a_wrong_key_is_refused_by_the_fake(client):
    client.config["key"] = "sk_test_nobody"
    assert client.refused("checkout.sessions.create", asked(), key="open-1")["type"] == "StripeAuthenticationError"


# --- signatures -----------------------------------------------------------------------------------------------------


def opinion(node: NodeClient, body: bytes, header: str, secret: str) -> dict[str, Any]:
    return node.ask({"signed": {"body": body.decode(), "header": header, "secret": secret}})


def test_stripes_client_believes_whatever_fake_signs_and_nothing(client, node, stripe):
    """Stripe's client believes whatever the fake signs and nothing changed."""
    session_id = client.new_session()["id"]
    stripe.pay(session_id, "card_that_is_declined")
    stripe.pay(session_id)
    stripe.dashboard_refund(session_id, 100)
    stripe.dispute(session_id)
    webhooks = stripe.webhooks_of(session_id)
    assert len(webhooks) == 5
    for body, headers in webhooks:
        header, [secret] = headers["Stripe-Signature"], stripe.signing_secrets
        assert opinion(node, body, header, secret) == {"event": json.loads(body)}
        changed = body.replace(b"2000", b"2001")
        assert changed != body
        for forged in ((changed, header, secret), (body, header, "whsec_somebody_elses"), (body, "t=1,v1=00", secret)):
            assert opinion(node, *forged)["error"]["type"] == "StripeSignatureVerificationError"


def test_while_secret_is_rolled_stripes_client_believes(client, node, stripe):
    """While a secret is rolled Stripe's client believes with either."""
    session_id = client.new_session()["id"]
    stripe.signing_secrets.insert(0, "whsec_the_new_one")
    stripe.pay(session_id)
    body, headers = stripe.webhooks_of(session_id)[-1]
    for secret in stripe.signing_secrets:
        assert "event" in opinion(node, body, headers["Stripe-Signature"], secret)


def test_our_adapter_believes_what_stripes_client_signs(client, node, stripe):
    """Our adapter believes what Stripe's client signs and nothing changed."""
    session_id = client.new_session()["id"]
    stripe.pay(session_id)
    event = stripe.webhooks_of(session_id)[-1].event
    body = json.dumps(event).encode()
    now = int(clock.now().timestamp())

    def report(body: bytes = body, **how: Any) -> WebhookEvent:
        signed = {"payload": body.decode(), "secret": stripe.signing_secrets[0], "timestamp": now} | how
        header = node.ask({"sign": signed})["header"]
        return adapter_for(stripe).parse_webhook(body, {"Stripe-Signature": header})

    assert report() == WebhookEvent(
        checkout_id=session_id,
        event_id=event["id"],
        payment_reference=event["data"]["object"]["payment_intent"],
        reference="a-gift",
    )
    for forged in ({"payload": "{}"}, {"secret": "whsec_somebody_elses"}, {"timestamp": now - 301}):
        with pytest.raises(InvalidSignature):
            report(**forged)
