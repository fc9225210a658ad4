"""Checkouts whose id only the giver brings back, because they come into being at the provider's button.

A query argument proves nothing, so what it names is asked about: it is ours only if the provider itself says that it was
made for this contribution. The id is then stored by compare-and-set. Another one takes its place only while it is certain
that nothing was or can be paid in the one that is stored: nothing is ever completed in two.
"""

import logging
from dataclasses import replace

from contributions import leases
from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from providers import registry
from providers.base import (
    PaidByToken,
    PaidOnOurPage,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
)

log = logging.getLogger(__name__)

MOST_CHARACTERS = 255

ENDED_WITHOUT_MONEY = frozenset({PaymentState.DECLINED, PaymentState.VOIDED})
NOT_BEGUN = frozenset({PaymentState.OPEN, PaymentState.APPROVED})


class CannotTell(Exception):
    """The provider is silent, or somebody is at it: whether the checkout is ours cannot be said now. Nothing was changed."""


def belongs(contribution: Contribution, checkout_id: str, *, remember: bool) -> bool:
    """Whether this checkout was made for the contribution; `remember` it then, to be followed up from now on if it can be.

    While the provider is silent the first one that comes is taken on trust, and is looked into before anything else is
    done with it: a giver who has paid is not turned away. Raises CannotTell.
    """
    if not _is_opened_at_the_button(contribution) or not 0 < len(checkout_id) <= MOST_CHARACTERS:
        return False
    if remember and not contribution.checkout_id:
        try:
            if not _is_ours(contribution, checkout_id):
                return False
        except CannotTell as silence:
            log.warning("checkout taken on trust", extra={"contribution": contribution.public_id, "error": str(silence)})
        if _put(contribution, checkout_id, instead_of=""):
            return True
    ours = _is_ours(contribution, checkout_id)
    if ours and remember:
        _replace(contribution, checkout_id)
    return ours


def was_somebody_elses(contribution: Contribution, order: PaymentRequest, payment: Payment) -> bool:
    """Whether what was taken on trust has turned out to be another contribution's; it is forgotten then."""
    if payment.reference == order.reference or contribution.payment_reference or contribution.has_an_order_out:
        return False
    if not _is_opened_at_the_button(contribution):
        return False
    log.warning("checkout was somebody else's", extra={"contribution": contribution.public_id})
    _put(contribution, "", instead_of=contribution.checkout_id)
    return True


def _is_opened_at_the_button(contribution: Contribution) -> bool:
    """Whether its checkout came into being on our page: not where a token pays, in a checkout that we have opened."""
    adapter = registry.adapter(contribution.adapter)
    return isinstance(adapter, PaidOnOurPage) and not isinstance(adapter, PaidByToken)


def _is_ours(contribution: Contribution, checkout_id: str) -> bool:
    order = payment_request_for(contribution)
    try:
        payment = registry.adapter(contribution.adapter).find(replace(order, checkout_id=checkout_id, payment_reference=""))
    except ProviderRefused:
        return False
    except ProviderUnavailable as error:
        raise CannotTell(str(error)) from error
    return (payment.reference, payment.payee) == (order.reference, order.payee)


def _replace(contribution: Contribution, checkout_id: str) -> None:
    """Let the checkout that is stored give way, if nothing can come of it any more or nobody has begun to take it."""
    claimed = leases.take(contribution)
    if claimed is None:
        raise CannotTell("somebody is at it")
    due_at = claimed.due_at
    try:
        if _stored_one_is_worth_nothing(claimed):
            _put(contribution, checkout_id, instead_of=claimed.checkout_id)
    finally:
        leases.release(claimed, due_at=due_at, ask_again=True, moved=False)


def _stored_one_is_worth_nothing(contribution: Contribution) -> bool:
    order = payment_request_for(contribution)
    try:
        payment = registry.adapter(contribution.adapter).find(order)
    except ProviderRefused:
        return not contribution.has_an_order_out
    except ProviderUnavailable as error:
        raise CannotTell(str(error)) from error
    if payment.reference != order.reference or payment.state in ENDED_WITHOUT_MONEY:
        return True
    return payment.state in NOT_BEGUN and not payment.provider_reference and not contribution.has_an_order_out


def _put(contribution: Contribution, checkout_id: str, *, instead_of: str) -> bool:
    """By compare-and-set. True where it is stored now, whoever has stored it."""
    Contribution.objects.filter(pk=contribution.pk, checkout_id=instead_of).update(
        checkout_id=checkout_id, payment_reference=""
    )
    contribution.refresh_from_db()
    return contribution.checkout_id == checkout_id
