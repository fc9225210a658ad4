"""The giver's way: open a checkout, and find out what became of it.

`sync` is the one function behind the return page, the cancel page, the provider's reports and the worker. None
of them is believed: each only makes us ask the provider.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

import clock
from bigint import bigint
from contributions import leases, provider_requests, refunds, returned_checkouts
from contributions.causes import Cause
from contributions.ledger import entry_for
from contributions.models import Contribution, ProviderRequest
from contributions.payment_requests import payment_request_for
from contributions.status import AUTHORIZED, CANCELED, FAILED, MOVES, OPEN, PENDING, REVERSED, SETTLED, SUBMITTED, Status
from contributions.transitions import advance, begin, note
from goals.models import CapturePolicy, PaymentAccount, SavingGoal
from goals.rules import check_may_collect
from providers import registry
from providers.base import (
    ClosesCheckouts,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    closes_checkouts,
)

log = logging.getLogger(__name__)


class GoalIsGone(Exception):
    """The goal was deleted, or its currency changed, while the contribution was being made."""


class CheckoutNotOpened(Exception):
    """The contribution is recorded as Failed. `unavailable`: the provider did not answer; otherwise it refused."""

    def __init__(self, contribution: Contribution, *, unavailable: bool) -> None:
        what = "did not answer" if unavailable else "refused to open a checkout"
        super().__init__(
            f"{contribution.provider} {what}. The contribution {contribution.public_id} is recorded as Failed; "
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
    scenario: str = ""
    """What the simulator is to make of it; no other provider looks at this."""


# --- Opening a checkout ---------------------------------------------------------------------------------------------


def start(goal: SavingGoal, gift: Gift, *, public_id: str) -> Contribution:
    """Record the intent, open a checkout at the provider, record its address; returns the Submitted contribution.

    Safe to repeat with the same `public_id`: it goes on where the first try stopped.
    Raises GoalHasEnded, GoalIsFull, GoalIsGone, ProviderNotOffered, AmountRefused, CheckoutNotOpened.
    """
    contribution = Contribution.objects.select_related("goal", "account").filter(public_id=public_id).first()
    if contribution is not None:
        return start_again(contribution, scenario=gift.scenario)
    return _open(*_record_intent(goal, gift, public_id), gift.scenario)


def start_again(contribution: Contribution, *, scenario: str = "") -> Contribution:
    """Go on where an earlier start() stopped, or the making of a gift whose giver is to pick.

    Raises GoalIsGone, CheckoutNotOpened.
    """
    if contribution.published_at is None:
        return _open(contribution, provider_requests.store(contribution, "open"), scenario)
    if not contribution.provider_url:  # an earlier try ended without a checkout: there is nothing to go on with
        silent = contribution.status_reason in {"provider_unreachable", "checkout_not_opened"}
        raise CheckoutNotOpened(contribution, unavailable=silent)
    return contribution


def _open(contribution: Contribution, request: ProviderRequest, scenario: str) -> Contribution:
    adapter = registry.adapter(contribution.adapter)
    try:
        checkout = provider_requests.send(request, adapter.open_checkout, payment_request_for(contribution, scenario=scenario))
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
            payee_id=checkout.payee_id,
            published_at=clock.now(),
            due_at=leases.next_try_at(0),
        )
        SavingGoal.objects.filter(pk=contribution.goal_id).update(activity=F("activity") + bigint(1))
    if not published:
        raise GoalIsGone("The goal was deleted while the checkout was being opened.")
    contribution.refresh_from_db()
    return contribution


def _record_intent(goal: SavingGoal, gift: Gift, public_id: str) -> tuple[Contribution, ProviderRequest]:
    """The new contribution, and the stored request to open its checkout."""
    now = clock.now()
    check_may_collect(goal, gift.amount_minor, now=now)
    adapter = registry.adapter_offered(gift.account.provider)
    adapter.check_amount(gift.amount_minor, goal.currency)
    contribution = Contribution(
        public_id=public_id,
        goal=goal,
        account=gift.account,
        adapter=adapter.key,
        capture_policy=goal.capture_policy,
        amount_minor=gift.amount_minor,
        currency=goal.currency,
        contributor=gift.contributor,
        message=gift.message,
        created_at=now,
        # Should this process die before the checkout is open, the worker closes what nobody can have paid.
        due_at=now + timedelta(seconds=leases.LEASE_SECONDS),
    )
    with transaction.atomic():
        begin(contribution)
        request = provider_requests.store(contribution, "open")
        check_it_still_collects(goal)
    return contribution, request


def check_it_still_collects(goal: SavingGoal) -> None:
    """Within the transaction that makes a contribution, so that a deletion sees it or it the deletion. Raises GoalIsGone."""
    still_there = SavingGoal.objects.filter(pk=goal.pk, currency=goal.currency, deleted_at=None)
    if not still_there.update(activity=F("activity") + bigint(1)):
        raise GoalIsGone("The goal was deleted or changed its currency at this moment; read it again.")


def _fail_to_open(contribution: Contribution, reason: str, error: Exception) -> None:
    log.warning("checkout not opened", extra={"contribution": contribution.public_id, "reason": reason, "error": str(error)})
    advance(contribution, FAILED, reason=reason, cause=Cause.CLIENT, published_at=clock.now(), due_at=None)


# --- Finding out ------------------------------------------------------------------------------------------------------


def sync(contribution: Contribution, *, cause: Cause, token: str = "") -> Contribution:
    """Ask the provider what became of the payment, act on the answer, record it; returns the contribution as it is now.

    Whoever holds the claim does it alone; anybody else gets the contribution as it is, `was_asked_about` False. Safe to
    repeat, to call late and from many places at once. An unknown outcome is recorded as such and asked about again;
    `provider_was_silent` then says so, and `may_have_been_paid` that it fell silent after the giver had approved;
    `payer_action_url` says where the giver can make good a payment that was declined, and `waits_for_giver` that nothing
    is paid yet. `token`: what the giver pays with where the provider is PaidByToken, if nothing is paid so far.
    """
    claimed = leases.take(contribution)
    if claimed is None and cause is Cause.REPORT:
        # Whoever is asking now may have been answered before this news: the worker asks once more.
        Contribution.objects.filter(pk=contribution.pk).update(due_at=clock.now())
    if claimed is not None:
        ask_again, moved, next_at = True, False, None  # as when it breaks down: what was rolled back has not moved
        version, due_at = claimed.version, claimed.due_at
        try:
            ask_again = _find_out(claimed, cause, token)
            moved = claimed.version != version
            if claimed.owes_back:
                ask_again = True
            elif claimed.status == SETTLED:
                next_at = _next_slow_look(claimed, moved=moved) if moved or cause is Cause.WORKER else due_at
                ask_again = next_at is not None
            elif claimed.account_id is None:
                next_at = expires_at(claimed)  # until the giver picks there is nobody to ask
        finally:
            leases.release(
                claimed, due_at=due_at, ask_again=ask_again, moved=moved, next_at=next_at, not_after=_lapse_look(claimed)
            )
    now = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
    now.was_asked_about = claimed is not None
    if claimed is not None:
        now.provider_was_silent, now.may_have_been_paid = claimed.provider_was_silent, claimed.may_have_been_paid
        now.payer_action_url, now.waits_for_giver = claimed.payer_action_url, claimed.waits_for_giver
    if now.owes_back:
        refunds.give_back(now)
        now.refresh_from_db()
    return now


def _next_slow_look(contribution: Contribution, *, moved: bool) -> datetime | None:
    changed_at = clock.now() if moved else contribution.status_changes.latest("version").at
    return leases.next_slow_look(changed_at, answered=not contribution.provider_was_silent)


def _find_out(contribution: Contribution, cause: Cause, token: str) -> bool:
    """One question, at most one order, and the move that follows. True: there is more to find out later."""
    if not contribution.checkout_id:
        if contribution.provider_url:  # the giver has not picked yet, or not been to where the checkout comes into being
            return _nothing_paid_yet(contribution, cause)
        return _close_what_was_never_open(contribution, cause)
    adapter, order = registry.adapter(contribution.adapter), payment_request_for(contribution)
    operation = None
    try:
        payment = adapter.find(order)
        if returned_checkouts.was_somebody_elses(contribution, order, payment):
            return _nothing_paid_yet(contribution, cause)
        if not mismatch(order, payment):
            operation = "pay" if token and can_pay(contribution, payment) else wanted_operation(contribution, payment)
        if operation is not None:
            with transaction.atomic():
                if not leases.renew(contribution):
                    return True  # asking took so long that somebody else is at it now
                request = provider_requests.store(contribution, _name_of(operation, contribution, token))
            what = (order, token) if operation == "pay" else (order,)
            payment = provider_requests.send(request, getattr(adapter, operation), *what)
    except ProviderUnavailable as error:
        return _outcome_unknown(contribution, cause, error, approved=operation is not None)
    except PayerActionRequired as refusal:
        contribution.payer_action_url, contribution.waits_for_giver = refusal.url, refusal.reason
        return _nothing_paid_yet(contribution, cause, why_not=refusal.reason)
    except ProviderRefused as refusal:
        if operation is None:
            # It knows no such checkout, or not any more: as far as anybody can tell nothing was paid in it.
            log.warning("checkout unknown to provider", extra={"contribution": contribution.public_id})
            return _nothing_paid_yet(contribution, cause) or contribution.status == AUTHORIZED
        return _refused(contribution, refusal, cause)
    ask_again = _believe(contribution, order, payment, cause)
    given_up = payment.state is PaymentState.OPEN and contribution.status in {FAILED, CANCELED}
    if given_up and closes_checkouts(adapter):
        return _close(contribution, adapter, order, cause)
    return ask_again


def _name_of(operation: str, contribution: Contribution, token: str) -> str:
    """What the request is stored as: what would be another order must not replay this one, and the same one must."""
    if operation == "renew":
        return f"renew:{contribution.authorization_expires_at:%Y%m%d%H%M%S}"
    if operation == "pay":  # nobody could find the token by this, and the same token is the same try
        return f"pay:{hashlib.sha256(token.encode()).hexdigest()[:32]}"  # invariant: another-card-is-another-order
    return operation


MOST_TRIES = 10
"""How many tokens may be tried for one contribution: enough for a giver with many cards, too few for who tries stolen ones."""


def can_pay(contribution: Contribution, payment: Payment) -> bool:
    """Whether a giver's token may still pay for it: nothing is paid, and it is wanted, not given up, not too late."""
    wanted = contribution.status in OPEN and contribution.unwanted_since is None
    in_time = clock.now() < expires_at(contribution) and has_tries_left(contribution)
    return wanted and in_time and payment.state is PaymentState.OPEN


