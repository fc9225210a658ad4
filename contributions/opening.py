"""A gift is recorded, and a checkout is opened where its giver pays: the first one, or another where the last is over.

Intent is stored before any provider is asked: the contribution, its checkout and the request id to open it. A provider that
is silent fails nothing: the checkout is opened when the giver comes to /pay/{id}.

At most one checkout can be paid in: another one takes the place of the last only when nothing can be taken in that any more,
because the provider says so, has closed it on our order, or takes nothing without our order and has none.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max

import clock
import leases
from bigint import bigint
from contributions import pace, provider_requests
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import CANCELED, FAILED, MAY_BE_PAID, SUBMITTED, Intent, Stage, Status
from contributions.sync import expires_at, sync
from contributions.transitions import advance, begin
from contributions.ways_to_pay import check_somebody_can_be_paid, ways_to_pay
from goals.models import PaymentAccount, SavingGoal
from goals.rules import GoalHasEnded, check_may_collect
from providers import registry
from providers.base import OpenedCheckout, ProviderRefused, ProviderUnavailable, closes_checkouts

log = logging.getLogger(__name__)


class GoalIsGone(Exception):
    """The goal was deleted, or its currency changed, while the contribution was being made."""


class CheckoutRefused(Exception):
    """The provider refused to open a checkout: the contribution is recorded as Failed."""

    def __init__(self, contribution: Contribution) -> None:
        super().__init__(
            f"{contribution.provider} refused to open a checkout ({contribution.status_reason}). The contribution "
            f"{contribution.public_id} is recorded as Failed; make a new one to try again."
        )
        self.contribution = contribution


class NotOnOffer(Exception):
    """This provider is not, or no longer, one of those that the giver can pick."""


class BeingOpened(Exception):
    """Somebody else is opening a checkout for this contribution, or finding out about it, at this very moment."""


@dataclass(frozen=True)
class NewGift:
    """What a client asks for: an amount in minor units of the goal's currency, who gives it, and to which account."""

    amount_minor: int
    contributor: str
    message: str | None
    account: PaymentAccount | None
    """None: the giver is to pick one of the goal's providers."""
    scenario: str = ""
    """What the simulator is to make of it; no other provider looks at this."""


# --- A new gift -------------------------------------------------------------------------------------------------------


def record_gift(goal: SavingGoal, gift: NewGift, *, public_id: str) -> Contribution:
    """Record the gift and, where its provider is known, open its checkout; returns it, Submitted whether or not it answers.

    Safe to repeat with the same `public_id`: it goes on where the first try stopped.
    Raises GoalHasEnded, GoalIsFull, GoalIsGone, ProviderNotOffered, AmountRefused, CheckoutRefused.
    """
    known = Contribution.objects.whole().filter(public_id=public_id).first()
    if known is not None:
        return _open_again(known, gift.scenario)
    contribution = _record(goal, gift, public_id)
    return contribution if gift.account is None else _open_first(contribution, gift.scenario)


def _record(goal: SavingGoal, gift: NewGift, public_id: str) -> Contribution:
    """The gift and its first checkout, committed; the checkout is leased to us where it is to be opened at once."""
    now = clock.now()
    check_may_collect(goal, gift.amount_minor, now=now)
    adapter_key = ""
    if gift.account is None:
        check_somebody_can_be_paid(goal, gift.amount_minor)
    else:
        adapter = registry.adapter_offered(gift.account.provider)
        adapter.check_amount(gift.amount_minor, goal.currency)
        adapter_key = adapter.key
    contribution = Contribution(
        public_id=public_id,
        goal=goal,
        amount_minor=gift.amount_minor,
        currency=goal.currency,
        contributor=gift.contributor,
        message=gift.message,
        created_at=now,
    )
    checkout = Checkout(
        contribution=contribution,
        account=gift.account,
        adapter=adapter_key,
        capture_policy=goal.capture_policy,
        created_at=now,
        due_at=expires_at(contribution),
    )
    if gift.account is not None:
        checkout.take_new_lease()
    with transaction.atomic():
        begin(contribution)
        checkout.save(force_insert=True)
        Contribution.objects.filter(pk=contribution.pk).update(checkout=checkout)
        if gift.account is not None:
            provider_requests.store(checkout, provider_requests.OPEN_CHECKOUT)
        still_there = SavingGoal.objects.filter(pk=goal.pk, currency=goal.currency, deleted_at=None)
        # So that a deletion of the goal sees the gift, or the gift the deletion.
        if not still_there.update(activity=F("activity") + bigint(1)):
            raise GoalIsGone("The goal was deleted or changed its currency at this moment; read it again.")
    contribution.checkout = checkout
    return contribution


