"""Disputes that only a webhook names: kept, so that every later question about the payment asks for them too."""

from typing import TYPE_CHECKING

from django.db import models

import clock
from contributions.listed import by_provider_id
from ownership import OfPartner, SamePartnerKey

if TYPE_CHECKING:
    from contributions.models import Contribution


class Dispute(OfPartner):
    """A dispute that a webhook has named. How it stands is never kept: the provider is asked each time."""

    contribution = SamePartnerKey("Contribution", on_delete=models.PROTECT, related_name="disputes", db_index=False)
    provider_reference = models.CharField(max_length=255)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "provider_reference", "partner"], name="one_dispute_per_reference")
        ]
        indexes = [by_provider_id("dispute")]


def remember(contribution: "Contribution", provider_reference: str) -> None:
    """Keep the provider's id of a dispute. Told twice, kept once."""
    Dispute.objects.get_or_create(
        contribution=contribution, provider_reference=provider_reference, defaults={"heard_at": clock.now()}
    )


def known_of(contribution: "Contribution") -> tuple[str, ...]:
    """The provider's ids of its disputes, the oldest first."""
    disputes = Dispute.objects.filter(contribution=contribution).order_by("id")
    return tuple(disputes.values_list("provider_reference", flat=True))