def has_tries_left(contribution: Contribution) -> bool:
    """Whether another token may be tried."""
    # invariant: only-so-many-cards
    return contribution.provider_requests.filter(operation__startswith="pay:").count() < MOST_TRIES


def may_still_change(contribution: Contribution) -> bool:
    """Whether a giver who comes back could change anything: not what is held, taken, or given back already."""
    if contribution.status == AUTHORIZED:
        return contribution.unwanted_since is not None
    return contribution.status in {*OPEN, FAILED, CANCELED}


def wanted_operation(contribution: Contribution, payment: Payment) -> str | None:
    """What to tell the provider, given what it says: the name of an operation, or None to leave things as they are."""
    held = payment.state is PaymentState.AUTHORIZED
    if contribution.unwanted_since is not None:  # invariant: what-is-unwanted-is-not-captured
        return "void" if held else None  # invariant: what-is-unwanted-is-let-go
    if payment.state is PaymentState.APPROVED:
        return "capture" if contribution.capture_policy == CapturePolicy.IMMEDIATE else "authorize"
    if held and contribution.capture_wanted_since is not None:  # invariant: a-hold-is-taken-only-when-asked
        return "capture"
    if held and contribution.status == AUTHORIZED and lapses_soon(contribution):
        return "renew"
    return None


