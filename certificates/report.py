"""What is outstanding on certificates: what a partner still owes the givers who have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, Sum
from django.db.models.functions import Coalesce

import clock
from bigint import bigint
from certificates import books
from certificates.entries import SUMS
from certificates.models import GiftCertificate
from money import text_of
from partners.models import Partner


@dataclass(frozen=True)
class Outstanding:
    """One partner's certificates in one currency. Amounts are texts in that currency."""

    partner: str
    mode: str
    currency: str
    certificates: int
    """All that were ever paid for."""
    issued: str
    spent: str
    expired: str
    refunded: str
    reversed: str
    outstanding: str
    """What can be spent, or what a refund that is on its way takes: the liability."""
    unclaimed: str
    """What of that nobody has claimed yet."""
    expiring: str
    """What of that expires within the days that were asked for."""
    overdue: str
    """What of that has expired, and the worker has not entered yet."""
    missing: str
    """What was taken back of purchases that had been spent already: somebody has to bear it."""


def outstanding(*, days: int, partner: str = "") -> Iterator[Outstanding]:
    """A line for each partner and currency with a certificate that was paid for; `days`: what counts as expiring soon."""
    now = clock.now()
    left, is_left = F("balance_minor"), Q(balance_minor__gt=0)
    living = is_left & books.not_expired(now)
    sums: dict[str, Any] = {column: _sum(F(column), Q()) for column in SUMS}
    sums |= {
        "outstanding": _sum(left, living),
        "unclaimed": _sum(left, living & Q(giver=None)),
        "expiring": _sum(left, living & Q(expires_at__lte=now + timedelta(days=days))),
        "overdue": _sum(left, is_left & Q(expires_at__lte=now)),
        "missing": _sum(F("balance_minor") * bigint(-1), Q(balance_minor__lt=0)),
    }
    rows = GiftCertificate.objects.filter(issued_minor__gt=0)
    if partner:
        rows = rows.filter(partner__in=list(Partner.objects.filter(name=partner).values_list("pk", flat=True)))
    grouped = ("partner__name", "partner__is_test", "currency")
    for row in rows.order_by(*grouped).values(*grouped).annotate(number=Count("pk"), **sums):
        amounts = {name.removesuffix("_minor"): text_of(row[name], row["currency"]) for name in sums}
        name, is_test, currency = (row[one] for one in grouped)
        yield Outstanding(name, "test" if is_test else "live", currency, row["number"], **amounts)


def in_all() -> Iterator[tuple[str, str, str]]:
    """What is outstanding of all partners together: mode, amount as text, currency."""
    living = GiftCertificate.objects.filter(books.not_expired(clock.now()), balance_minor__gt=0)
    grouped = ("partner__is_test", "currency")
    for row in living.order_by(*grouped).values(*grouped).annotate(left=_sum(F("balance_minor"), Q())):
        mode = "test" if row["partner__is_test"] else "live"
        yield mode, text_of(row["left"], row["currency"]), row["currency"]


def overdue_since() -> datetime | None:
    """When the first of those expired that the worker has not entered yet; None: it has entered all."""
    overdue = GiftCertificate.objects.filter(balance_minor__gt=0, expires_at__lte=clock.now())
    rows = overdue.filter(balance_minor__gt=F("held_minor")).order_by("expires_at")
    return rows.values_list("expires_at", flat=True).first()


def _sum(what: Any, condition: Q) -> Coalesce:
    total = Sum(what, filter=condition, output_field=BigIntegerField())
    return Coalesce(total, bigint(0), output_field=BigIntegerField())
