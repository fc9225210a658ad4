"""What our books say of one checkout, read once: what decisions.decide weighs the provider's answer against."""

from datetime import datetime, timedelta

from django.conf import settings

from contributions import charges, provider_requests, reservations
from contributions.decision_types import Known
from contributions.models import Checkout, Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import Intent, Stage, Status
from providers.base import Capability, PaymentRequest, Provider

PLEDGED_GIFTS_LIVE = timedelta(days=9)
"""A day more than the last try of one that has failed comes after the first (pledges/decisions.py)."""


def expires_at(contribution: Contribution) -> datetime:
    """When a giver who has not paid is given up. A pledge's gift is tried again for some days."""
    span = timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS)
    return contribution.created_at + (max(span, PLEDGED_GIFTS_LIVE) if contribution.pledge_public_id else span)


def snapshot(
    contribution: Contribution, checkout: Checkout, provider: Provider | None, token: str = "", scenario: str = ""
) -> Known:
    """What our books say of the checkout, for decisions.decide. `provider`: the adapter that has opened it, or is to."""
    status, is_current = Status(contribution.status), contribution.checkout_id == checkout.pk
    captured_minor, lost_minor = contribution.settled_minor or 0, contribution.reversed_minor
    if not is_current:
        captured_minor, lost_minor = reservations.taken_and_lost(checkout)
    capabilities: frozenset[Capability] = provider.capabilities if provider else frozenset()
    at_the_button = Capability.PAID_ON_OUR_PAGE in capabilities and Capability.PAID_BY_TOKEN not in capabilities
    at_the_button = at_the_button and checkout.permission_id is None
    return Known(
        request=_request(contribution, checkout, scenario),
        status=status,
        intent=Intent(contribution.intent),
        intent_reason=contribution.intent_reason,
        stage=Stage(checkout.stage),
        is_current=is_current,
        expires_at=expires_at(contribution),
        hold_expires_at=checkout.hold_expires_at,
        captured_minor=captured_minor,
        refunded_minor=contribution.refunded_minor if is_current else 0,
        going_back_minor=contribution.refunds_reserved_minor if is_current else reservations.going_back_minor(checkout),
        lost_minor=lost_minor,
        no_company=Capability.SETTLES_AT_ONCE in capabilities,
        order_is_out=at_the_button and provider_requests.order_is_out(checkout, status),
        can_close=Capability.CLOSES_CHECKOUTS in capabilities,
        begins_at_the_button=at_the_button,
        under_permission=checkout.permission_id is not None,
        nobody_is_there=contribution.pledge_public_id is not None,
        charge=charges.standing_of(checkout),
        can_pay_by_token=bool(token) and provider_requests.has_tokens_left(checkout),
    )


def _request(contribution: Contribution, checkout: Checkout, scenario: str) -> PaymentRequest:
    if checkout.account is not None:
        return payment_request_for(contribution, checkout, scenario=scenario)
    return PaymentRequest(
        provider="",
        reference=contribution.public_id,
        amount_minor=contribution.amount_minor,
        currency=contribution.currency,
        payee="",
        capture_at_once=True,
        description="",
        return_url="",
        cancel_url="",
    )