LAPSE_MARGIN = timedelta(days=1)
"""How long before an authorization lapses it is renewed, or let go where the provider cannot renew it."""


def lapses_soon(contribution: Contribution) -> bool:
    """Whether what is held would be let go by the provider itself before long."""
    expires_at = contribution.authorization_expires_at
    return expires_at is not None and expires_at - LAPSE_MARGIN <= clock.now()


def _lapse_look(contribution: Contribution) -> datetime | None:
    """When what is held has to be looked at, to be renewed or let go; None: it is not held, or that time has come."""
    expires_at = contribution.authorization_expires_at
    if contribution.status != AUTHORIZED or expires_at is None or lapses_soon(contribution):
        return None
    return expires_at - LAPSE_MARGIN


def mismatch(order: PaymentRequest, payment: Payment) -> str:
    """Which of the four things that must agree does not; empty where all do."""
    for name, ours, theirs in (
        ("amount", order.amount_minor, payment.amount_minor),
        ("currency", order.currency, payment.currency),
        ("payee", order.payee, payment.payee),
        ("reference", order.reference, payment.reference),
    ):
        if ours != theirs:  # invariant: what-is-paid-is-what-was-asked
            return f"{name}_mismatch"
    return ""


RESULTS: Mapping[PaymentState, Status] = {
    PaymentState.CAPTURED: SETTLED,
    PaymentState.AUTHORIZED: AUTHORIZED,
    PaymentState.PENDING: PENDING,
    PaymentState.DECLINED: FAILED,
    PaymentState.VOIDED: CANCELED,
    PaymentState.REVERSED: REVERSED,
}
"""What a contribution becomes, by what the provider says of its payment."""


