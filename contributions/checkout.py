"""The giver's way: open a checkout, and find out what became of it.

`follow_up` is the one function behind the return page, the cancel page, the provider's reports and the worker. None
of them is believed: each only makes us ask the provider.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contributions import claims, provider_requests
from contributions.ledger import entry_for
from contributions.models import Contribution
from contributions.status import AUTHORIZED, CANCELED, FAILED, MOVES, OPEN, PENDING, SETTLED, SUBMITTED, Status
from contributions.transitions import advance, begin
from goals.models import CapturePolicy, PaymentAccount, SavingGoal
from goals.rules import check_may_collect
from providers import registry
from providers.base import Order, Payment, PaymentState, ProviderRefused, ProviderUnavailable

log = logging.getLogger(__name__)


class Cause(StrEnum):
    """Who or what made us ask."""

    RETURN = "return"
    CANCEL = "cancel"
    WORKER = "worker"
    CLIENT = "client"


class GoalIsGone(Exception):
    """The goal was deleted, or its currency changed, while the contribution was being made."""


class CheckoutNotOpened(Exception):
    """The contribution is recorded as Failed. `unavailable`: the provider did not answer; otherwise it refused."""

    def __init__(self, contribution: Contribution, *, unavailable: bool) -> None:
        what = "did not answer" if unavailable else "refused to open a checkout"
        super().__init__(
            f"{contribution.account.provider} {what}. The contribution {contribution.public_id} is recorded as Failed; "
            "make a new one to try again."
        )
        self.contribution = contribution
        self.unavailable = unavailable


@dataclass(frozen=True)
class Gift:
    """What a client asks for: an amount in minor units of the goal's currency, who gives it, and to which account."""

    amount_minor: int
    contributor: str
    message: str | None
    account: PaymentAccount


# --- Opening a checkout ---------------------------------------------------------------------------------------------


def start(goal: SavingGoal, gift: Gift, *, public_id: str) -> Contribution:
    """Record the intent, open a checkout at the provider, record its address; returns the Submitted contribution.

    Safe to repeat with the same `public_id`: it goes on where the first try stopped.
    Raises GoalHasEnded, GoalIsFull, GoalIsGone, ProviderNotOffered, CheckoutNotOpened.
    """
    contribution = Contribution.objects.select_related("goal", "account").filter(public_id=public_id).first()
    contribution = contribution or _record_intent(goal, gift, public_id)
    if contribution.published_at is not None:
        if not contribution.checkout_id:  # an earlier try ended without a checkout: there is nothing to go on with
            silent = contribution.status_reason in {"provider_unreachable", "checkout_not_opened"}
            raise CheckoutNotOpened(contribution, unavailable=silent)
        return contribution
    adapter = registry.adapter(contribution.adapter)
    try:
        checkout = provider_requests.call(contribution, "open", adapter.open_checkout, order_for(contribution))
    except ProviderUnavailable as error:
        _fail_to_open(contribution, "provider_unreachable", error)
        raise CheckoutNotOpened(contribution, unavailable=True) from error
    except ProviderRefused as error:
        _fail_to_open(contribution, error.reason, error)
        raise CheckoutNotOpened(contribution, unavailable=False) from error
    with transaction.atomic():
        waiting = Contribution.objects.filter(pk=contribution.pk, status=SUBMITTED, published_at=None, unwanted_since=None)
        published = waiting.update(
            checkout_id=checkout.checkout_id,
            provider_url=checkout.url,
            published_at=timezone.now(),
            follow_up_at=claims.next_follow_up(0),
        )
        SavingGoal.objects.filter(pk=contribution.goal_id).update(activity=F("activity") + 1)
    if not published:
        raise GoalIsGone("The goal was deleted while the checkout was being opened.")
    contribution.refresh_from_db()
    return contribution


