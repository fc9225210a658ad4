"""What the actions of the simulated world are about: one of the records there are, most often a recent one."""

from random import Random
from typing import Any

from contributions.models import Contribution
from tests.simulation import books
from tests.simulation.side import ProviderSide, TruePayment

LOCAL = ("Offline", "Match", "Certificate")
"""Gifts of which no provider knows."""


class Recent:
    """A mixin of the World, which gives it what is annotated here."""

    random: Random
    provider: ProviderSide

    def _some(self, rows: Any) -> Any:
        """One of them, most often a recent one: what happens twice to one thing is what goes wrong."""
        found = list(rows.order_by("-pk")[: self.random.choice([1, 2, 2, 10])])
        return self.random.choice(found) if found else None

    def _contribution(self, **which: Any) -> Contribution | None:
        """One that a provider has a part in."""
        at_providers = Contribution.objects.whole().exclude(checkout__account__provider__in=LOCAL)
        found: Contribution | None = self._some(at_providers.filter(**which))
        return found

    def _payment(self) -> TruePayment | None:
        """One that a giver could have been sent to: nobody knows the address of a checkout we never learned about."""
        known = books.checkouts_with_address()
        on_our_page = {reference for reference, checkout_id in known if not checkout_id or self.provider.on_our_page}
        reachable = [
            payment
            for payment in self.provider.payments.values()
            if (payment.reference, payment.checkout_id) in known or payment.reference in on_our_page
        ]
        recent = reachable[-self.random.choice([1, 2, 2, 10]) :]
        return self.random.choice(recent) if recent else None
