"""Stripe's own client for Node: its opinion on signatures, the fake's and its own to us, and on what Python's has not seen."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import clock
from providers.base import InvalidSignature, WebhookEvent
from providers.stripe.client import API_VERSION
from tests.providers.node_client import BY_NODE, NodeClient, node_client
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.proof.test_official_client import asked
from tests.providers.stripe.service import adapter_for

pytestmark = [BY_NODE, pytest.mark.no_database]


@pytest.fixture(scope="module")
def node() -> Iterator[NodeClient]:
    with node_client("stripe.js") as client:
        yield client


class Client:
    """`client.ask("refunds.create", {...}, key="refund-1")`: the answer's data, or its error."""

    def __init__(self, node: NodeClient, stripe: FakeStripe) -> None:
        self._node = node
        host, _, port = stripe.base_url.removeprefix("http://").partition(":")
        self.config = {"key": stripe.secret_key, "protocol": "http", "host": host, "port": port}

    def ask(self, call: str, *arguments: Any, key: str = "") -> dict[str, Any]:
        resource, _, method = call.rpartition(".")
        options = [{"idempotencyKey": key}] if key else []
        question = {"resource": resource, "method": method, "arguments": [*arguments, *options]}
        answer = self._node.ask(question | {"config": self.config})
        return answer["error"] if "error" in answer else answer["data"]

    def new_session(self) -> str:
        session = self.ask("checkout.sessions.create", asked(), key="open-1")
        assert session["object"] == "checkout.session", session
        return str(session["id"])


@pytest.fixture
def client(node: NodeClient, stripe: FakeStripe) -> Client:
    return Client(node, stripe)


def test_a_bank_that_asks_and_declines_is_told_then_paid(client, stripe):
    session_id = client.new_session()
    assert stripe.calls[0].headers["stripe-version"] == API_VERSION
    assert "node" in stripe.calls[0].headers["x-stripe-client-user-agent"]

    def intent() -> dict[str, Any]:
        return client.ask("checkout.sessions.retrieve", session_id, {"expand": ["payment_intent"]})["payment_intent"]

    stripe.pay(session_id, "card_that_wants_a_word")
    assert intent()["status"] == "requires_action"
    stripe.prove_in(session_id, good=False)
    assert intent()["status"] == "requires_payment_method"
    assert intent()["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    stripe.pay(session_id)
    assert (intent()["status"], intent()["amount_received"]) == ("succeeded", 2000)
    wanted = {"payment_intent": intent()["id"], "amount": 500}
    assert client.ask("refunds.create", wanted, key="refund-1")["status"] == "succeeded"
    refused = client.ask("refunds.create", wanted | {"amount": 1501}, key="refund-2")
    assert refused["message"] == "Refund amount (1501) is greater than unrefunded amount on charge (1500)"


TROUBLE = {
    "error_503": "StripeAPIError",
    "rate_limited": "StripeRateLimitError",
    "forbidden": "StripePermissionError",
    "card_declined": "StripeCardError",
    "other_parameters": "StripeIdempotencyError",
    "unauthorized": "StripeAuthenticationError",
    "drop": "StripeConnectionError",
}


@pytest.mark.parametrize(("fault", "error"), TROUBLE.items(), ids=list(TROUBLE))
def test_trouble_is_what_stripes_client_takes_it_for(fault, error, client, stripe):
    stripe.next("create", fault, times=2)  # where a line breaks, this client always tries once more
    assert client.ask("checkout.sessions.create", asked(), key="open-1")["type"] == error


# --- signatures -----------------------------------------------------------------------------------------------------


def opinion(node: NodeClient, body: bytes, header: str, secret: str) -> dict[str, Any]:
    return node.ask({"signed": {"body": body.decode(), "header": header, "secret": secret}})


def test_stripes_client_believes_what_the_fake_signs(client, node, stripe):
    """While a secret is rolled, by either; and nothing that was changed."""
    session_id = client.new_session()
    stripe.signing_secrets.insert(0, "whsec_the_new_one")
    stripe.pay(session_id, "card_that_is_declined")
    stripe.pay(session_id)
    stripe.dashboard_refund(session_id, 100)
    stripe.dispute(session_id)
    webhooks = stripe.webhooks_of(session_id)
    assert len(webhooks) == 5
    for body, headers in webhooks:
        header = headers["Stripe-Signature"]
        for secret in stripe.signing_secrets:
            assert opinion(node, body, header, secret) == {"event": json.loads(body)}
        changed = body.replace(b"2000", b"2001")
        assert changed != body
        for forged in ((changed, header, secret), (body, header, "whsec_somebody_elses"), (body, "t=1,v1=00", secret)):
            assert opinion(node, *forged)["error"]["type"] == "StripeSignatureVerificationError"


def test_our_adapter_believes_what_stripes_client_signs(client, node, stripe):
    """And nothing that was changed."""
    session_id = client.new_session()
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
