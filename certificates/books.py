"""The books of certificates: nothing else in the project writes their sums, their balance and their entries.

A balance changes by an increment in the database, which for what is spent says in the same statement that there is so much:
nothing is read, changed in Python and written back. Locks: a contribution and its checkout first, then certificates in the
order of their keys, then a goal, and last the row in which the partner's events are counted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

import returning
from bigint import bigint
from certificates.entries import SIGN, SUMS, Kind
from certificates.models import CertificateEntry, GiftCertificate
from contributions.models import Contribution, Refund
from ownership import row_key

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""Later than any certificate expires: what one that never does is sorted by."""


def whole() -> QuerySet[GiftCertificate]:
    """Certificates with all that is needed to write them."""
    return GiftCertificate.objects.select_related("purchase__goal__partner", "payee", "giver")


def not_deleted() -> QuerySet[GiftCertificate]:
    """Certificates whose purchase was not deleted, for a page of them. Nothing is joined: see api/paging.py."""
    purchase = {"pk": OuterRef("purchase_id"), "partner": OuterRef("partner_id")}
    deleted = Contribution.objects.filter(**purchase, deleted_at__isnull=False).values("pk")
    key = Coalesce(Subquery(deleted), bigint(0), output_field=BigIntegerField())  # EXISTS would be a join again
    return GiftCertificate.objects.alias(deleted=key).exclude(deleted__gt=0)


def not_expired(at: datetime) -> Q:
    """Those that can be claimed and spent then."""
    return Q(expires_at=None) | Q(expires_at__gt=at)  # invariant: what-has-expired-is-not-spent


def locked(rows: QuerySet[GiftCertificate]) -> list[GiftCertificate]:
    """These as they are now, and stay until the end of the transaction: everybody locks them in this order."""
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))


def enter(
    certificate: GiftCertificate,
    kind: Kind,
    minor: int,
    *,
    at: datetime,
    contribution: Contribution | None = None,
    refund: Refund | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry over so many minor units into a certificate that is locked. `also`: columns that change with it."""
    if not move(certificate, kind, minor, at=at, also=also):
        raise RuntimeError(f"there is no certificate {certificate.public_id}")
    record(certificate, kind, minor, at=at, contribution=contribution, refund=refund)


def move(certificate: GiftCertificate, kind: Kind, minor: int, *, at: datetime, also: Mapping[str, Any] | None = None) -> bool:
    """Change the balance; whoever calls it writes the entry, in the same transaction. The copy is then as it is there.

    False: there is not so much on it to be spent, or it has expired.
    """
    rows = GiftCertificate.objects.filter(**row_key(certificate))
    if kind is Kind.SPENT:  # invariant: a-certificate-is-spent-in-the-database
        rows = rows.filter(not_expired(at), balance_minor__gte=F("held_minor") + bigint(minor))
    return returning.update_in_place(certificate, rows, {**_columns(kind, minor), **(also or {})})


def record(
    certificate: GiftCertificate,
    kind: Kind,
    minor: int,
    *,
    at: datetime,
    contribution: Contribution | None = None,
    refund: Refund | None = None,
) -> None:
    """Write the entry of a `move`."""
    CertificateEntry.objects.create(
        certificate=certificate, kind=kind, delta_minor=SIGN[kind] * minor, contribution=contribution, refund=refund, at=at
    )


def change(certificate: GiftCertificate, columns: Mapping[str, Any]) -> None:
    """Change what is not in the books of a certificate that is locked; the copy is then as it is there."""
    if not returning.update_in_place(certificate, GiftCertificate.objects.filter(**row_key(certificate)), columns):
        raise RuntimeError(f"there is no certificate {certificate.public_id}")


def one_more() -> dict[str, Any]:
    """The certificate's version rises."""
    return {"version": F("version") + bigint(1)}


def _columns(kind: Kind, minor: int) -> dict[str, Any]:
    for column, (more, _) in SUMS.items():
        if kind in SUMS[column]:
            moved = minor if kind is more else -minor
            return {column: F(column) + bigint(moved), "balance_minor": F("balance_minor") + bigint(SIGN[kind] * minor)}
    raise ValueError(kind)
