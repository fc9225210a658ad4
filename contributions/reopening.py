"""Another checkout for a gift, where its giver comes to pay and none is open.

At most one checkout can be paid in: another one takes the place of the last only when nothing can be taken in that any more,
because the provider says so, has closed it on our order, or takes nothing without our order and has none.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max

import clock
import leases
from contributions import charges, provider_requests, room
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, ProviderRequest
from contributions.opening import CheckoutRefused, columns_of, open_at_provider, release, store_first
from contributions.platform_fees import fee_for
from contributions.snapshot import expires_at
from contributions.status import CANCELED, MAY_BE_PAID, SUBMITTED, Intent, Stage, Status
from contributions.sync import sync
from contributions.transitions import advance
from contributions.ways_to_pay import ways_to_pay
from goals.models import PaymentAccount
from ownership import row_key
from providers import registry
from providers.base import Capability, OpenedCheckout, ProviderRefused, ProviderUnavailable

log = logging.getLogger(__name__)

_HAS_TO_BE_CLOSED = {Capability.CLOSES_CHECKOUTS, Capability.APPROVAL_TAKES_MONEY}
"""An open checkout is over only once it is closed: where it can be closed, or where an approval takes money without us."""


MOST_CHECKOUTS = 50
"""How often a gift can be tried to be paid: whoever has its address could make rows without end."""


class NotOnOffer(Exception):
    """This provider is not, or no longer, one of those that the giver can pick."""


class TooManyTries(Exception):
    """It was tried to be paid MOST_CHECKOUTS times."""


class BeingOpened(Exception):
    """Somebody else is opening a checkout for this contribution, or finding out about it, at this very moment."""


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

    Raises NotOnOffer, TooManyTries, BeingOpened, GoalIsFull, GoalIsReserved, ProviderRefused, ProviderUnavailable: nothing has
    changed then.
    """
    silent = False
    current = contribution.current_checkout
    if current.provider_checkout_id or charges.is_unknown(current):
        result = sync(contribution, cause=Cause.PICK)  # it may have been paid after all, or is to be closed first
        if not result.asked:
            raise BeingOpened
        silent = result.silent
    with _leased(contribution) as mine:
        if may_be_paid(mine) and not is_open(mine):
            if _is_over(mine, mine.current_checkout, answered=not silent):  # invariant: one-checkout-at-a-time
                _open_another(mine, provider)
            elif silent:
                raise ProviderUnavailable("whether the last checkout can still be paid in is not known")
    return Contribution.objects.whole().get(**row_key(contribution))


def open_after_refusal(contribution: Contribution) -> Contribution:
    """For a client that repeats the request of a gift whose checkout was refused: open another one at the same provider.

    While the provider is silent the gift stays Failed, and its giver can still open one. Raises CheckoutRefused.
    """
    try:
        return open_checkout(contribution, contribution.provider)
    except ProviderRefused as refusal:
        raise CheckoutRefused(contribution, refusal.reason) from refusal
    except (ProviderUnavailable, NotOnOffer, TooManyTries, BeingOpened):
        return Contribution.objects.whole().get(**row_key(contribution))


def give_up(contribution: Contribution) -> Contribution:
    """The giver's "no" before any checkout is open; returns the contribution as it is then. Raises BeingOpened."""
    if charges.is_unknown(contribution.current_checkout):
        sync(contribution, cause=Cause.CANCEL)
        contribution = Contribution.objects.whole().get(**row_key(contribution))
    with _leased(contribution) as mine:
        if charges.is_unknown(mine.current_checkout):
            raise BeingOpened  # it may be paid at this moment
        if may_be_paid(mine) and mine.status == SUBMITTED and not is_open(mine):
            advance(mine, CANCELED, reason="giver_cancelled", cause=Cause.CANCEL, leased=mine.current_checkout)
    return Contribution.objects.whole().get(**row_key(contribution))


