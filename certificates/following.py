"""The books of certificates follow those of contributions: of the purchases of certificates, and of gifts paid by them.

A certificate repeats the sums of its purchase: what was taken is issued, what was given back is refunded, what a bank has
taken back is reversed, and what is set aside for refunds is held. It is brought to them under the lock of the purchase, each
time from what the rows say then, so that it makes no difference how often that is done.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum

import clock
from certificates import audit, books, erasure, events, expiry
from certificates.entries import OF_GIFTS, SUMS, Kind
from certificates.models import CertificateEntry, GiftCertificate
from certificates.telling import announce
from contributions import attention
from contributions.entries import Entry
from contributions.entries import Kind as GiftKind
from contributions.event_types import OF_PARTS, OF_STATUSES
from contributions.models import Contribution, Refund
from contributions.status import REFUNDED, SETTLED
from givers.models import Giver
from money import text_of
from providers.local.spec import CERTIFICATE

ADAPTERS = frozenset({CERTIFICATE.key, CERTIFICATE.test_key})

GRACE = timedelta(days=90)
"""So long what comes to a certificate that has expired can be spent: nobody could have spent it in time."""

OVERSPENT = "certificate_overspent"


def is_purchase(contribution: Contribution) -> bool:
    """Whether a certificate is bought by it."""
    return contribution.goal.certificates_of_id is not None


def is_paid_by_certificates(contribution: Contribution) -> bool:
    """Whether it takes its money from certificates."""
    return contribution.checkout is not None and contribution.checkout.adapter in ADAPTERS


class _Follower:
    """Meets contributions.followers.Follower."""

    def moved(self, contribution: Contribution, entry: Entry | None, refund: Refund | None, at: datetime) -> None:
        if is_purchase(contribution):
            bring(contribution, refund, at, rises=True)
        elif entry is not None and entry.kind is GiftKind.REFUND and is_paid_by_certificates(contribution):
            give_back(contribution, entry.amount_minor, refund, at)  # invariant: a-refund-goes-back-to-certificates

    def reserved(self, contribution: Contribution) -> None:
        if is_purchase(contribution):
            bring(contribution, None, clock.now(), rises=False)

    def left_minor(self, contribution: Contribution, left_minor: int) -> int:
        """Only what is unspent; what has expired can be given back all the same."""
        if not is_purchase(contribution):
            return left_minor
        rows = GiftCertificate.objects.filter(purchase=contribution)
        found = books.locked(rows) if connection.in_atomic_block else list(rows)
        return min([left_minor, *(one.free_minor + one.expired_minor for one in found)])

    def announce(self, contribution: Contribution, event: str, at: datetime) -> bool:
        if is_purchase(contribution):
            for certificate in GiftCertificate.objects.filter(purchase=contribution):
                announce(certificate, events.of_purchase(event), at)
            return True
        if is_paid_by_certificates(contribution):
            _tell_of_gift(contribution, event, at)
        return False

    def erase(self, contribution: Contribution, elements: frozenset[str]) -> int:
        return erasure.erase(contribution, elements) if is_purchase(contribution) else 0

    def forget(self, giver: Giver) -> None:
        erasure.forget(giver)

    def work_off(self, stopped: Callable[[], bool]) -> None:
        expiry.expire_all_due(stopped)

    def faults(self) -> Iterator[str]:
        return audit.faults()


FOLLOWER = _Follower()


def _tell_of_gift(gift: Contribution, event: str, at: datetime) -> None:
    """What the gift's settling has taken, and what its last refund has brought back."""
    entries = CertificateEntry.objects.select_related("certificate").filter(contribution=gift).order_by("pk")
    if event == OF_STATUSES[SETTLED]:
        for entry in entries.filter(kind=Kind.SPENT):
            announce(entry.certificate, events.SPENT, at)
    elif event in (OF_STATUSES[REFUNDED], OF_PARTS[GiftKind.REFUND]):
        back = entries.filter(kind=Kind.GIVEN_BACK)
        last = back.last()
        for entry in back.filter(refund=last.refund_id) if last else []:
            announce(entry.certificate, events.GIVEN_BACK, at)


# --- A certificate follows its purchase -------------------------------------------------------------------------------


