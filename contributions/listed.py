"""Whose each row is, where a partner has a list across its goals, and indexes in the orders that it is read in."""

from django.db import models
from django.db.models import Q

from contributions.status import STILL_OPEN
from ownership import RowOfPartner
from partners.models import Partner


class Listed(RowOfPartner):
    """A row of a partner's. Its table has `created_at` and `settled_at` as well."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    """Its goal's: kept here too, since a list of 100,000 gifts of 10,000 goals is read in the order of this table."""

    class Meta:
        abstract = True


def of_contributions() -> list[models.Index]:
    """The indexes of a partner's contributions, and those of one goal's."""
    by_goal = models.Index(fields=["partner", "goal", "-id"], name="contribution_by_goal_newest")
    reserving = models.Index(fields=["goal"], name="contribution_reserving", condition=Q(reserved_until__isnull=False))
    by_status = models.Index(fields=["partner", "status", "-id"], name="contribution_by_status")
    by_reference = models.Index(fields=["partner", "reference", "-id"], name="contribution_by_reference")
    by_giver = models.Index(fields=["giver", "-id"], name="contribution_by_giver", condition=Q(giver__isnull=False))
    by_match = models.Index(fields=["partner", "match_of"], name="contribution_by_match", condition=Q(match_of__isnull=False))
    still_open = [
        models.Index(fields=["id"], name=f"contribution_{one.lower()}", condition=Q(status=one.value)) for one in STILL_OPEN
    ]
    return [by_goal, reserving, *still_open, by_status, by_reference, by_giver, by_match, *_in_each_order("contribution")]


def of_refunds() -> list[models.Index]:
    """The indexes of a partner's refunds."""
    due = models.Index(fields=["due_at"], name="refund_due", condition=Q(due_at__isnull=False))
    return [due, by_provider_id("refund"), *_in_each_order("refund")]


def _in_each_order(name: str) -> list[models.Index]:
    """By Id, by when it was made, and by when its money moved."""
    return [
        models.Index(fields=["partner", "-id"], name=f"{name}_by_partner"),
        models.Index(fields=["partner", "created_at", "id"], name=f"{name}_by_date"),
        models.Index(fields=["partner", "settled_at", "id"], name=f"{name}_by_settling", condition=Q(settled_at__isnull=False)),
    ]


def by_provider_id(name: str, column: str = "provider_reference") -> models.Index:
    """For whoever has nothing but the provider's id of something: see search.py."""
    return models.Index(fields=[column], name=f"{name}_by_provider_id")
