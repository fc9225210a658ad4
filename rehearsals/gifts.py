"""The goal and the gifts of a rehearsal: made like any others of a partner in test, and paid at the simulator."""

import time

from django.db import transaction

import money
from contributions import opening
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.sync import sync
from goals import rules
from goals.models import SavingGoal
from ownership import row_key
from partners.models import Partner
from partners.tags import new_id_of
from providers import registry
from providers.base import ProviderNotOffered
from providers.sandbox.events import let_it_happen
from providers.sandbox.models import SandboxCheckout
from providers.sandbox.views import choose

CURRENCY = "USD"
CREDENTIALS = "rehearsal@example.org"
PAUSE_SECONDS = 0.2


class CannotRehearse(Exception):
    """There is nothing that a rehearsal could be played with; the message says why."""


class NotHeard(Exception):
    """The simulator's news did not get through in time, because somebody else was at the gift; the message says which."""


def simulated_provider() -> str:
    """A provider that is played by the simulator for test keys. Raises CannotRehearse."""
    for name in registry.COMPANY_NAMES:
        try:
            if registry.adapter_offered(name, is_test=True).key == registry.SIMULATOR:
                return name
        except ProviderNotOffered:
            continue
    raise CannotRehearse("No payment provider is simulated here: a rehearsal needs one whose test keys are not set.")


def new_goal(partner: Partner, confirmation_url: str, cancel_url: str) -> SavingGoal:
    """A goal for the purpose, of a partner in test."""
    if not partner.is_test:
        raise CannotRehearse("A rehearsal is for a partner in test.")
    values = {
        "external_item_id": "rehearsal",
        "name": "Go-live rehearsal",
        "currency": CURRENCY,
        "goal_minor": money.parse("1000.00", CURRENCY),
        "confirmation_url": confirmation_url,
        "cancel_url": cancel_url,
    }
    return rules.create(partner, rules.GoalChange(values, {simulated_provider(): CREDENTIALS}), public_id=new_id_of(partner.pk))


def new_gift(goal: SavingGoal, contributor: str, *, scenario: str = "") -> Contribution:
    """A gift of 20.00 whose checkout is open at the simulator."""
    (account,) = rules.live_accounts(goal)
    wish = opening.NewGift(
        amount_minor=money.parse("20.00", CURRENCY),
        contributor=contributor,
        message=None,
        account=account,
        scenario=scenario,
    )
    return opening.record_gift(
        SavingGoal.objects.select_related("partner").get(**row_key(goal)), wish, public_id=new_id_of(goal.partner_id)
    )


def at_the_simulator(gift: Contribution, outcome: str) -> None:
    """The giver presses a button on the simulator's page."""
    choose(_paid_at(gift), outcome, None)


def happens_at_the_simulator(gift: Contribution, what: str) -> None:
    """Something that nobody ordered, as in providers/sandbox/events.py."""
    with transaction.atomic():
        let_it_happen(what, _paid_at(gift))


def heard(gift: Contribution, status: str, cause: Cause, *, until: float) -> Contribution:
    """The gift once it stands so; the simulator is asked until then, at the latest until that monotonic moment.

    Raises NotHeard.
    """
    while True:
        gift = sync(Contribution.objects.whole().get(**row_key(gift)), cause=cause).contribution
        if gift.status == status:
            return gift
        if time.monotonic() > until:
            raise NotHeard(f"the gift {gift.public_id} is {gift.status}, and should be {status}")
        time.sleep(PAUSE_SECONDS)


def _paid_at(gift: Contribution) -> SandboxCheckout:
    return SandboxCheckout.objects.get(checkout_id=gift.current_checkout.provider_checkout_id)