def _believe(contribution: Contribution, order: PaymentRequest, payment: Payment, cause: Cause) -> bool:
    wrong = mismatch(order, payment)
    if wrong:
        log.error("payment does not match", extra={"contribution": contribution.public_id, "fault": wrong})
        taken = payment.state in {PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.PENDING}
        # What is not taken yet never will be; what is taken already waits for a person, uncounted.
        return _record(contribution, PENDING if taken else FAILED, reason=wrong, cause=cause, payment=payment)
    if payment.state in {PaymentState.OPEN, PaymentState.APPROVED}:
        contribution.waits_for_giver = payment.state
        return _nothing_paid_yet(contribution, cause)
    if contribution.status == AUTHORIZED and payment.state is PaymentState.AUTHORIZED:
        _remember_the_hold(contribution, payment)
        return True  # it can be let go, or taken elsewhere
    if contribution.status == CANCELED and contribution.unwanted_since and payment.state is PaymentState.CAPTURED:
        return _record_unwanted_money(contribution, payment, cause)
    # invariant: a-chargeback-before-the-capture-is-entered-once
    if payment.state is PaymentState.REVERSED and contribution.status not in {SETTLED, REVERSED}:
        if contribution.refunds_reserved_minor == contribution.amount_minor:
            return _nothing_left_to_take_back(contribution, payment, cause)
        _record(contribution, SETTLED, reason="", cause=cause, payment=payment)  # it was taken before it was taken back
    open_still = _record(
        contribution, RESULTS[payment.state], reason=_reason(contribution, payment), cause=cause, payment=payment
    )
    refunds.learn(contribution, payment, cause=cause)
    return open_still


def _reason(contribution: Contribution, payment: Payment) -> str:
    if payment.state is PaymentState.VOIDED and not payment.reason:
        return contribution.unwanted_reason or "voided_by_provider"
    if payment.state is PaymentState.REVERSED and not payment.reason:
        return "chargeback"
    return payment.reason


def _remember_the_hold(contribution: Contribution, payment: Payment) -> None:
    """Nothing new but, after a renewal, the day on which the hold ends and perhaps its id."""
    mine = Contribution.objects.filter(pk=contribution.pk, lease_token=contribution.lease_token)
    if payment.expires_at is not None and payment.expires_at != contribution.authorization_expires_at:
        mine.update(authorization_expires_at=payment.expires_at)
    if payment.provider_reference and payment.provider_reference != contribution.payment_reference:
        mine.update(payment_reference=payment.provider_reference)


def _record_unwanted_money(contribution: Contribution, payment: Payment, cause: Cause) -> bool:
    """Money for what the client cancelled: into the books, and then back to the giver. The status stays Canceled."""
    if not contribution.ledger_entries.filter(kind="capture").exists():  # invariant: unwanted-money-is-entered
        log.warning("money arrived for what was cancelled", extra={"contribution": contribution.public_id})
        entry = entry_for(contribution, SETTLED, payment)
        note(contribution, reason="unwanted_money", cause=cause, entry=entry, payment_reference=payment.provider_reference)
    refunds.learn(contribution, payment, cause=cause)
    return contribution.owes_back


def _nothing_left_to_take_back(contribution: Contribution, payment: Payment, cause: Cause) -> bool:
    """A chargeback of what has gone back to the giver already, or is on its way. Should that fail, it is owed again."""
    refunds.learn(contribution, payment, cause=cause)
    return contribution.owes_back


def _nothing_paid_yet(contribution: Contribution, cause: Cause, *, why_not: str = "checkout_expired") -> bool:
    """The checkout is open, or was forgotten by the provider: nothing is over before its time. `why_not` is said then."""
    if contribution.status not in OPEN:
        return _may_be_tried_again(contribution)
    if contribution.unwanted_since is not None:
        return _record(contribution, CANCELED, reason=contribution.unwanted_reason, cause=cause, payment=None)
    if cause is Cause.CANCEL:
        return _record(contribution, CANCELED, reason="giver_cancelled", cause=cause, payment=None)
    if clock.now() >= expires_at(contribution):
        return _record(contribution, FAILED, reason=why_not, cause=cause, payment=None)
    return True


