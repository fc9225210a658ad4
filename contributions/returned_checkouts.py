"""Checkouts whose id only the giver brings back, because they come into being at the provider's button on our page.

A query argument proves nothing, so what it names is asked about: it is ours only if the provider itself says that it was
made for this contribution. The id is then stored by compare-and-set. Another one takes its place only while it is certain
that nothing was or can be paid in the one that is stored: nothing is ever completed in two.
"""

import logging
from dataclasses import replace

import clock
import leases
from contributions import provider_requests
from contributions.models import Checkout, Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import AUTHORIZED, Status
from ownership import row_key
from providers import registry
from providers.base import PaymentState, ProviderRefused, ProviderUnavailable, is_paid_by_token, is_paid_on_our_page

log = logging.getLogger(__name__)

MOST_CHARACTERS = 255

ENDED_WITHOUT_MONEY = frozenset({PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.LAPSED})
NOT_BEGUN = frozenset({PaymentState.OPEN, PaymentState.APPROVED})


class CannotTell(Exception):
    """The provider is silent, or somebody is at it: whether the checkout is ours cannot be said now. Nothing was changed."""


def belongs(contribution: Contribution, provider_checkout_id: str, *, remember: bool) -> bool:
    """Whether this checkout was made for the contribution; `remember` it then, to be followed up from now on if it can be.

    While the provider is silent the first one that comes is taken on trust, and is looked into before anything else is
    done with it: a giver who has paid is not turned away. Raises CannotTell.
    """
    checkout = contribution.current_checkout
    if not _is_opened_at_the_button(checkout) or not 0 < len(provider_checkout_id) <= MOST_CHARACTERS:
        return False
    if remember and not checkout.provider_checkout_id:
        try:
            if not _is_ours(contribution, provider_checkout_id):
                return False
        except CannotTell as silence:
            log.warning("checkout taken on trust", extra={"contribution": contribution.public_id, "error": str(silence)})
        if _put(checkout, provider_checkout_id, instead_of=""):
            return True
    ours = _is_ours(contribution, provider_checkout_id)
    if ours and remember:
        _replace(contribution, provider_checkout_id)
    return ours


def _is_opened_at_the_button(checkout: Checkout) -> bool:
    """Whether it came into being on our page: not where a token pays, or a permission, in a checkout that we have opened."""
    adapter = registry.adapter(checkout.adapter)
    return is_paid_on_our_page(adapter) and not is_paid_by_token(adapter) and checkout.permission_id is None


def _is_ours(contribution: Contribution, provider_checkout_id: str) -> bool:
    checkout = contribution.current_checkout
    request = payment_request_for(contribution, checkout)
    try:
        asked = replace(request, checkout_id=provider_checkout_id, payment_reference="")
        payment = registry.adapter(checkout.adapter).find(asked)
    except ProviderRefused:
        return False
    except ProviderUnavailable as error:
        raise CannotTell(str(error)) from error
    return (payment.reference, payment.payee) == (request.reference, request.payee)


def _replace(contribution: Contribution, provider_checkout_id: str) -> None:
    """Let the checkout that is stored give way, if nothing can come of it any more or nobody has begun to take it."""
    leased = leases.take(contribution.current_checkout)
    if leased is None:
        raise CannotTell("somebody is at it")
    was_due_at = leased.due_at
    try:
        if _stored_one_is_worth_nothing(contribution, leased):
            _put(leased, provider_checkout_id, instead_of=leased.provider_checkout_id)
    finally:
        leases.release(leased, was_due_at=was_due_at, due_at=clock.now(), attempts=leased.attempts)
    contribution.current_checkout.refresh_from_db()


def _stored_one_is_worth_nothing(contribution: Contribution, checkout: Checkout) -> bool:
    if contribution.status == AUTHORIZED:
        return False  # only the stored one tells that what was held in it is let go
    request = payment_request_for(contribution, checkout)
    order_is_out = provider_requests.order_is_out(checkout, Status(contribution.status))
    try:
        payment = registry.adapter(checkout.adapter).find(request)
    except ProviderRefused:
        return not order_is_out
    except ProviderUnavailable as error:
        raise CannotTell(str(error)) from error
    if payment.reference != request.reference or payment.state in ENDED_WITHOUT_MONEY:
        return True
    return payment.state in NOT_BEGUN and not payment.provider_reference and not order_is_out


def _put(checkout: Checkout, provider_checkout_id: str, *, instead_of: str) -> bool:
    """By compare-and-set. True where it is stored now, whoever has stored it."""
    Checkout.objects.filter(**row_key(checkout), provider_checkout_id=instead_of).update(
        provider_checkout_id=provider_checkout_id, payment_reference=""
    )
    checkout.refresh_from_db()
    return checkout.provider_checkout_id == provider_checkout_id
