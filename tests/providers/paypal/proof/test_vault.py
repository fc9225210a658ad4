"""PayPal's own client saves a wallet at the fake, pays with it, and deletes it; it reads our requests as we mean them."""

import pytest

from providers.paypal.permissions import setup_for
from providers.paypal.requests import order_for
from tests.providers.payment_request import a_request
from tests.providers.permission_contract import a_permission

pytestmark = pytest.mark.no_database

ALL = "return=representation"


@pytest.fixture
def vault(paypal):
    paypal.vault.enabled = True
    return paypal.vault


@pytest.fixture
def token(official, paypal, vault):
    """Of a giver who has agreed."""
    wanted = setup_for(a_permission("PayPal"))
    asked = official.vault("create_setup_token", model="SetupTokenRequest", body=wanted, paypal_request_id="ask-1")
    assert (asked["status"], asked["body"]["status"]) == (201, "PAYER_ACTION_REQUIRED")
    assert [link["rel"] for link in asked["body"]["links"]] == ["self", "approve"]
    exchange = {"payment_source": {"token": {"id": asked["body"]["id"], "type": "SETUP_TOKEN"}}}
    how = {"model": "PaymentTokenRequest", "body": exchange}
    refused = official.vault("create_payment_token", paypal_request_id="token-0", **how)
    assert (refused["status"], refused["issues"]) == (422, ["PAYER_ACTION_REQUIRED"])
    paypal.agree(asked["body"]["id"])
    assert official.vault("get_setup_token", id=asked["body"]["id"])["body"]["status"] == "APPROVED"
    first, again = (official.vault("create_payment_token", paypal_request_id="token-1", **how) for _ in range(2))
    assert first["body"]["id"] == again["body"]["id"]
    return first["body"]["id"]


def test_it_sends_what_we_send_to_save_a_wallet(official, paypal, vault):
    """But for what its models do not know, which is left out, and what it adds of its own."""
    wanted = setup_for(a_permission("PayPal"))
    official.vault("create_setup_token", model="SetupTokenRequest", body=wanted, paypal_request_id="ask-1")
    sent = paypal.calls_of("save_wallet")[0].json["payment_source"]["paypal"]
    ours = wanted["payment_source"]["paypal"]
    assert sent.pop("experience_context").items() >= ours.pop("experience_context").items()
    assert sent == ours


def test_it_pays_with_a_saved_wallet_in_one_step(official, paypal, token):
    gift = a_request("PayPal", "anna@example.org")
    order = order_for(gift) | {"payment_source": {"paypal": {"vault_id": token}}}
    how = {"model": "OrderRequest", "body": order, "prefer": ALL}
    first, again = (official.orders("create_order", paypal_request_id="charge-1", **how) for _ in range(2))
    assert (first["status"], again["status"], first["body"]["status"]) == (201, 200, "COMPLETED")
    assert first["body"]["id"] == again["body"]["id"]
    assert paypal.calls_of("create")[0].json["payment_source"]["paypal"]["vault_id"] == token
    (capture,) = paypal.captures.values()
    assert (capture.status, capture.order.custom_id) == ("COMPLETED", gift.reference)


def test_it_deletes_a_wallet_which_then_pays_nothing(official, paypal, token):
    assert official.vault("get_payment_token", id=token)["body"]["id"] == token
    assert official.vault("delete_payment_token", id=token)["status"] == 204
    assert official.vault("get_payment_token", id=token)["status"] == 404
    gift = order_for(a_request("PayPal", "anna@example.org")) | {"payment_source": {"paypal": {"vault_id": token}}}
    refused = official.orders("create_order", model="OrderRequest", body=gift, paypal_request_id="charge-2")
    assert (refused["status"], refused["issues"]) == (404, ["INVALID_RESOURCE_ID"])
