"""Saving goals and who is paid for them."""

from django.db import models

import encryption
from partners.models import Partner


class CapturePolicy(models.TextChoices):
    """When money that a giver has approved is taken."""

    IMMEDIATE = "Immediate"
    ON_GOAL_REACHED = "OnGoalReached"
    MANUAL = "Manual"


class SavingGoal(models.Model):
    """What somebody saves for. Amounts are in minor units of `currency`.

    `version` counts the client's own edits; `activity` counts everything else that can be seen in the goal, so
    that version and activity together stand for the whole representation (its ETag) while a busy goal stays editable.
    """

    public_id = models.CharField(max_length=22, unique=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="goals")
    external_item_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    starting_minor = models.BigIntegerField(default=0)
    goal_minor = models.BigIntegerField()
    collected_minor = models.BigIntegerField(default=0)
    authorized_minor = models.BigIntegerField(default=0)
    ends_at = models.DateTimeField(null=True)
    ends_with_the_day = models.BooleanField(default=False)
    capture_policy = models.CharField(max_length=16, choices=CapturePolicy.choices, default=CapturePolicy.IMMEDIATE)
    confirmation_url = models.CharField(max_length=2000, blank=True, default="")
    cancel_url = models.CharField(max_length=2000, blank=True, default="")
    version = models.BigIntegerField(default=1)
    activity = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["partner", "-id"], name="goal_by_partner"),
            models.Index(fields=["partner", "external_item_id", "-id"], name="goal_by_external_item"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def current_minor(self) -> int:
        """StartingAmount plus everything settled, less everything given or taken back."""
        return self.starting_minor + self.collected_minor


class PaymentAccount(models.Model):
    """Who is paid at one provider. Never edited: new credentials are a new row, and a contribution keeps its own."""

    goal = models.ForeignKey(SavingGoal, on_delete=models.PROTECT, related_name="payment_accounts")
    provider = models.CharField(max_length=16)
    credentials_encrypted = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "provider"], condition=models.Q(retired_at=None), name="one_live_account_per_provider"
            )
        ]

    @property
    def credentials(self) -> str:
        """In clear, for the provider only: never for a representation, a page or a log."""
        return encryption.decrypt(self.credentials_encrypted)
