"""What is set aside of a payment before anybody is asked to give it back: never more than is left, however many ask at once."""

from django.db import transaction
from django.db.models import F, Q, Sum

import clock
from bigint import bigint
from contributions import followers
from contributions.causes import BY_WISH, Cause
from contributions.entries import CAPTURES, DISPUTES
from contributions.models import Checkout, Contribution, LedgerEntry, Refund
from contributions.platform_fees import fee_going_back
from contributions.status import CANCELED, SETTLED
from money import text_of
from ownership import row_key
from providers import registry


class CannotRefund(Exception):
    """The contribution's status does not allow it."""


class RefundTooLarge(Exception):
    """More than is left to give back."""


def reserve(checkout: Checkout, amount_minor: int | None, cause: Cause, *, public_id: str, reason: str | None = None) -> Refund:
    """A refund with so much of the checkout's money set aside, None: all that is left. Raises as set_aside does."""
    with transaction.atomic():
        amount = set_aside(checkout, amount_minor, cause)
        return Refund.objects.create(
            public_id=public_id,
            contribution_id=checkout.contribution_id,
            partner_id=checkout.partner_id,
            checkout_number=checkout.number,
            amount_minor=amount,
            platform_fee_minor=fee_going_back(checkout, amount),
            is_of_the_rest=amount_minor is None,
            reason=reason,
            cause=cause,
            created_at=clock.now(),
            due_at=clock.now(),
        )


def set_aside(checkout: Checkout, amount_minor: int | None, cause: Cause, *, at_most_minor: int | None = None) -> int:
    """Reserve so much of the checkout's money, None: all that is left, or `at_most_minor` of it; returns how much. Inside a
    transaction.

    Raises CannotRefund, RefundTooLarge, AmountRefused.
    """
    row = Contribution.objects.select_for_update(no_key=True).get(pk=checkout.contribution_id, partner_id=checkout.partner_id)
    amount = check(row, checkout, amount_minor, cause)
    amount = min(amount, at_most_minor or amount)
    if row.checkout_id == checkout.pk:
        Contribution.objects.filter(**row_key(row)).update(refunds_reserved_minor=F("refunds_reserved_minor") + bigint(amount))
        row.refunds_reserved_minor += amount  # the row is locked
        row.goal, row.checkout = checkout.contribution.goal, checkout  # read already
        followers.tell_reserved(row)
    return amount


def check(row: Contribution, checkout: Checkout, amount_minor: int | None, cause: Cause) -> int:
    """How much set_aside() would reserve of the checkout's money, None: all that is left, with the contribution as it is.

    Raises CannotRefund, RefundTooLarge, AmountRefused.
    """
    is_current = row.checkout_id == checkout.pk
    if row.match_of is not None and cause in BY_WISH:
        raise CannotRefund(f"A match goes back with the gift that it matches: refund {row.match_of}.")
    if cause in BY_WISH and not is_current:  # since it was read: the checkout may have no provider yet
        raise CannotRefund("The giver has begun another try to pay it: only a Settled contribution can be refunded.")
    if is_current and row.status != SETTLED and not (row.status == CANCELED and cause not in BY_WISH):
        raise CannotRefund(f"Only a Settled contribution can be refunded; this one is {row.status}.")
    left = row.left_minor if is_current else left_of_older(checkout)  # invariant: refunds-on-their-way-count
    if is_current and cause in BY_WISH:
        row.goal = checkout.contribution.goal
        left = followers.left_minor(row, left)
    amount = left if amount_minor is None else amount_minor
    if cause is not Cause.PROVIDER:
        registry.adapter(checkout.adapter).check_refund(amount, row.currency)
    if not 0 < amount <= left:
        taken = text_of(row.settled_minor or 0, row.currency)
        raise RefundTooLarge(
            f"There is {text_of(left, row.currency)} {row.currency} left to give back of {taken}; refunds that are still "
            "Pending count, and what disputes have taken."
        )
    return amount


def going_back_minor(checkout: Checkout) -> int:
    """Refunds of this checkout's money that are done or on their way, in minor units."""
    alive = Refund.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, checkout_number=checkout.number
    )
    # invariant: a-failed-refund-is-not-on-its-way
    total: int | None = alive.exclude(status=Refund.Status.FAILED).aggregate(sum=Sum("amount_minor"))["sum"]
    return total or 0


def taken_and_lost(checkout: Checkout) -> tuple[int, int]:
    """What was captured in this checkout, and what disputes have taken of it and not brought back, in minor units."""
    entries_of_it = LedgerEntry.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, checkout_number=checkout.number
    )
    sums = entries_of_it.aggregate(
        captured=Sum("amount_minor", filter=Q(kind__in=CAPTURES)),
        disputed=Sum("collected_delta_minor", filter=Q(kind__in=DISPUTES)),
    )
    return sums["captured"] or 0, -(sums["disputed"] or 0)


def left_of_older(checkout: Checkout) -> int:
    """What was taken in a checkout, whether current or replaced, less what goes back and what disputes have taken."""
    captured_minor, lost_minor = taken_and_lost(checkout)
    return captured_minor - lost_minor - going_back_minor(checkout)