def _record_intent(goal: SavingGoal, gift: Gift, public_id: str) -> Contribution:
    now = timezone.now()
    check_may_collect(goal, gift.amount_minor, now=now)
    contribution = Contribution(
        public_id=public_id,
        goal=goal,
        account=gift.account,
        adapter=registry.adapter_offered(gift.account.provider).key,
        capture_policy=goal.capture_policy,
        amount_minor=gift.amount_minor,
        currency=goal.currency,
        contributor=gift.contributor,
        message=gift.message,
        created_at=now,
        # Should this process die before the checkout is open, the worker closes what nobody can have paid.
        follow_up_at=now + timedelta(seconds=claims.LEASE_SECONDS),
    )
    with transaction.atomic():
        begin(contribution)
        still_there = SavingGoal.objects.filter(pk=goal.pk, currency=goal.currency, deleted_at=None)
        if not still_there.update(activity=F("activity") + 1):
            raise GoalIsGone("The goal was deleted or changed its currency at this moment; read it again.")
    return contribution


def _fail_to_open(contribution: Contribution, reason: str, error: Exception) -> None:
    log.warning("checkout not opened", extra={"contribution": contribution.public_id, "reason": reason, "error": str(error)})
    advance(contribution, FAILED, reason=reason, cause=Cause.CLIENT, published_at=timezone.now(), follow_up_at=None)


def order_for(contribution: Contribution) -> Order:
    """The payment as the provider is asked for it, and as its answers are compared."""
    way_back = f"{settings.PUBLIC_BASE_URL}/providers/{contribution.account.provider.lower()}"
    return Order(
        provider=contribution.account.provider,
        reference=contribution.public_id,
        amount_minor=contribution.amount_minor,
        currency=contribution.currency,
        payee=contribution.account.credentials,
        capture_at_once=contribution.capture_policy == CapturePolicy.IMMEDIATE,
        description=f"Gift for {contribution.goal.name}"[:127],
        return_url=f"{way_back}/return/{contribution.public_id}",
        cancel_url=f"{way_back}/cancel/{contribution.public_id}",
        checkout_id=contribution.checkout_id,
    )


# --- Finding out ----------------------------------------------------------------------------------------------------


def follow_up(contribution: Contribution, *, cause: Cause) -> Contribution:
    """Ask the provider what became of the payment, act on the answer, record it; returns the contribution as it is now.

    Whoever holds the claim does it alone; anybody else gets the contribution as it is. Safe to repeat, to call
    late and from many places at once. An unknown outcome is recorded as such and asked about again.
    """
    claimed = claims.take(contribution.pk)
    if claimed is not None:
        ask_again, version = True, claimed.version
        try:
            ask_again = _find_out(claimed, cause)
        finally:
            claims.release(claimed, ask_again=ask_again, moved=claimed.version != version)
    return Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)


def _find_out(contribution: Contribution, cause: Cause) -> bool:
    """One question, at most one order, at most one move. True: there is more to find out later."""
    if not may_still_change(contribution):
        return False
    if not contribution.checkout_id:
        return _close_what_was_never_open(contribution, cause)
    adapter, order = registry.adapter(contribution.adapter), order_for(contribution)
    try:
        payment = adapter.find(order)
        if not mismatch(order, payment) and (operation := wanted_operation(contribution, payment)):
            payment = provider_requests.call(contribution, operation, getattr(adapter, operation), order)
    except ProviderUnavailable as error:
        return _outcome_unknown(contribution, cause, error)
    except ProviderRefused as refusal:
        return _record(contribution, FAILED, reason=refusal.reason, cause=cause, payment=None)
    return _believe(contribution, order, payment, cause)


def may_still_change(contribution: Contribution) -> bool:
    """Whether the provider could have anything to say that this service would act on."""
    if contribution.status == AUTHORIZED:
        return contribution.unwanted_since is not None
    return contribution.status in {*OPEN, FAILED, CANCELED}


def wanted_operation(contribution: Contribution, payment: Payment) -> str | None:
    """What to tell the provider, given what it says: the name of an operation, or None to leave things as they are."""
    if contribution.unwanted_since is not None:
        return "void" if payment.state is PaymentState.AUTHORIZED else None
    if payment.state is PaymentState.APPROVED:
        return "capture" if contribution.capture_policy == CapturePolicy.IMMEDIATE else "authorize"
    return None


