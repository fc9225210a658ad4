"""Live partners whose gifts were paid at the simulator, when that could still be: they are found, and moved to test."""

from dataclasses import dataclass

from django.db import transaction

from contributions.models import Checkout
from partners import audit_log
from partners.models import Partner
from providers import registry


class CannotMove(Exception):
    """The partner has to stay live; the message says why, and what to do instead."""


@dataclass(frozen=True)
class Simulated:
    """A live partner, and how many checkouts of its gifts were opened at the simulator and elsewhere."""

    partner: Partner
    at_simulator: int
    elsewhere: int


def live_partners_at_the_simulator() -> list[Simulated]:
    """All of them, by name."""
    opened = Checkout.objects.filter(adapter=registry.SIMULATOR, contribution__goal__partner__is_test=False)
    names = Partner.objects.filter(pk__in=opened.values("contribution__goal__partner")).order_by("name")
    return [_counted(partner) for partner in names]


def move_to_test(name: str) -> Partner:
    """Make the live partner of this name one in test, with its keys, goals, events and all. Raises CannotMove."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update().filter(name=name, is_test=False).first()
        if partner is None:
            raise CannotMove(f"there is no live partner named {name!r}")
        counted = _counted(partner)
        if counted.elsewhere:
            raise CannotMove(
                f"{counted.elsewhere} checkouts of its gifts were not at the simulator: their money may be real, and stays "
                "live. Let the partner refund the gifts that were at the simulator, so that its sums are of real money alone."
            )
        if Partner.objects.filter(name=name, is_test=True).exists():
            raise CannotMove("it is in test as well already, and two histories cannot be made one")
        partner.is_test = True
        partner.save(update_fields=["is_test"])
        was, now = {"mode": "live"}, {"mode": "test"}
        audit_log.record("partner.moved_to_test", partner.name, partner=partner, before=was, after=now)
    return partner


def _counted(partner: Partner) -> Simulated:
    opened = Checkout.objects.filter(contribution__goal__partner=partner).exclude(adapter="")
    at_simulator = opened.filter(adapter=registry.SIMULATOR).count()
    return Simulated(partner, at_simulator, opened.count() - at_simulator)
