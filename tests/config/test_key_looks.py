"""Provider keys in each other's places, and values that were pasted with too much: told by what stands there."""

import pytest

from tests.config.starting import sentence, settings_with

MIXED_UP = [
    ({"STRIPE_SECRET_KEY": "pk_live_canary"}, "STRIPE_SECRET_KEY", "a publishable key"),
    ({"STRIPE_SECRET_KEY": "whsec_canary"}, "STRIPE_SECRET_KEY", "a signing secret"),
    ({"STRIPE_TEST_SECRET_KEY": "pk_test_canary"}, "STRIPE_TEST_SECRET_KEY", "a publishable key"),
    ({"STRIPE_SECRET_KEY": "acct_canary"}, "STRIPE_SECRET_KEY", "the id of an account"),
    ({"STRIPE_PUBLISHABLE_KEY": "sk_live_canary"}, "STRIPE_PUBLISHABLE_KEY", "a secret key"),
    ({"STRIPE_WEBHOOK_SECRET": "we_1canary0000000"}, "STRIPE_WEBHOOK_SECRET", "the id of a webhook endpoint"),
    ({"STRIPE_WEBHOOK_SECRET": "sk_live_canary"}, "STRIPE_WEBHOOK_SECRET", "a secret key"),
    ({"STRIPE_OWN_ACCOUNT": "rk_live_canary"}, "STRIPE_OWN_ACCOUNT", "a secret key"),
    ({"PAYPAL_CLIENT_ID": "sk_live_canary"}, "PAYPAL_CLIENT_ID", "a secret key of Stripe's"),
    ({"PAYPAL_WEBHOOK_ID": "https://give.example.org/canary"}, "PAYPAL_WEBHOOK_ID", "an address"),
    ({"PAYPAL_CLIENT_ID": "canary", "PAYPAL_CLIENT_SECRET": "canary"}, "PAYPAL_CLIENT_ID", "are the same"),
    ({"PAYPAL_CLIENT_ID": "E" + "c" * 79, "PAYPAL_CLIENT_SECRET": "A" + "d" * 79}, "PAYPAL_CLIENT_ID", "each other's places"),
    ({"AMAZON_PAY_PRIVATE_KEY": "SANDBOX-CANARY"}, "AMAZON_PAY_PRIVATE_KEY", "the id of a public key"),
    ({"AMAZON_PAY_PRIVATE_KEY": "LIVE-CANARY"}, "AMAZON_PAY_PRIVATE_KEY", "the id of a public key"),
    ({"AMAZON_PAY_UK_PRIVATE_KEY": "LIVE-CANARY"}, "AMAZON_PAY_UK_PRIVATE_KEY", "the id of a public key"),
    ({"AMAZON_PAY_PUBLIC_KEY_ID": "-----BEGIN PRIVATE KEY-----"}, "AMAZON_PAY_PUBLIC_KEY_ID", "a key in PEM"),
    ({"AMAZON_PAY_MERCHANT_ID": "amzn1.application-oa2-client.x"}, "AMAZON_PAY_MERCHANT_ID", "a store id"),
    ({"AMAZON_PAY_STORE_ID": "LIVE-CANARY"}, "AMAZON_PAY_STORE_ID", "the id of a public key"),
    ({"AMAZON_PAY_MERCHANT_ID": "BCR2DN000"}, "AMAZON_PAY_MERCHANT_ID", "a merchant ID of Google's"),
    ({"GOOGLE_PAY_MERCHANT_ID": "pk_live_canary"}, "GOOGLE_PAY_MERCHANT_ID", "a publishable key"),
    ({"STRIPE_SECRET_KEY": "sk_live_canary canary"}, "STRIPE_SECRET_KEY", "a space or the end of a line"),
    ({"STRIPE_SECRET_KEY": "sk_live_canary\ncanary"}, "STRIPE_SECRET_KEY", "a space or the end of a line"),
    ({"STRIPE_SECRET_KEY": '"sk_live_canary"'}, "STRIPE_SECRET_KEY", "quotes"),
    ({"CREDENTIALS_KEYS": "'canary'"}, "CREDENTIALS_KEYS", "quotes"),
    ({"DEBUG": '"0"'}, "DEBUG", "quotes"),
    ({"PAYPAL_CLIENT_ID": "'canary'", "PAYPAL_CLIENT_SECRET": "x"}, "PAYPAL_CLIENT_ID", "quotes"),
]
PEMS = {
    "the public half": ("-----BEGIN PUBLIC KEY-----\nY2FuYXJ5\n-----END PUBLIC KEY-----", "it is the public key of the pair"),
    "a certificate": ("-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----", "it is a certificate"),
    "no such file": ("/nowhere/canary.pem", "there is no file of that name"),
}


@pytest.mark.parametrize(("environment", "name", "what"), MIXED_UP, ids=lambda value: str(value)[:50])
def test_what_stands_in_the_wrong_place_is_told(environment, name, what):
    """On a laptop too: nothing could ever work with it."""
    told = sentence(**environment)
    assert told.startswith(name)
    assert what in told
    assert "canary" not in told.lower()


@pytest.mark.parametrize(("pem", "what"), PEMS.values(), ids=PEMS)
def test_what_is_no_private_key_is_told(pem, what):
    told = sentence(AMAZON_PAY_PRIVATE_KEY=pem)
    assert what in told
    assert "canary" not in told


def test_white_space_round_a_key_does_no_harm():
    assert settings_with(STRIPE_SECRET_KEY=" sk_live_1\n")["STRIPE_SECRET_KEY"] == "sk_live_1"
