"""The service in front of the fake PayPal: its adapter, and its settings."""

from typing import Any

from providers.paypal.adapter import PayPalProvider
from providers.paypal.partner import PayPalPartnerProvider
from tests.providers.paypal.fake import FakePayPal


def adapter_for(paypal: FakePayPal, **changes: Any) -> PayPalProvider:
    """An adapter with the fake's keys and trust, but for `changes`; for a partner where the fake has approved one."""
    how = {
        "base": paypal.base_url,
        "client_id": paypal.client_id,
        "client_secret": paypal.client_secret,
        "webhook_id": paypal.webhook_id,
        "trust_roots_file": paypal.ca_file,
    }
    paypal.vault.enabled = paypal.vault.enabled or changes.get("saves_wallets", False)
    kind = PayPalPartnerProvider if paypal.books.is_partner else PayPalProvider
    return kind(**(how | changes))
