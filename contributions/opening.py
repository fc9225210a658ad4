"""A gift is recorded, and its first checkout is opened where its giver pays; what no company moves is Settled at once.

Intent is stored before any provider is asked: the contribution, its checkout and the request id to open it. A provider that
is silent fails nothing: the checkout is opened when the giver comes to /pay/{id}, by reopening.py.
"""

import logging
from datetime import datetime

from django.db import transaction

import clock
import leases
import prepared
from contributions import advice, charges, matching, pace, payees, provider_requests, room, settling
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, ProviderRequest
from contributions.new_gift import NewGift as NewGift
from contributions.payment_requests import payment_request_for
from contributions.platform_fees import fee_for
from contributions.snapshot import expires_at
from contributions.status import FAILED, SUBMITTED, Intent, Stage
from contributions.sync import sync
from contributions.transitions import advance, announce_new, begin
from contributions.ways_to_pay import check_payee, check_somebody_can_be_paid
from goals.models import SavingGoal
from goals.rules import check_may_collect
from goals.state import is_limited
from lookups import one_or_none
from ownership import row_key
from partners.changes import check_provider_is_on
from providers import registry
from providers.base import OpenedCheckout, ProviderRefused, ProviderUnavailable, settles_at_once

log = logging.getLogger(__name__)


class GoalIsGone(Exception):
    """The goal was deleted, or its currency changed, while the contribution was being made."""


class CheckoutRefused(Exception):
    """The provider refused to open a checkout: the contribution is recorded as Failed."""

    def __init__(self, contribution: Contribution, reason: str) -> None:
        super().__init__(
            f"{contribution.provider} refused to open a checkout ({reason}). The contribution {contribution.public_id} is "
            f"recorded as Failed. {advice.when_no_checkout_opens(reason)}"
        )
        self.contribution, self.reason = contribution, reason


# --- A new gift -------------------------------------------------------------------------------------------------------


def record_gift(
    goal: SavingGoal, gift: NewGift, *, public_id: str, opens: bool = True, is_repeated: bool = True
) -> Contribution:
    """Record the gift and, where its provider is known, open its checkout; returns it, Submitted whether or not it answers.

    Where no company moves the money (providers/local/) there is nothing to open: it is recorded as Settled.

    `opens` False leaves the checkout to the giver who comes to /pay/{id}, as where the provider is silent.
    Safe to repeat with the same `public_id`: it goes on where the first try stopped. `is_repeated` False: nobody has tried.
    Under a permission no checkout is opened: sync() has it paid. Raises GoalIsClosed, GoalHasEnded, GoalIsFull, GoalIsReserved,
    SumTooLarge, GoalIsGone, ProviderNotOffered, AmountRefused, PayeeCannotBePaid, CheckoutRefused, NoRoom.
    """
    opens = opens and gift.permission is None
    named = Contribution.objects.whole().filter(public_id=public_id, partner_id=goal.partner_id)
    known = one_or_none(named) if is_repeated else None
    if known is not None:
        return _open_again(known, gift.scenario) if opens else known
    contribution, request = _record(goal, gift, public_id, opens=opens)
    return contribution if request is None else _open_first(contribution, request, gift.scenario)


def check(goal: SavingGoal, gift: NewGift) -> None:
    """Whether record_gift() would record it, so far as that is known without storing anything or asking the provider.

    Raises GoalIsClosed, GoalHasEnded, GoalIsFull, GoalIsReserved, SumTooLarge, ProviderNotOffered, AmountRefused,
    PayeeCannotBePaid.
    """
    check_may_collect(goal, gift.amount_minor, now=clock.now())
    _adapter_for(goal, gift)
    room.check_amount(goal, gift.amount_minor)
    if gift.beside is not None:
        gift.beside.check()


def _record(goal: SavingGoal, gift: NewGift, public_id: str, *, opens: bool) -> tuple[Contribution, ProviderRequest | None]:
    """The gift and its first checkout, committed; where it is to be opened at once, leased to us, with the request to do it."""
    now = clock.now()
    check_may_collect(goal, gift.amount_minor, now=now)
    adapter_key = _adapter_for(goal, gift)
    at_once = bool(adapter_key) and settles_at_once(registry.adapter(adapter_key))
    contribution = _new_contribution(goal, gift, public_id, now)
    checkout = _new_checkout(goal, gift, contribution, adapter_key)
    opens = opens and bool(adapter_key) and not at_once
    if opens:
        checkout.take_new_lease()
    with transaction.atomic():
        if gift.permission is not None:
            charges.take_room(checkout, gift.permission, gift.amount_minor)
        if gift.beside is not None:
            gift.beside.begin()
            checkout.account = gift.account  # it may have been stored just now
        begin(contribution, checkout)
        if gift.beside is not None:
            gift.beside.recorded(contribution)
        request = provider_requests.store_new(checkout, provider_requests.OPEN_CHECKOUT) if opens else None
        as_read = {"currency": goal.currency, "overfunding": goal.overfunding, "closed_at": None, "deleted_at": None}
        # So that a deletion of the goal sees the gift, or the gift the deletion; and the same with closing it.
        if not prepared.update(SavingGoal, row_key(goal) | as_read, {"activity": prepared.Plus(1)}):
            raise GoalIsGone("The goal was deleted, closed or changed at this moment; read it again.")
        if is_limited(goal):
            room.check_room(contribution)  # its row is locked by the update
        announce_new(contribution)
        if at_once:
            settling.settle(contribution, cause=Cause.CLIENT)
    if at_once:
        matching.follow(contribution)
    return contribution, request


