"""The giver picks: gifts whose client left one of several providers to the giver, and how the choice is settled.

Nobody sees a choice before the checkout is open: the provider's name, the account and the checkout are stored together,
by compare-and-set under the claim. So of several who pick at once one wins, and until then any other can be picked. A
checkout whose opening was not answered, or came too late, can be paid by nobody: nobody was told its address.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

import clock
from contributions import leases, provider_requests
from contributions.causes import Cause
from contributions.checkout import check_it_still_collects, expires_at, start_again
from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import CANCELED, SUBMITTED
from contributions.transitions import advance, begin, note
from goals.models import PaymentAccount, SavingGoal
from goals.rules import check_may_collect, live_accounts
from providers import registry
from providers.base import AmountRefused, OpenedCheckout, Provider, ProviderNotOffered, ProviderRefused, ProviderUnavailable

log = logging.getLogger(__name__)


class NotOnOffer(Exception):
    """This provider is not, or no longer, one of those that the giver can pick."""


class BeingOpened(Exception):
    """Somebody else is opening a checkout for this contribution, or finding out about it, at this very moment."""


@dataclass(frozen=True)
class UndecidedGift:
    """What a client asks for, as contributions.checkout.Gift, but whose provider the giver is to pick."""

    amount_minor: int
    contributor: str
    message: str | None


@dataclass(frozen=True)
class Way:
    """One way to pay a gift: who is paid, and the adapter that opens the checkout."""

    account: PaymentAccount
    adapter: Provider


# --- What can be picked -----------------------------------------------------------------------------------------------


def ways_to_pay(goal: SavingGoal, amount_minor: int) -> list[Way]:
    """The goal's providers that are offered now and carry so many minor units of its currency, in the goal's order."""
    return _ways(goal, amount_minor)[0]


def _ways(goal: SavingGoal, amount_minor: int) -> tuple[list[Way], list[AmountRefused | ProviderNotOffered]]:
    """The ways there are, and why there are no others."""
    ways: list[Way] = []
    why_not: list[AmountRefused | ProviderNotOffered] = []
    for account in live_accounts(goal):
        try:
            adapter = registry.adapter_offered(account.provider)
            adapter.check_currency(goal.currency)
            adapter.check_amount(amount_minor, goal.currency)
            ways.append(Way(account, adapter))
        except (AmountRefused, ProviderNotOffered) as error:
            why_not.append(error)
    return ways, why_not


def can_be_picked(contribution: Contribution) -> bool:
    """Whether the giver can (still) pick a provider for it."""
    undecided = contribution.account_id is None and contribution.status == SUBMITTED
    return undecided and contribution.unwanted_since is None and clock.now() < expires_at(contribution)


# --- Offering the choice ----------------------------------------------------------------------------------------------


def offer(goal: SavingGoal, gift: UndecidedGift, *, public_id: str) -> Contribution:
    """Record a gift whose giver is to pick the provider on our page; no provider is asked anything. Returns it, Submitted.

    Safe to repeat with the same `public_id`, also where the first try knew the provider and stopped half-way.
    Raises GoalHasEnded, GoalIsFull, GoalIsGone, ProviderNotOffered, AmountRefused, CheckoutNotOpened.
    """
    known = Contribution.objects.select_related("goal", "account").filter(public_id=public_id).first()
    if known is not None:
        return start_again(known)
    now = clock.now()
    check_may_collect(goal, gift.amount_minor, now=now)
    _check_that_somebody_can_be_paid(goal, gift.amount_minor)
    contribution = Contribution(
        public_id=public_id,
        goal=goal,
        capture_policy=goal.capture_policy,
        amount_minor=gift.amount_minor,
        currency=goal.currency,
        contributor=gift.contributor,
        message=gift.message,
        created_at=now,
        published_at=now,
        provider_url=f"{settings.PUBLIC_BASE_URL}/pay/{public_id}",
    )
    contribution.due_at = expires_at(contribution)
    with transaction.atomic():
        begin(contribution)
        check_it_still_collects(goal)
    return contribution


def _check_that_somebody_can_be_paid(goal: SavingGoal, amount_minor: int) -> None:
    """Raises ProviderNotOffered where no provider of the goal is offered, AmountRefused where none of them carries this."""
    ways, why_not = _ways(goal, amount_minor)
    if ways:
        return
    sentence = f"None of the goal's providers can take this gift. {' '.join(_sentence(error) for error in why_not)}"
    if all(isinstance(error, ProviderNotOffered) for error in why_not):
        raise ProviderNotOffered(sentence)
    raise AmountRefused(sentence)


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."


# --- Picking ----------------------------------------------------------------------------------------------------------


def pick(contribution: Contribution, provider: str) -> Contribution:
    """Open a checkout at this provider and settle the choice; returns the contribution as it is then.

    Where it was settled otherwise meanwhile, or nothing can be picked any more, that stays: look at what comes back.
    Raises NotOnOffer, BeingOpened, ProviderRefused, ProviderUnavailable: nothing is settled then, and any can be picked.
    """
    with _claimed(contribution) as mine:
        if can_be_picked(mine):
            _open(mine, provider)
    return Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)


def give_up(contribution: Contribution) -> Contribution:
    """The giver's "no", instead of a provider; returns the contribution as it is then, as pick() does. Raises BeingOpened."""
    with _claimed(contribution) as mine:
        if can_be_picked(mine):
            advance(mine, CANCELED, reason="giver_cancelled", cause=Cause.CANCEL, due_at=None)
    return Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)


