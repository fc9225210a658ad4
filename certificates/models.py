"""Gift certificates, and the books of what is on them. Amounts are in minor units of the certificate's currency."""

from django.db import models
from django.db.models import F, Q

import encryption
from certificates.entries import OF_GIFTS, Kind
from contributions.models import Contribution, Refund
from contributions.status import SUBMITTED, Status, choices
from givers.models import Giver
from goals.models import Payee
from ownership import OfPartner, SamePartnerKey, SamePartnerOneToOne


class GiftCertificate(OfPartner):
    """Bought by a contribution, which has the same Id; claimed by a giver, who spends what is on it.

    Whatever moves its balance stands in its entries: see certificates/books.py, which alone changes these sums.
    """

    public_id = models.CharField(max_length=32)
    purchase = SamePartnerOneToOne(Contribution, on_delete=models.PROTECT, related_name="certificate", db_index=False)
    payee = SamePartnerKey(Payee, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Who has the money since it was bought."""
    currency = models.CharField(max_length=3)
    recipient_name = models.CharField(max_length=255)
    message = models.TextField(null=True)
    expires_at = models.DateTimeField(null=True)
    expires_with_the_day = models.BooleanField(default=False)
    """From `expires_at` on nothing can be spent, also where the worker has not entered that yet."""
    code_encrypted = models.TextField()
    code_lookup = models.CharField(max_length=64)
    """The code by which it is claimed, for the partner to see; and its digest, by which it is found."""
    status = models.CharField(max_length=16, choices=choices(Status), default=SUBMITTED)
    """Its purchase's."""
    giver = SamePartnerKey(Giver, null=True, on_delete=models.PROTECT, related_name="certificates", db_index=False)
    claimed_at = models.DateTimeField(null=True)
    balance_minor = models.BigIntegerField(default=0)
    """The sum of its entries. Below 0 where money was taken back that had been spent."""
    held_minor = models.BigIntegerField(default=0)
    """What of it refunds of the purchase have set aside, whose outcome is not known yet."""
    issued_minor = models.BigIntegerField(default=0)
    spent_minor = models.BigIntegerField(default=0)
    expired_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    reversed_minor = models.BigIntegerField(default=0)
    """The sums of its entries by kind: see certificates.entries.SUMS."""
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="certificate_by_public_id"),
            models.UniqueConstraint(fields=["purchase", "partner"], name="one_certificate_per_purchase"),
            models.UniqueConstraint(fields=["code_lookup", "partner"], name="certificate_by_code"),
            models.CheckConstraint(
                condition=Q(
                    balance_minor=F("issued_minor")
                    - F("spent_minor")
                    - F("expired_minor")
                    - F("refunded_minor")
                    - F("reversed_minor")
                ),
                name="certificate_balance_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(spent_minor__gte=0, expired_minor__gte=0, held_minor__gte=0), name="certificate_sums_positive"
            ),
            models.CheckConstraint(
                condition=Q(giver=None, claimed_at=None) | Q(giver__isnull=False, claimed_at__isnull=False),
                name="claimed_certificate_has_giver",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="certificate_by_partner"),
            models.Index(fields=["partner", "status", "-id"], name="certificate_by_status"),
            models.Index(fields=["giver", "-id"], name="certificate_by_giver", condition=Q(giver__isnull=False)),
            models.Index(
                fields=["expires_at"], name="certificate_expiring", condition=Q(balance_minor__gt=0, expires_at__isnull=False)
            ),
            models.Index(
                fields=["currency", "partner", "balance_minor", "expires_at"],
                name="certificate_outstanding",
                condition=Q(balance_minor__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def code(self) -> str:
        """In clear, for its partner alone: never for a page, a log or an event. Raises UnreadableSecret."""
        return encryption.decrypt(self.code_encrypted)

    @property
    def free_minor(self) -> int:
        """What can be spent of it, if it has not expired."""
        return max(0, self.balance_minor - self.held_minor)


class CertificateEntry(OfPartner):
    """One line of a certificate's books: append-only. `delta_minor` is what it does to the balance."""

    certificate = SamePartnerKey(GiftCertificate, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=16, choices=choices(Kind))
    delta_minor = models.BigIntegerField()
    contribution = SamePartnerKey(Contribution, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """The gift that was paid by it, and of which this is the other side; None: the certificate's purchase, or its expiry."""
    refund = SamePartnerKey(Refund, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """The refund that it is the other side of."""
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(delta_minor=0), name="certificate_entry_moves"),
            models.CheckConstraint(
                condition=Q(contribution__isnull=False, kind__in=OF_GIFTS) | (Q(contribution=None) & ~Q(kind__in=OF_GIFTS)),
                name="certificate_entry_names_gift",
            ),
            models.UniqueConstraint(
                fields=["certificate", "contribution", "partner"], condition=Q(kind=Kind.SPENT), name="spent_once_for_a_gift"
            ),
            models.UniqueConstraint(
                fields=["certificate", "refund", "partner"],
                condition=Q(kind=Kind.GIVEN_BACK),
                name="given_back_once_for_a_refund",
            ),
        ]
        indexes = [
            models.Index(fields=["certificate", "id"], name="entry_by_certificate"),
            models.Index(fields=["contribution"], name="entry_by_gift", condition=Q(contribution__isnull=False)),
        ]
