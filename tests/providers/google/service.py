"""The service in front of the fake Google and its Stripe: its adapter."""

from typing import Any

from providers.google.adapter import GoogleProvider
from providers.google.page import GooglePayPage
from tests.providers.google.fake import FakeGoogle


def adapter_for(google: FakeGoogle, **changes: Any) -> GoogleProvider:
    """An adapter with the fake's keys, but for `changes`."""
    of_google = {
        "merchant_id": google.merchant_id, "environment": "TEST", "country": "US", "script_url": google.script_url,
    }  # fmt: skip
    how = of_google | {
        "base": google.base_url,
        "secret_key": google.secret_key,
        "publishable_key": google.publishable_key,
        "webhook_secrets": google.signing_secrets,
    }
    how |= changes
    page = GooglePayPage(**{name: how[name] for name in of_google})
    return GoogleProvider(page, **{name: value for name, value in how.items() if name not in of_google})