def can_close(contribution: Contribution) -> bool:
    """Whether the provider can be told that nobody is to pay in this checkout any more."""
    return bool(contribution.checkout_id) and closes_checkouts(registry.adapter(contribution.adapter))


def _close(contribution: Contribution, adapter: ClosesCheckouts, order: PaymentRequest, cause: Cause) -> bool:
    """What has been given up, and is written down so, is told to the provider, lest an old tab pays for it after all."""
    with transaction.atomic():
        if not leases.renew(contribution):
            return True
        request = provider_requests.store(contribution, "close")
    try:
        payment = provider_requests.send(request, adapter.close, order)
    except (ProviderUnavailable, ProviderRefused) as error:
        log.warning("checkout not closed", extra={"contribution": contribution.public_id, "error": str(error)})
        return True
    if payment.state is PaymentState.VOIDED:
        return False
    return _believe(contribution, order, payment, cause)  # the giver has paid in that very moment


def _may_be_tried_again(contribution: Contribution) -> bool:
    """Whether the giver could still pay in the same checkout after a decline or a change of mind."""
    undone = contribution.status in {FAILED, CANCELED} and contribution.unwanted_since is None
    return undone and clock.now() < expires_at(contribution)


def expires_at(contribution: Contribution) -> datetime:
    """When a giver who has not come back is given up."""
    return contribution.created_at + timedelta(hours=settings.CHECKOUT_EXPIRY_HOURS)


def _outcome_unknown(contribution: Contribution, cause: Cause, error: Exception, *, approved: bool) -> bool:
    """Nobody knows. Where the giver says, or the provider said before it fell silent, that it was approved: Pending."""
    contribution.provider_was_silent = True
    contribution.may_have_been_paid = approved and contribution.unwanted_since is None
    log.warning("provider did not answer", extra={"contribution": contribution.public_id, "cause": cause, "error": str(error)})
    if contribution.status == SUBMITTED and (approved or cause is Cause.RETURN):
        return _record(contribution, PENDING, reason="provider_unreachable", cause=cause, payment=None)
    return True  # invariant: an-unknown-outcome-is-no-failure


def _refused(contribution: Contribution, refusal: ProviderRefused, cause: Cause) -> bool:
    """A definite no to an order. What cannot be renewed is let go; what cannot be captured has failed."""
    if contribution.status == AUTHORIZED and lapses_soon(contribution) and contribution.capture_wanted_since is None:
        Contribution.objects.filter(pk=contribution.pk, unwanted_since=None).update(
            unwanted_since=clock.now(), unwanted_reason="authorization_lapsed", due_at=clock.now()
        )
        return True
    if contribution.status == AUTHORIZED and contribution.unwanted_since is not None:
        return True  # it cannot be let go: the next question tells what has become of it
    held = contribution.status == AUTHORIZED
    also = {"unwanted_since": clock.now(), "unwanted_reason": refusal.reason} if held else {}
    _record(contribution, FAILED, reason=refusal.reason, cause=cause, payment=None, **also)
    return held or _may_be_tried_again(contribution)  # what is held still is let go next


def _close_what_was_never_open(contribution: Contribution, cause: Cause) -> bool:
    if clock.now() < contribution.created_at + timedelta(seconds=leases.LEASE_SECONDS):
        return True  # its maker may be at it this very moment
    if contribution.status in OPEN:
        _record(contribution, FAILED, reason="checkout_not_opened", cause=cause, payment=None, published_at=clock.now())
    return False


def _record(
    contribution: Contribution, to: Status, *, reason: str, cause: Cause, payment: Payment | None, **also: object
) -> bool:
    """Make the move where the table has it. True: the outcome is still open, or somebody else moved first."""
    came_from = Status(contribution.status)
    if (came_from, to) not in MOVES:
        return came_from in OPEN or to == PENDING or _may_be_tried_again(contribution)
    if payment is not None and payment.provider_reference:
        also["payment_reference"] = payment.provider_reference
    if payment is not None and to == AUTHORIZED:
        also["authorization_expires_at"] = payment.expires_at
    moved = advance(contribution, to, reason=reason, cause=cause, entry=entry_for(contribution, to, payment), **also)
    # invariant: what-is-pending-is-asked-about-again
    return to in {PENDING, AUTHORIZED} or not moved or _may_be_tried_again(contribution)
