"""A checkout, told to its adapter."""

from django.conf import settings

from contributions import disputes
from contributions.models import Checkout, Contribution
from goals.models import CapturePolicy
from providers.base import PaymentRequest


class NoProviderYet(Exception):
    """The giver has not picked a provider: there is nobody to ask about this contribution."""


def payment_request_for(contribution: Contribution, checkout: Checkout, *, scenario: str = "") -> PaymentRequest:
    """The payment as the provider is asked for it, and as its answers are compared. Raises NoProviderYet."""
    account = checkout.account
    if account is None:
        raise NoProviderYet(contribution.public_id)
    way_back = f"{settings.PUBLIC_BASE_URL}/providers/{account.provider.lower()}"
    return PaymentRequest(
        provider=account.provider,
        reference=contribution.public_id,
        amount_minor=contribution.amount_minor,
        currency=contribution.currency,
        payee=account.credentials,
        capture_at_once=checkout.capture_policy == CapturePolicy.IMMEDIATE,
        description=contribution.memo or f"Gift for {contribution.goal.name}"[:127],
        return_url=f"{way_back}/return/{contribution.public_id}",
        cancel_url=f"{way_back}/cancel/{contribution.public_id}",
        checkout_id=checkout.provider_checkout_id,
        payment_reference=checkout.payment_reference,
        payee_id=checkout.payee_id,
        language=contribution.language,
        brand=contribution.goal.partner.name,
        platform_fee_minor=checkout.platform_fee_minor,
        disputes=disputes.known_of(contribution) if checkout.payment_reference else (),
        scenario=scenario,
    )