@contextmanager
def _claimed(contribution: Contribution) -> Iterator[Contribution]:
    """The contribution for one alone, read anew; when it is looked at next stays as it is, unless it is changed inside."""
    mine = leases.take(contribution)
    if mine is None:
        raise BeingOpened
    due_at = mine.due_at
    try:
        yield mine
    finally:
        leases.release(mine, due_at=due_at, ask_again=due_at is not None, moved=False, next_at=due_at)


def _open(mine: Contribution, provider: str) -> None:
    """Each try is a request of its own: the page of an earlier one, hours ago perhaps, may be dead by now at the provider."""
    ways = {way.account.provider: way for way in ways_to_pay(mine.goal, mine.amount_minor)}
    if provider not in ways:
        raise NotOnOffer(provider)
    account, adapter = ways[provider].account, ways[provider].adapter
    mine.account, mine.adapter, mine.capture_policy = account, adapter.key, mine.goal.capture_policy
    with transaction.atomic():
        if not leases.renew(mine):
            raise BeingOpened
        request = provider_requests.store(mine, f"open:{mine.lease_token}")
    try:
        checkout = provider_requests.send(request, adapter.open_checkout, payment_request_for(mine))
    except (ProviderRefused, ProviderUnavailable) as error:
        about = {"contribution": mine.public_id, "provider": provider, "error": str(error)}
        log.warning("picked checkout not opened", extra=about)
        raise
    if not _settle(mine, checkout):
        log.warning("checkout opened in vain", extra={"contribution": mine.public_id, "provider": provider})


def _settle(mine: Contribution, checkout: OpenedCheckout) -> bool:
    """Write the choice and its checkout down together; False where it is too late for it."""
    undecided = Contribution.objects.filter(
        pk=mine.pk,
        version=mine.version,
        status=SUBMITTED,
        lease_token=mine.lease_token,
        account=None,
        unwanted_since=None,
    )
    with transaction.atomic():
        settled = undecided.update(
            account=mine.account,
            adapter=mine.adapter,
            capture_policy=mine.capture_policy,
            checkout_id=checkout.checkout_id,
            provider_url=checkout.url,
            payee_id=checkout.payee_id,
            picked_at=clock.now(),
            attempts=0,
            due_at=leases.next_try_at(0),
        )
        return bool(settled) and note(mine, reason="provider_picked", cause=Cause.PICK)