def _new_checkout(goal: SavingGoal, gift: NewGift, contribution: Contribution, adapter_key: str) -> Checkout:
    """Its first checkout, as a row that is not stored yet."""
    return Checkout(
        contribution=contribution,
        account=gift.account,
        adapter=adapter_key,
        capture_policy=goal.capture_policy,
        platform_fee_minor=fee_for(goal.partner, gift.account, gift.amount_minor, goal.currency),
        created_at=contribution.created_at,
        due_at=expires_at(contribution),
    )


def _new_contribution(goal: SavingGoal, gift: NewGift, public_id: str, now: datetime) -> Contribution:
    """The gift as a row that is not stored yet."""
    return Contribution(
        public_id=public_id,
        goal=goal,
        partner_id=goal.partner_id,
        amount_minor=gift.amount_minor,
        currency=goal.currency,
        giver=gift.giver,
        giver_public_id=gift.giver.public_id if gift.giver else None,
        pledge_public_id=gift.pledge_id,
        contributor=gift.contributor,
        message=gift.message,
        reference=gift.reference,
        memo=gift.memo,
        is_anonymous=gift.is_anonymous,
        confirmation_url=gift.confirmation_url,
        cancel_url=gift.cancel_url,
        language=gift.language,
        metadata=[list(pair) for pair in gift.metadata],
        created_at=now,
        reserved_until=room.reserved_from_now(),
    )


def _adapter_for(goal: SavingGoal, gift: NewGift) -> str:
    """The key of the adapter that is to open the checkout; empty where the giver picks.

    Raises ProviderNotOffered, AmountRefused, PayeeCannotBePaid.
    """
    if gift.account is None:
        check_somebody_can_be_paid(goal, gift.amount_minor)
        return ""
    check_provider_is_on(goal.partner, gift.account.provider)
    adapter = registry.adapter_offered(gift.account.provider, is_test=goal.partner.is_test)
    adapter.check_amount(gift.amount_minor, goal.currency, payee=gift.account.credentials)
    check_payee(gift.account)
    return adapter.key


def _open_again(contribution: Contribution, scenario: str) -> Contribution:
    """Go on where an earlier record_gift() stopped."""
    checkout = contribution.current_checkout
    if checkout.account is None or checkout.stage != Stage.RECORDED or contribution.status != SUBMITTED:
        return contribution
    leased = leases.take(checkout)
    if leased is None:
        return contribution
    contribution.checkout = leased
    return _open_first(contribution, provider_requests.store(leased, provider_requests.OPEN_CHECKOUT), scenario)


def _open_first(contribution: Contribution, request: ProviderRequest, scenario: str) -> Contribution:
    """Open the checkout that is leased to us; returns the contribution as it is then. Raises CheckoutRefused, GoalIsGone."""
    checkout = contribution.current_checkout
    try:
        opened = open_at_provider(contribution, checkout, request, scenario)
    except ProviderUnavailable:
        release(checkout)
        return Contribution.objects.whole().get(**row_key(contribution))
    except ProviderRefused as refusal:
        advance(contribution, FAILED, reason=refusal.reason, cause=Cause.CLIENT, leased=checkout)
        release(checkout)
        raise CheckoutRefused(contribution, refusal.reason) from refusal
    except Exception:
        release(checkout)  # a fault of ours: the giver need not wait for the lease to run out
        raise
    if store_first(contribution, checkout, request, opened):
        return contribution
    now = Contribution.objects.whole().get(**row_key(contribution))
    if now.intent != Intent.RELEASE:
        return now  # so slow was the provider that somebody else has gone on with it
    release(checkout)
    sync(now, cause=Cause.CLIENT)
    raise GoalIsGone("The goal was deleted while the checkout was being opened.")


def store_first(contribution: Contribution, checkout: Checkout, request: ProviderRequest, opened: OpenedCheckout) -> bool:
    """Write down where the giver pays, and that the provider has answered; False where it is too late for it.

    The contribution and its checkout are then as they are in the database.
    """
    columns = columns_of(opened)
    with transaction.atomic():
        as_it_was = {"status": SUBMITTED, "checkout_id": checkout.pk, "intent": prepared.Not(Intent.RELEASE)}
        found = prepared.lock(Contribution, row_key(contribution) | as_it_was, reads=["version"])
        stored = found is not None and leases.give_back(checkout, **columns)
        provider_requests.close(request, opened)
        if stored and found != [contribution.version]:
            contribution.refresh_from_db()
    if stored:
        checkout.take_over(columns)
    return stored


def open_at_provider(
    contribution: Contribution, checkout: Checkout, request: ProviderRequest, scenario: str = ""
) -> OpenedCheckout:
    """One call, under the stored request id; whoever stores the answer closes the request.

    Raises ProviderRefused, ProviderUnavailable.
    """
    adapter = registry.adapter(checkout.adapter)
    try:
        wanted = payment_request_for(contribution, checkout, scenario=scenario)
        return provider_requests.ask(request, adapter.open_checkout, wanted)
    except (ProviderUnavailable, ProviderRefused) as error:
        about = {"contribution": contribution.public_id, "provider": checkout.provider, "error": str(error)}
        log.warning("checkout not opened", extra=about)
        if isinstance(error, ProviderRefused) and error.reason == "payee_cannot_receive" and checkout.account is not None:
            payees.look_soon(checkout.account)
        raise


def release(checkout: Checkout) -> None:
    """Give the lease back; when it is looked at next stays as it is."""
    leases.give_back(checkout)


def columns_of(opened: OpenedCheckout) -> dict[str, object]:
    """What is written into the row of a checkout that was opened."""
    return {
        "stage": Stage.OPEN,
        "provider_checkout_id": opened.checkout_id,
        "url": opened.url,
        "payee_id": opened.payee_id,
        "expires_at": opened.expires_at,
        "attempts": 0,
        "due_at": pace.next_try_at(0),
    }
