"""Provider keys that stand in each other's places, known by how they begin. They start nowhere, on a laptop neither."""

import os
import re

from django.core.exceptions import ImproperlyConfigured

LOOKS = (
    (re.compile(r"[rs]k_(live|test)_"), "a secret key of Stripe's", ("SECRET_KEY",)),
    (re.compile(r"pk_(live|test)_"), "a publishable key of Stripe's", ("PUBLISHABLE_KEY",)),
    (re.compile(r"whsec_"), "a signing secret of a webhook endpoint", ("WEBHOOK_SECRET",)),
    (re.compile(r"acct_"), "the id of an account at Stripe", ("OWN_ACCOUNT",)),
    (re.compile(r"we_[A-Za-z0-9]{10}"), "the id of a webhook endpoint, not its signing secret", ()),
    (re.compile(r"(SANDBOX|LIVE)-[A-Z0-9]"), "the id of a public key at Amazon Pay", ("PUBLIC_KEY_ID",)),
    (re.compile(r"amzn1\.application-oa2-client\."), "a store id of Amazon Pay", ("STORE_ID",)),
    (re.compile(r"arn:"), "a topic of Amazon's notifications", ("TOPIC_ARN",)),
    (re.compile(r"BCR2DN"), "a merchant ID of Google's", ("MERCHANT_ID",)),
    (re.compile(r"https?://"), "an address", ("API_BASE", "SCRIPT_URL")),
    (re.compile(r"-----BEGIN "), "a key in PEM", ("PRIVATE_KEY",)),
)
"""How a value begins, what it is then, and how the names of settings end in which it may stand."""

WANTED = {
    "SECRET_KEY": "must be the secret key, which begins with sk_ or rk_",  # nosec B105 - words about it
    "PUBLISHABLE_KEY": "must begin with pk_: it is shown to every giver, so no other key may be it",
    "WEBHOOK_SECRET": "must be the signing secret of the webhook endpoint, which begins with whsec_",  # nosec B105 - words about it
    "OWN_ACCOUNT": "must be the id of the account, which begins with acct_",
    "CLIENT_ID": "must be the client id of the PayPal app",
    "CLIENT_SECRET": "must be the secret of the PayPal app",  # nosec B105 - words about it
    "WEBHOOK_ID": "must be the id of the PayPal app's webhook, 17 capital letters and digits",
    "PARTNER_ID": "must be your own merchant id at PayPal",
    "PUBLIC_KEY_ID": "must be the id of the public key, which begins with SANDBOX- or LIVE-",
    "PRIVATE_KEY": "must be the private key of the pair: PEM, or the path of a file with it",
    "STORE_ID": "must be the store id (client id), which begins with amzn1.application-oa2-client.",
    "TOPIC_ARN": "must be the topic, which begins with arn:aws:sns:",
    "MERCHANT_ID": "must be the merchant id",
}
_OF_PROVIDERS = re.compile(rf"(?:PAYPAL|STRIPE|AMAZON_PAY|GOOGLE_PAY)_(?:[A-Z0-9]+_)*?({'|'.join(WANTED)})")
_MAY_HAVE_SPACES = ("PRIVATE_KEY", "WEBHOOK_SECRET")


def check() -> None:
    """Raises ImproperlyConfigured, with a sentence that says what stands there and repeats nothing of it."""
    for name in sorted(os.environ):
        setting = _OF_PROVIDERS.fullmatch(name)
        value = os.environ[name].strip()
        if setting and value:
            _check(name, setting[1], value)
    for prefix in ("PAYPAL_", "PAYPAL_TEST_"):
        _check_paypals_pair(f"{prefix}CLIENT_ID", f"{prefix}CLIENT_SECRET")


def _check(name: str, kind: str, value: str) -> None:
    for look, what, ends in LOOKS:
        if look.match(value) and kind not in ends:
            raise ImproperlyConfigured(f"{name} {WANTED[kind]}. What stands there is {what}.")
        if look.match(value) and kind == "MERCHANT_ID" and name.startswith("AMAZON_") != (not value.startswith("BCR2DN")):
            raise ImproperlyConfigured(f"{name} must be the merchant id at Amazon Pay. What stands there is {what}.")
    if kind not in _MAY_HAVE_SPACES and re.search(r"\s", value):
        raise ImproperlyConfigured(f"{name} has a space or the end of a line inside: copy it again, whole and on one line.")


def _check_paypals_pair(client_id: str, secret: str) -> None:
    """PayPal's client ids begin with A, its secrets with E; both have 80 characters."""
    one, other = (os.environ.get(name, "").strip() for name in (client_id, secret))
    if one and one == other:
        raise ImproperlyConfigured(f"{client_id} and {secret} are the same: copy each from the app at developer.paypal.com.")
    if len(one) > 60 and len(other) > 60 and one.startswith("E") and other.startswith("A"):
        raise ImproperlyConfigured(f"{client_id} and {secret} stand in each other's places: exchange them.")