def _open_again(contribution: Contribution, scenario: str) -> Contribution:
    """Go on where an earlier record_gift() stopped."""
    checkout = contribution.current_checkout
    if checkout.account is None or checkout.stage != Stage.RECORDED or contribution.status != SUBMITTED:
        return contribution
    leased = leases.take(checkout)
    if leased is None:
        return contribution
    contribution.checkout = leased
    provider_requests.store(leased, provider_requests.OPEN_CHECKOUT)
    return _open_first(contribution, scenario)


def _open_first(contribution: Contribution, scenario: str) -> Contribution:
    """Open the checkout that is leased to us; returns the contribution as it is then. Raises CheckoutRefused, GoalIsGone."""
    checkout = contribution.current_checkout
    try:
        opened = _open(contribution, checkout, scenario)
    except ProviderUnavailable:
        _release(checkout)
        return Contribution.objects.whole().get(pk=contribution.pk)
    except ProviderRefused as refusal:
        advance(contribution, FAILED, reason=refusal.reason, cause=Cause.CLIENT, leased=checkout)
        _release(checkout)
        raise CheckoutRefused(contribution) from refusal
    stored = _store_first(contribution, checkout, opened)
    now = Contribution.objects.whole().get(pk=contribution.pk)
    if stored or now.intent != Intent.RELEASE:
        return now  # not stored: so slow was the provider that somebody else has gone on with it
    _release(checkout)
    sync(now, cause=Cause.CLIENT)
    raise GoalIsGone("The goal was deleted while the checkout was being opened.")


def _store_first(contribution: Contribution, checkout: Checkout, opened: OpenedCheckout) -> bool:
    """Write down where the giver pays; False where it is too late for it."""
    with transaction.atomic():
        wanted = Contribution.objects.filter(pk=contribution.pk, status=SUBMITTED, checkout=checkout)
        if not wanted.exclude(intent=Intent.RELEASE).select_for_update(no_key=True).exists():
            return False
        return bool(leases.held(checkout).update(**_columns_of(opened), lease_token="", lease_until=None))


def _open(contribution: Contribution, checkout: Checkout, scenario: str = "") -> OpenedCheckout:
    """One call, under the request id that is stored for it. Raises ProviderRefused, ProviderUnavailable."""
    request = provider_requests.stored(checkout, provider_requests.OPEN_CHECKOUT)
    adapter = registry.adapter(checkout.adapter)
    try:
        wanted = payment_request_for(contribution, checkout, scenario=scenario)
        return provider_requests.send(request, adapter.open_checkout, wanted)
    except (ProviderUnavailable, ProviderRefused) as error:
        about = {"contribution": contribution.public_id, "provider": checkout.provider, "error": str(error)}
        log.warning("checkout not opened", extra=about)
        raise


def _columns_of(opened: OpenedCheckout) -> dict[str, object]:
    return {
        "stage": Stage.OPEN,
        "provider_checkout_id": opened.checkout_id,
        "url": opened.url,
        "payee_id": opened.payee_id,
        "expires_at": opened.expires_at,
        "attempts": 0,
        "due_at": pace.next_try_at(0),
    }


# --- Another checkout -------------------------------------------------------------------------------------------------


def may_be_paid(contribution: Contribution) -> bool:
    """Whether the giver can (still, or once more) pay it: it is wanted, unpaid, and its time is not over."""
    wanted = contribution.status in MAY_BE_PAID and contribution.intent != Intent.RELEASE
    return wanted and clock.now() < expires_at(contribution)


def is_open(contribution: Contribution) -> bool:
    """Whether its current checkout is where the giver pays now."""
    checkout = contribution.current_checkout
    lapsed = checkout.expires_at is not None and checkout.expires_at <= clock.now()
    return contribution.status == SUBMITTED and checkout.stage == Stage.OPEN and not lapsed


def open_checkout(contribution: Contribution, provider: str) -> Contribution:
    """Open a checkout at this provider where none is open; returns the contribution as it is then, Submitted again perhaps.

    Where it turns out to be paid, or perhaps to be paid yet, or was opened otherwise meanwhile, or cannot be paid any more,
    that stays: look at what comes back.

    Raises NotOnOffer, BeingOpened, ProviderRefused, ProviderUnavailable: nothing has changed then.
    """
    if contribution.current_checkout.provider_checkout_id:
        result = sync(contribution, cause=Cause.PICK)  # it may have been paid after all, or is to be closed first
        if not result.asked:
            raise BeingOpened
    with _leased(contribution) as mine:
        if (
            may_be_paid(mine) and not is_open(mine) and _is_over(mine, mine.current_checkout)
        ):  # invariant: one-checkout-at-a-time
            _open_another(mine, provider)
    return Contribution.objects.whole().get(pk=contribution.pk)


