"""A rehearsal of going live: what was asked for, and the sheet that came of it."""

from django.db import models

from leases import Leased
from ownership import RowOfPartner
from partners.models import Partner


class Rehearsal(Leased, RowOfPartner):
    """Bad days, played once against what a partner in test has built. One at a time for each partner."""

    public_id = models.CharField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="rehearsals")
    confirmation_url = models.CharField(max_length=2000, blank=True, default="")
    cancel_url = models.CharField(max_length=2000, blank=True, default="")
    goal_id_shown = models.CharField(max_length=32, blank=True, default="")
    """The public id of the goal that was made for it."""
    checks = models.JSONField(default=list)
    """[name, passed (true, false, or null where it was only shown), detail], in the order in which they were played."""
    created_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner"], condition=models.Q(over_at=None), name="one_rehearsal_at_a_time_per_partner"
            ),
            models.UniqueConstraint(fields=["public_id", "partner"], name="rehearsal_by_public_id"),
        ]
        indexes = [models.Index(fields=["due_at"], name="rehearsal_due", condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return self.public_id
