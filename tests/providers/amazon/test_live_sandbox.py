"""The adapter against Amazon's own sandbox: what no fake can prove. Skipped without keys: see docs/operators.md.

Everything here runs without a person at Amazon's button, so nothing is paid: whole gifts are docs/operators.md, step 7.
"""

import os
from dataclasses import replace

import pytest

from providers.amazon.accounts import AccountSettings
from providers.amazon.adapter import AmazonProvider
from providers.base import ProviderRefused, ProviderUnavailable
from tests.providers.amazon.test_fault_table import an_order

KEYS = ("PUBLIC_KEY_ID", "PRIVATE_KEY", "MERCHANT_ID", "STORE_ID")
MISSING = [f"AMAZON_PAY_LIVE_{name}" for name in KEYS if not os.environ.get(f"AMAZON_PAY_LIVE_{name}")]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Amazon's sandbox wants {', '.join(MISSING)}")

NOBODYS = "00000000-0000-0000-0000-000000000000"
HOSTS = {"NA": "com", "EU": "eu", "JP": "jp"}


def adapter_with(**changes: str) -> AmazonProvider:
    region = os.environ.get("AMAZON_PAY_LIVE_REGION", "NA")
    how = {name.lower(): os.environ[f"AMAZON_PAY_LIVE_{name}"] for name in KEYS}
    if not how["public_key_id"].startswith("SANDBOX-"):
        pytest.fail("only keys of the sandbox, SANDBOX-..., belong here")
    how |= {"base": f"https://pay-api.amazon.{HOSTS[region]}", "region": region, "script_url": "https://x", "topic": ""}
    return AmazonProvider(AccountSettings(**(how | changes)))


def test_amazon_takes_our_signature_and_knows_nobodys_session():
    with pytest.raises(ProviderRefused) as refused:
        adapter_with().find(replace(an_order(), checkout_id=NOBODYS))
    assert refused.value.reason == "unknown_checkout"
    assert refused.value.correlation_id


def test_nobodys_session_and_charge_move_nothing():
    order = replace(an_order(), checkout_id=NOBODYS, payment_reference="S01-0000000-0000000-C000000")
    for ask in (
        lambda: adapter_with().capture(order, request_id="capture-live"),
        lambda: adapter_with().refund(order, amount_minor=1, reference="r", request_id="refund-live"),
    ):
        with pytest.raises(ProviderRefused):
            ask()


def test_a_key_under_another_name_is_no_answer():
    with pytest.raises(ProviderUnavailable):
        adapter_with(public_key_id="SANDBOX-SOMEBODYELSES").find(replace(an_order(), checkout_id=NOBODYS))
