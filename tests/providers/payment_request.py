"""A gift as a provider is asked for it."""

from dataclasses import replace

from ids import new_id
from providers.base import PaymentRequest


def a_request(provider: str, payee: str, /, **changes: object) -> PaymentRequest:
    """20.00 USD, to be taken at once, of which the provider has not heard yet; but for `changes`."""
    reference = new_id()
    request = PaymentRequest(
        provider=provider,
        reference=reference,
        amount_minor=2000,
        currency="USD",
        payee=payee,
        capture_at_once=True,
        description="Gift for a bicycle",
        return_url=f"https://give.example.test/providers/{provider.lower()}/return/{reference}",
        cancel_url=f"https://give.example.test/providers/{provider.lower()}/cancel/{reference}",
    )
    return replace(request, **changes)