@contextmanager
def _leased(contribution: Contribution) -> Iterator[Contribution]:
    """The contribution for one alone, read anew. Raises BeingOpened where somebody else has it."""
    checkout = leases.take(contribution.current_checkout)
    if checkout is None:
        raise BeingOpened
    try:
        mine = Contribution.objects.whole().get(**row_key(contribution))
        if mine.checkout_id != checkout.pk:
            raise BeingOpened  # another checkout has taken its place since it was read
        yield mine
    finally:
        release(checkout)


def _is_over(contribution: Contribution, checkout: Checkout, *, answered: bool) -> bool:
    """Whether nothing can be taken in the checkout any more without an order of ours, which it will not get.

    `answered`: the provider has just said that it is open, so that no order of ours was obeyed.
    """
    if charges.is_unknown(checkout):
        return False
    if checkout.stage in {Stage.RECORDED, Stage.OVER}:
        return True
    if checkout.stage != Stage.OPEN or registry.adapter(checkout.adapter).capabilities & _HAS_TO_BE_CLOSED:
        return False  # what the provider is thinking about may be taken yet
    return answered or not provider_requests.order_is_out(checkout, Status(contribution.status))


def _open_another(mine: Contribution, provider: str) -> None:
    """At this provider, in the checkout that is recorded for it, else in a new one."""
    ways = {way.account.provider: way.account for way in ways_to_pay(mine.goal, mine.amount_minor)}
    if provider not in ways:
        raise NotOnOffer(provider)
    account = ways[provider]
    room.reserve(mine)
    try:
        checkout, request = _recorded(mine, account)
        opened = open_at_provider(mine, checkout, request)
    except (ProviderRefused, ProviderUnavailable, TooManyTries):
        room.let_go(mine)  # there is nothing to pay in; who comes again reserves again
        raise
    if not _put_in_place(mine, checkout, request, opened):
        log.warning("checkout opened in vain", extra={"contribution": mine.public_id, "provider": provider})


def _recorded(mine: Contribution, account: PaymentAccount) -> tuple[Checkout, ProviderRequest]:
    """A checkout for this account, and the stored request to open it; nobody has been told of it yet.

    Raises BeingOpened, TooManyTries.
    """
    current = mine.current_checkout
    adapter = registry.adapter_offered(account.provider, is_test=mine.goal.partner.is_test)
    with transaction.atomic():
        if not leases.renew(current):
            raise BeingOpened
        if current.stage == Stage.RECORDED and current.account == account and mine.status == SUBMITTED:
            checkout = current  # its first opening was not answered: the same request is sent again
        else:
            highest: int = mine.checkouts.aggregate(highest=Max("number"))["highest"]
            if highest >= MOST_CHECKOUTS:
                raise TooManyTries
            checkout = Checkout.objects.create(
                contribution=mine,
                number=highest + 1,
                account=account,
                adapter=adapter.key,
                capture_policy=mine.goal.capture_policy,
                platform_fee_minor=fee_for(mine.goal.partner, account, mine.amount_minor, mine.currency),
                created_at=clock.now(),
            )
        return checkout, provider_requests.store(checkout, provider_requests.OPEN_CHECKOUT)


def _put_in_place(mine: Contribution, checkout: Checkout, request: ProviderRequest, opened: OpenedCheckout) -> bool:
    """The checkout becomes the current one, and the last one is over; False where it is too late for it."""
    last = mine.current_checkout
    if checkout.pk == last.pk:
        return store_first(mine, last, request, opened)
    visible = mine.status != SUBMITTED or checkout.provider != last.provider
    with transaction.atomic():
        rows = Contribution.objects.filter(**row_key(mine), version=mine.version).exclude(intent=Intent.RELEASE)
        is_wanted = rows.select_for_update(no_key=True).exists()
        provider_requests.close(request, opened)
        if not is_wanted:
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
            Checkout.objects.filter(**row_key(checkout)).update(**columns_of(opened))
    return done
