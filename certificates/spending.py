"""A gift is paid by the certificates that its giver has claimed: the soonest to expire first, in the gift's transaction."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, QuerySet, Sum

import clock
from certificates import books
from certificates.entries import Kind
from certificates.models import GiftCertificate
from contributions.models import Contribution
from givers.models import Giver
from goals.models import PaymentAccount, SavingGoal
from money import text_of
from providers.local.spec import CERTIFICATE


class BalanceTooLow(Exception):
    """There is not so much on the giver's certificates."""

    def __init__(self, balances: dict[str, int], currency: str) -> None:
        there = text_of(balances.get(currency, 0), currency)
        others = [f"{text_of(minor, other)} {other}" for other, minor in sorted(balances.items()) if other != currency]
        also = f", and {' and '.join(others)}, which cannot be spent on it" if others else ""
        super().__init__(f"There is {there} {currency} on the giver's certificates{also}: give at most that.")
        self.extra = {"Balance": there}


@dataclass
class Purse:
    """What pays one gift of a giver's. Meets contributions.new_gift.Beside."""

    giver: Giver
    currency: str
    amount_minor: int
    account: PaymentAccount
    """The goal's, of `account_for`."""
    _taken: list[tuple[GiftCertificate, int]] = field(default_factory=list)

    def check(self) -> None:
        """Raises BalanceTooLow."""
        balances = balances_of(self.giver)
        if balances.get(self.currency, 0) < self.amount_minor:
            raise BalanceTooLow(balances, self.currency)

    def begin(self) -> None:
        """Take the gift's amount. Raises BalanceTooLow."""
        if self.account._state.adding:
            self.account.save(force_insert=True)
        self._taken, left, now = [], self.amount_minor, clock.now()
        found = books.locked(_spendable(self.giver, now).filter(currency=self.currency))
        if sum(one.free_minor for one in found) < self.amount_minor:
            raise BalanceTooLow(balances_of(self.giver), self.currency)
        for certificate in sorted(found, key=_soonest_to_expire):
            minor = min(left, certificate.free_minor)
            if minor and books.move(certificate, Kind.SPENT, minor, at=now, also=books.one_more()):
                self._taken.append((certificate, minor))
                left -= minor
        if left:  # somebody was first, where a database locks no row for us
            raise BalanceTooLow(balances_of(self.giver), self.currency)

    def recorded(self, contribution: Contribution) -> None:
        """Write the other side of the gift's entry into the books of the certificates."""
        for certificate, minor in self._taken:
            books.record(certificate, Kind.SPENT, minor, at=contribution.created_at, contribution=contribution)


def balances_of(giver: Giver) -> dict[str, int]:
    """What the giver can spend now, in minor units by currency."""
    sums = (
        _spendable(giver, clock.now()).order_by().values("currency").annotate(minor=Sum(F("balance_minor") - F("held_minor")))
    )
    return {row["currency"]: row["minor"] for row in sums}


def account_for(goal: SavingGoal) -> PaymentAccount:
    """What such a gift is paid to, so that it is known: the goal need not list it, since nobody is paid there.

    Retired from the start, so that no giver is offered it; not stored where there is none yet.
    """
    known = goal.payment_accounts.filter(provider=CERTIFICATE.name).order_by("pk").first()
    return known or PaymentAccount(goal=goal, provider=CERTIFICATE.name, retired_at=clock.now())


def _spendable(giver: Giver, at: datetime) -> QuerySet[GiftCertificate]:
    rows = GiftCertificate.objects.filter(books.not_expired(at), giver=giver)
    return rows.filter(balance_minor__gt=F("held_minor"))


def _soonest_to_expire(certificate: GiftCertificate) -> tuple[datetime, int]:
    return (certificate.expires_at or books.END_OF_TIME, certificate.pk)
