"""Disputes that only a webhook names: kept, so that every later question about the payment asks for them too."""

import clock
from contributions.models import Contribution, Dispute


def remember(contribution: Contribution, provider_reference: str) -> None:
    """Keep the provider's id of a dispute. Told twice, kept once."""
    Dispute.objects.get_or_create(
        contribution=contribution, provider_reference=provider_reference, defaults={"heard_at": clock.now()}
    )


def known_of(contribution: Contribution) -> tuple[str, ...]:
    """The provider's ids of its disputes, the oldest first."""
    disputes = Dispute.objects.filter(contribution=contribution).order_by("id")
    return tuple(disputes.values_list("provider_reference", flat=True))