def bring(purchase: Contribution, refund: Refund | None, at: datetime, *, rises: bool) -> None:
    """Bring the certificate to its purchase, which is locked. `rises`: with its version."""
    (certificate,) = books.locked(GiftCertificate.objects.filter(purchase=purchase))
    owed_before = _owes(certificate)
    is_issued = purchase.settled_minor is not None and not certificate.issued_minor
    comes_back = purchase.reversed_minor < certificate.reversed_minor and _was_reversed_in_time(certificate)
    longer = _lives_longer(certificate, at) if is_issued or comes_back else {}
    # invariant: a-certificate-follows-its-purchase
    wanted = {
        "issued_minor": purchase.settled_minor or 0,
        "refunded_minor": purchase.refunded_minor,
        "reversed_minor": purchase.reversed_minor,
    }
    for column, minor in wanted.items():
        _bring_one(certificate, column, minor, refund, at)
    # invariant: what-a-refund-has-set-aside-is-held
    held = purchase.refunds_reserved_minor - purchase.refunded_minor
    books.change(certificate, {"held_minor": held, "status": purchase.status, **longer, **(books.one_more() if rises else {})})
    missing = min(held - certificate.balance_minor, certificate.expired_minor)
    if missing > 0:  # what has expired goes first of all
        books.enter(certificate, Kind.EXPIRY_UNDONE, missing, at=at)
    _tell_a_person(certificate, owed_before=owed_before)


def _bring_one(certificate: GiftCertificate, column: str, minor: int, refund: Refund | None, at: datetime) -> None:
    moved = minor - getattr(certificate, column)
    kind = SUMS[column][0 if moved > 0 else 1]
    if not moved:
        return
    if kind is None:
        raise RuntimeError(f"{certificate.public_id}: less was taken for it than before")
    of_refund = refund if column == "refunded_minor" else None
    books.enter(certificate, kind, abs(moved), at=at, refund=of_refund)


def _owes(certificate: GiftCertificate) -> bool:
    """Whether more was taken back than was left: somebody has had a gift for it."""
    return certificate.balance_minor < certificate.held_minor


def _tell_a_person(certificate: GiftCertificate, *, owed_before: bool) -> None:
    if _owes(certificate):
        missing = text_of(certificate.held_minor - certificate.balance_minor, certificate.currency)
        attention.arise(OVERSPENT, certificate.purchase, detail=f"{missing} {certificate.currency}")
    elif owed_before:
        attention.solve(certificate.purchase, OVERSPENT)


# --- A gift that was paid by certificates goes back -------------------------------------------------------------------


def give_back(gift: Contribution, minor: int, refund: Refund | None, at: datetime) -> None:
    """So much of the gift goes back to the certificates that it took from: to the one that expires last first of all."""
    taken: dict[int, int] = {}
    moved = CertificateEntry.objects.filter(contribution=gift, kind__in=OF_GIFTS).order_by()
    for pk, delta_minor in moved.values_list("certificate").annotate(delta=Sum("delta_minor")):
        taken[pk] = -delta_minor
    rows = GiftCertificate.objects.filter(pk__in=taken, partner_id=gift.partner_id)
    for certificate in sorted(books.locked(rows), key=_last_to_expire):
        back = min(minor, taken[certificate.pk])  # invariant: what-comes-back-is-what-was-taken
        if back > 0:
            also, owed_before = books.one_more() | _lives_longer(certificate, at), _owes(certificate)
            books.enter(certificate, Kind.GIVEN_BACK, back, at=at, contribution=gift, refund=refund, also=also)
            if owed_before:
                _tell_a_person(certificate, owed_before=True)
            minor -= back
    if minor:
        raise RuntimeError(f"{gift.public_id}: {minor} more goes back than its certificates have paid")


def _last_to_expire(certificate: GiftCertificate) -> tuple[timedelta, int]:
    """Sorts the one first that never expires, or expires last."""
    at = certificate.expires_at
    return (books.END_OF_TIME - at if at is not None else timedelta(-1), -certificate.pk)


def _was_reversed_in_time(certificate: GiftCertificate) -> bool:
    """Whether a bank took it back while it could still be spent: what had expired before stays expired."""
    reversals = CertificateEntry.objects.filter(certificate=certificate, kind=Kind.REVERSED).order_by("pk")
    last = reversals.last()
    return last is not None and (certificate.expires_at is None or last.at < certificate.expires_at)


def _lives_longer(certificate: GiftCertificate, at: datetime) -> dict[str, Any]:
    if certificate.expires_at is None or certificate.expires_at > at:
        return {}
    return {"expires_at": at + GRACE, "expires_with_the_day": False}
