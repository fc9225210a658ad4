"""What is kept of matching: how far each gift is matched by each matcher, and which gifts are to be looked at for it."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from contributions.causes import Cause
from contributions.entries import Entry
from contributions.status import TAKEN, Status
from goals.models import Matcher
from ownership import OfPartner, SamePartnerKey

if TYPE_CHECKING:
    from contributions.models import Contribution


class MatchedGift(OfPartner):
    """One gift and one matcher: what the matches rest on, and what they come to.

    Made by the gate as the gift is taken, for each matcher that the goal has at that moment; then written under the lock of the
    matcher's row.
    """

    gift = SamePartnerKey("contributions.Contribution", on_delete=models.PROTECT, related_name="matched_by", db_index=False)
    matcher = SamePartnerKey(Matcher, on_delete=models.PROTECT, related_name="gifts")
    kept_minor = models.BigIntegerField(default=0)
    """What was left of the gift when its matches were last brought to it."""
    matched_minor = models.BigIntegerField(default=0)
    """What is left of its matches."""

    class Meta:
        app_label = "contributions"
        constraints = [
            models.UniqueConstraint(fields=["gift", "matcher", "partner"], name="one_row_per_gift_and_matcher"),
            models.CheckConstraint(condition=Q(matched_minor__gte=0, kept_minor__gte=0), name="matched_gift_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.gift_id} by {self.matcher_id}"


class MatchDue(OfPartner):
    """Something was taken of this gift, or has gone back: its matches are to be brought to what is left of it.

    Written by the gate in the transaction of the move, and gone once that is done. Nobody changes such a row, so that the gate
    waits for nobody.
    """

    gift = SamePartnerKey("contributions.Contribution", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "contributions"

    def __str__(self) -> str:
        return str(self.gift_id)


def leave_word(contribution: "Contribution", came_from: Status, entry: Entry | None, cause: str, at: datetime) -> None:
    """After a move, in its transaction: have the gift's matches brought to what is left of it now (matching.py).

    The contribution's goal is as it is in the database, and locked: so a matcher is there for the whole of the gift, or not at
    all. What is imported was collected before anybody matched.
    """
    # invariant: a-match-is-not-matched
    if not contribution.goal.is_matched or contribution.match_of is not None:
        return
    counts, counted = contribution.status in TAKEN, came_from in TAKEN
    if counts and not counted and cause != Cause.IMPORT:
        live = Matcher.objects.filter(goal=contribution.goal, deleted_at=None).order_by("pk")
        MatchedGift.objects.bulk_create([MatchedGift(gift=contribution, matcher=one) for one in live])
    if counts != counted or (entry is not None and entry.collected_delta_minor):
        MatchDue.objects.create(gift=contribution, due_at=at)