def mismatch(order: Order, payment: Payment) -> str:
    """Which of the four things that must agree does not; empty where all do."""
    for name, ours, theirs in (
        ("amount", order.amount_minor, payment.amount_minor),
        ("currency", order.currency, payment.currency),
        ("payee", order.payee, payment.payee),
        ("reference", order.reference, payment.reference),
    ):
        if ours != theirs:
            return f"{name}_mismatch"
    return ""


RESULTS: Mapping[PaymentState, Status] = {
    PaymentState.CAPTURED: SETTLED,
    PaymentState.AUTHORIZED: AUTHORIZED,
    PaymentState.PENDING: PENDING,
    PaymentState.DECLINED: FAILED,
    PaymentState.VOIDED: CANCELED,
}
"""What a contribution becomes, by what the provider says of its payment."""


def _believe(contribution: Contribution, order: Order, payment: Payment, cause: Cause) -> bool:
    wrong = mismatch(order, payment)
    if wrong:
        log.error("payment does not match", extra={"contribution": contribution.public_id, "fault": wrong})
        taken = payment.state in {PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.PENDING}
        # What is not taken yet never will be; what is taken already waits for a person, uncounted.
        return _record(contribution, PENDING if taken else FAILED, reason=wrong, cause=cause, payment=payment)
    if contribution.stays_canceled and payment.state is PaymentState.CAPTURED:
        log.error("money arrived for what the client cancelled", extra={"contribution": contribution.public_id})
        return False
    if payment.state in {PaymentState.OPEN, PaymentState.APPROVED}:
        return _nothing_paid_yet(contribution, cause)
    reason = payment.reason
    if payment.state is PaymentState.VOIDED and not reason:
        reason = "client_deleted" if contribution.unwanted_since else "voided_by_provider"
    return _record(contribution, RESULTS[payment.state], reason=reason, cause=cause, payment=payment)


def _nothing_paid_yet(contribution: Contribution, cause: Cause) -> bool:
    if contribution.unwanted_since is not None and contribution.status in OPEN:
        return _record(contribution, CANCELED, reason="client_deleted", cause=cause, payment=None)
    if cause is Cause.CANCEL and contribution.status in OPEN:
        return _record(contribution, CANCELED, reason="giver_cancelled", cause=cause, payment=None)
    if contribution.status in OPEN and timezone.now() >= expires_at(contribution):
        return _record(contribution, FAILED, reason="checkout_expired", cause=cause, payment=None)
    return contribution.status in OPEN


def expires_at(contribution: Contribution) -> datetime:
    """When a giver who has not come back is given up."""
    return contribution.created_at + timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS)


def _outcome_unknown(contribution: Contribution, cause: Cause, error: Exception) -> bool:
    log.warning("provider did not answer", extra={"contribution": contribution.public_id, "cause": cause, "error": str(error)})
    if cause is Cause.RETURN and contribution.status == SUBMITTED:
        return _record(contribution, PENDING, reason="provider_unreachable", cause=cause, payment=None)
    return True


def _close_what_was_never_open(contribution: Contribution, cause: Cause) -> bool:
    if timezone.now() < contribution.created_at + timedelta(seconds=claims.LEASE_SECONDS):
        return True  # its maker may be at it this very moment
    if contribution.status in OPEN:
        _record(contribution, FAILED, reason="checkout_not_opened", cause=cause, payment=None, published_at=timezone.now())
    return False


def _record(
    contribution: Contribution, to: Status, *, reason: str, cause: Cause, payment: Payment | None, **also: object
) -> bool:
    """Make the move where the table has it. True: the outcome is still open."""
    came_from = Status(contribution.status)
    if (came_from, to) in MOVES:
        entry = entry_for(
            contribution,
            to,
            provider_reference=payment.provider_reference if payment else "",
            correlation_id=payment.correlation_id if payment else "",
        )
        advance(contribution, to, reason=reason, cause=cause, entry=entry, **also)
    return to == PENDING
