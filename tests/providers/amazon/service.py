"""The service in front of the fake Amazon: its adapter, and what a giver does on our pay page."""

import json
import re
from html import unescape
from typing import Any

from providers.amazon.accounts import AccountSettings
from providers.amazon.adapter import AmazonProvider
from tests.providers.amazon.fake import FakeAmazon


def account_of(amazon: FakeAmazon, **changes: Any) -> AccountSettings:
    """The fake's account in the settings, but for `changes`."""
    how = {
        "base": amazon.base_url,
        "public_key_id": amazon.public_key_id,
        "private_key": amazon.private_key,
        "merchant_id": amazon.merchant_id,
        "store_id": amazon.store_id,
        "region": "NA",
        "script_url": amazon.script_url,
        "topic": amazon.topic,
    }
    return AccountSettings(**(how | changes))


def adapter_for(amazon: FakeAmazon, **changes: Any) -> AmazonProvider:
    """An adapter with the fake's keys, but for `changes`."""
    return AmazonProvider(account_of(amazon, **changes))


def button_in(page: str) -> dict[str, Any]:
    """What a pay page gives to Amazon's script."""
    found = re.search(r'<script id="pay-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found, page
    return json.loads(found[1])


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])