def give_up(contribution: Contribution) -> Contribution:
    """The giver's "no" before any checkout is open; returns the contribution as it is then. Raises BeingOpened."""
    with _leased(contribution) as mine:
        if may_be_paid(mine) and mine.status == SUBMITTED and not is_open(mine):
            advance(mine, CANCELED, reason="giver_cancelled", cause=Cause.CANCEL, leased=mine.current_checkout)
    return Contribution.objects.whole().get(pk=contribution.pk)


@contextmanager
def _leased(contribution: Contribution) -> Iterator[Contribution]:
    """The contribution for one alone, read anew. Raises BeingOpened where somebody else has it."""
    checkout = leases.take(contribution.current_checkout)
    if checkout is None:
        raise BeingOpened
    try:
        mine = Contribution.objects.whole().get(pk=contribution.pk)
        if mine.checkout_id != checkout.pk:
            raise BeingOpened  # another checkout has taken its place since it was read
        yield mine
    finally:
        _release(checkout)


def _release(checkout: Checkout) -> None:
    """When it is looked at next stays as it is."""
    leases.held(checkout).update(lease_token="", lease_until=None)


def _is_over(contribution: Contribution, checkout: Checkout) -> bool:
    """Whether nothing can be taken in the checkout any more without an order of ours, which it will not get."""
    if checkout.stage in {Stage.RECORDED, Stage.OVER}:
        return True
    if checkout.stage != Stage.OPEN or closes_checkouts(registry.adapter(checkout.adapter)):
        return False  # what the provider is thinking about may be taken yet; what can be closed has to be
    return not provider_requests.order_is_out(checkout, Status(contribution.status))


def _open_another(mine: Contribution, provider: str) -> None:
    """At this provider, in the checkout that is recorded for it, else in a new one."""
    try:
        check_may_collect(mine.goal, 0, now=clock.now())
        account = next(way.account for way in ways_to_pay(mine.goal, mine.amount_minor) if way.account.provider == provider)
    except (GoalHasEnded, StopIteration):
        raise NotOnOffer(provider) from None
    checkout = _recorded(mine, account)
    opened = _open(mine, checkout)
    if not _put_in_place(mine, checkout, opened):
        log.warning("checkout opened in vain", extra={"contribution": mine.public_id, "provider": provider})


def _recorded(mine: Contribution, account: PaymentAccount) -> Checkout:
    """A checkout for this account, with its request id stored; nobody has been told of it yet. Raises BeingOpened."""
    current, adapter = mine.current_checkout, registry.adapter_offered(account.provider)
    with transaction.atomic():
        if not leases.renew(current):
            raise BeingOpened
        if current.stage == Stage.RECORDED and current.account == account and mine.status == SUBMITTED:
            checkout = current  # its first opening was not answered: the same request is sent again
        else:
            highest: int = mine.checkouts.aggregate(highest=Max("number"))["highest"]
            checkout = Checkout.objects.create(
                contribution=mine,
                number=highest + 1,
                account=account,
                adapter=adapter.key,
                capture_policy=mine.goal.capture_policy,
                created_at=clock.now(),
            )
        provider_requests.store(checkout, provider_requests.OPEN_CHECKOUT)
    return checkout


def _put_in_place(mine: Contribution, checkout: Checkout, opened: OpenedCheckout) -> bool:
    """The checkout becomes the current one, and the last one is over; False where it is too late for it."""
    last = mine.current_checkout
    if checkout.pk == last.pk:
        return _store_first(mine, last, opened)
    visible = mine.status != SUBMITTED or checkout.provider != last.provider
    with transaction.atomic():
        rows = Contribution.objects.filter(pk=mine.pk, version=mine.version).exclude(intent=Intent.RELEASE)
        if not rows.select_for_update(no_key=True).exists():
            return False
        if visible:
            reason = "provider_picked" if mine.status == SUBMITTED else ""
            over = {"stage": Stage.OVER, **({} if last.provider_checkout_id else {"due_at": None})}
            done = advance(
                mine, SUBMITTED, reason=reason, cause=Cause.PICK, leased=last, leased_columns=over, checkout=checkout
            )
        else:
            done = bool(leases.held(last).update(stage=Stage.OVER)) and bool(rows.update(checkout=checkout))
        if done:
            Checkout.objects.filter(pk=checkout.pk).update(**_columns_of(opened))
    return done
