"""Pledges: an amount every week or month, given under a giver's standing permission. Amounts are in minor units."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from contributions.models import Contribution
from givers.models import Giver, Permission
from goals.models import SavingGoal
from leases import Leased
from ownership import OfPartner, SamePartnerKey
from pledges.schedule import Every
from pledges.states import ACTIVE, PledgeState


class Pledge(OfPartner):
    """What a giver has promised to give again and again. It is changed by pledges/steps.py and pledges/changes.py alone."""

    public_id = models.CharField(max_length=32)
    goal = SamePartnerKey(SavingGoal, on_delete=models.PROTECT, related_name="pledges", db_index=False)
    giver = SamePartnerKey(Giver, on_delete=models.PROTECT, related_name="pledges", db_index=False)
    permission = SamePartnerKey(Permission, on_delete=models.PROTECT, related_name="pledges", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    every = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Every])
    start_date = models.DateField()
    """The first day, in the giver's zone."""
    end_date = models.DateField(null=True)
    """The last day on which a gift is begun; None: until the goal is reached."""
    zone_name = models.CharField(max_length=64)
    """The giver's zone, as IANA's time zone database calls it."""
    contributor = models.CharField(max_length=255)
    message = models.TextField(null=True)
    reference = models.CharField(max_length=255, blank=True, default="")
    is_anonymous = models.BooleanField(default=False)
    """What its gifts say of their giver."""
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in PledgeState], default=ACTIVE.value)
    state_reason = models.CharField(max_length=64, blank=True, default="")
    version = models.BigIntegerField(default=1)
    number = models.PositiveIntegerField(default=1)
    """Of the gift that is next, or whose outcome is waited for."""
    next_at = models.DateTimeField()
    """When that is due, or is tried again."""
    tries = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=64, blank=True, default="")
    """How often this gift has failed, when it first did, and why it last did."""
    tried_at = models.DateTimeField(null=True)
    """When the last gift was made, or tried again."""
    is_out = models.BooleanField(default=False)
    """The gift of this number is on its way: nothing else is begun before it has an outcome."""
    looks = models.PositiveIntegerField(default=0)
    """How often it was looked for that outcome."""
    gifts_made = models.PositiveIntegerField(default=0)
    gifts_skipped = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    """When the worker looks at it; None: there is nothing left to do."""
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="pledge_by_public_id"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="pledge_amount_positive"),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="pledge_by_partner"),
            models.Index(fields=["partner", "state", "-id"], name="pledge_by_state"),
            models.Index(fields=["goal", "-id"], name="pledge_by_goal"),
            models.Index(fields=["giver", "-id"], name="pledge_by_giver"),
            models.Index(fields=["due_at"], name="pledge_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def zone(self) -> ZoneInfo:
        """The giver's."""
        return ZoneInfo(self.zone_name)


class PledgedGift(OfPartner):
    """The one gift of a pledge's number, however often it was tried."""

    pledge = SamePartnerKey(Pledge, on_delete=models.PROTECT, related_name="gifts", db_index=False)
    number = models.PositiveIntegerField()
    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="pledged", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pledge", "number", "partner"], name="one_gift_per_number"),
            models.UniqueConstraint(fields=["contribution", "partner"], name="one_number_per_gift"),
        ]

    def __str__(self) -> str:
        return f"{self.pledge.public_id}/{self.number}"


class About(StrEnum):
    """What a giver is reminded of."""

    FIRST = "first"  # the first gift is about to be taken
    FAILED = "failed"  # a gift could not be taken


class Reminder(Leased, OfPartner):
    """A mail that is to go to a giver, once. Stored with what it tells of, only where mail is on and an address is known.

    What it says is made as it is sent, from how things stand then: nothing of it is kept.
    """

    pledge = SamePartnerKey(Pledge, on_delete=models.PROTECT, related_name="reminders", db_index=False)
    about = models.CharField(max_length=8, choices=[(one.value, one.value) for one in About])
    number = models.PositiveIntegerField()
    failed_tries = models.PositiveSmallIntegerField(default=0)
    """Of which gift, and after how many tries that had failed."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    """None, with nothing due: it was given up, or nobody needed it any more."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pledge", "about", "number", "failed_tries", "partner"], name="one_reminder_each")
        ]
        indexes = [models.Index(fields=["due_at"], name="reminder_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.pledge.public_id}/{self.about}/{self.number}"
