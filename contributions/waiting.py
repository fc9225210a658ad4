"""How many gifts have no outcome yet, by the provider that has to say it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from contributions.models import Contribution
from contributions.status import STILL_OPEN


@dataclass(frozen=True)
class Waiting:
    """So many gifts are like this. `provider`: empty where the giver has not picked one."""

    provider: str
    status: str
    reason: str
    number: int


def without_outcome() -> Iterator[Waiting]:
    """The most first."""
    gifts = Contribution.objects.filter(status__in=STILL_OPEN, checkout__due_at__isnull=False).order_by()
    rows = gifts.values_list("checkout__account__provider", "status", "status_reason").annotate(number=Count("pk"))
    for provider, status, reason, number in rows.order_by("-number", "checkout__account__provider", "status"):
        yield Waiting(provider or "", status, reason, number)
