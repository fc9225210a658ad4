"""Saving goals and who is paid for them."""

from django.db import models

import encryption
from ownership import OfPartner, RowOfPartner, SamePartnerKey
from partners.models import Partner
from providers.payees import PayeeState


class CapturePolicy(models.TextChoices):
    """When money that a giver has approved is taken."""

    IMMEDIATE = "Immediate"
    ON_GOAL_REACHED = "OnGoalReached"
    MANUAL = "Manual"


class Overfunding(models.TextChoices):
    """Whether gifts may take a goal beyond its GoalAmount."""

    ALLOWED = "Allowed"
    LAST_GIFT = "LastGift"
    NEVER = "Never"


class SavingGoal(RowOfPartner):
    """What somebody saves for. Amounts are in minor units of `currency`.

    `version` counts the client's own edits; `activity` counts everything else that can be seen in the goal, so
    that version and activity together stand for the whole representation (its ETag) while a busy goal stays editable.
    """

    public_id = models.CharField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="goals", db_index=False)
    external_item_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    starting_minor = models.BigIntegerField(default=0)
    goal_minor = models.BigIntegerField()
    collected_minor = models.BigIntegerField(default=0)
    authorized_minor = models.BigIntegerField(default=0)
    offline_minor = models.BigIntegerField(default=0, db_default=0)
    matched_minor = models.BigIntegerField(default=0, db_default=0)
    """What of `collected_minor` came in by hand, and what matchers have added: no money at any provider."""
    is_matched = models.BooleanField(default=False, db_default=False)
    """Whether it has, or has had, a matcher: whatever becomes of a gift is then looked at for its matches too."""
    certificates_of = SamePartnerKey("Payee", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    """The payee to whom gift certificates are paid here. Such a goal is the service's own: no client sees it."""
    ends_at = models.DateTimeField(null=True)
    ends_with_the_day = models.BooleanField(default=False)
    end_told = models.BooleanField(default=False)
    """Whether the partner has been told that EndDate has passed."""
    capture_policy = models.CharField(max_length=16, choices=CapturePolicy.choices, default=CapturePolicy.IMMEDIATE)
    confirmation_url = models.CharField(max_length=2000, blank=True, default="")
    cancel_url = models.CharField(max_length=2000, blank=True, default="")
    overfunding = models.CharField(max_length=8, choices=Overfunding.choices, default=Overfunding.ALLOWED)
    minimum_minor = models.BigIntegerField(null=True)
    maximum_minor = models.BigIntegerField(null=True)
    """What a gift is at least and at most."""
    suggested_minor = models.JSONField(default=list)
    description = models.TextField(null=True)
    image_url = models.CharField(max_length=2000, blank=True, default="")
    metadata = models.JSONField(default=list)
    """The client's own: pairs of name and value, in the order in which they were given."""
    closed_at = models.DateTimeField(null=True)
    """When the client closed it; None while it is open, or open again."""
    version = models.BigIntegerField(default=1)
    activity = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="goal_by_public_id"),
            models.UniqueConstraint(
                fields=["certificates_of", "currency", "partner"],
                condition=models.Q(certificates_of__isnull=False),
                name="one_goal_of_certificates",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="goal_by_partner"),
            models.Index(fields=["partner", "external_item_id", "-id"], name="goal_by_external_item"),
            models.Index(fields=["id"], name="goal_with_money_held", condition=models.Q(authorized_minor__gt=0)),
            models.Index(
                fields=["ends_at"], name="goal_end_to_be_told", condition=models.Q(end_told=False, ends_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def current_minor(self) -> int:
        """StartingAmount plus everything settled, less everything given or taken back."""
        return self.starting_minor + self.collected_minor


class WithCredentials(models.Model):
    """A record that says, encrypted, by what somebody is known at a provider."""

    credentials_encrypted = models.TextField()

    class Meta:
        abstract = True

    @property
    def credentials(self) -> str:
        """In clear, for the provider only: never for a representation, a page or a log. Empty where there are none yet.

        Raises UnreadableSecret.
        """
        return encryption.decrypt(self.credentials_encrypted) if self.credentials_encrypted else ""

    @property
    def readable_credentials(self) -> str | None:
        """The same; None where nobody can read them any more: then they can only be replaced."""
        try:
            return self.credentials
        except encryption.UnreadableSecret:
            return None


class Payee(WithCredentials, RowOfPartner):
    """Somebody who can be paid, kept once and used by many goals: the PaymentAccount of the API.

    `version` counts the client's edits, `activity` what the provider was heard to say: together they stand for the
    representation, as with a goal.
    """

    public_id = models.CharField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="payees", db_index=False)
    provider = models.CharField(max_length=16)
    credentials_encrypted = models.TextField(blank=True, default="")
    """Empty while the provider has not made an account for them."""
    lookup = models.CharField(max_length=64, blank=True, default="")
    """A keyed digest of the credentials, by which a webhook that names them finds the payee."""
    state = models.CharField(
        max_length=16, choices=[(one.value, one.value) for one in PayeeState], default=PayeeState.UNCHECKED.value
    )
    state_reason = models.CharField(max_length=64, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    """Under which the provider is asked to make an account; stored before, and good until there is an answer."""
    links = models.IntegerField(default=0)
    """How many onboarding links were asked for."""
    version = models.BigIntegerField(default=1)
    activity = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """When the worker asks the provider next."""
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["public_id", "partner"], name="payee_by_public_id")]
        indexes = [
            models.Index(fields=["partner", "-id"], name="payee_by_partner"),
            models.Index(fields=["lookup"], name="payee_by_credentials"),
            models.Index(fields=["due_at"], name="payee_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.public_id


class PaymentAccount(WithCredentials, OfPartner):
    """Who is paid at one provider. Never edited: new credentials are a new row, and a contribution keeps its own."""

    goal = SamePartnerKey(SavingGoal, on_delete=models.PROTECT, related_name="payment_accounts")
    provider = models.CharField(max_length=16)
    payee = SamePartnerKey(Payee, null=True, on_delete=models.PROTECT, related_name="accounts")
    """Whose credentials these were when the row was made."""
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "provider", "partner"],
                condition=models.Q(retired_at=None),
                name="one_live_account_per_provider",
            )
        ]


class Matcher(RowOfPartner):
    """Somebody who adds so many percent to each gift of a goal, until they have added `maximum_minor`.

    Never edited. `version` rises with whatever can be seen to move in it.
    """

    public_id = models.CharField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="matchers", db_index=False)
    goal = SamePartnerKey(SavingGoal, on_delete=models.PROTECT, related_name="matchers")
    account = SamePartnerKey(PaymentAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    """What its gifts are paid to, so that they are known: retired from the start, so that nobody else's are."""
    name = models.CharField(max_length=255)
    percent = models.PositiveSmallIntegerField()
    maximum_minor = models.BigIntegerField()
    matched_minor = models.BigIntegerField(default=0)
    """What it has added and not taken back, in minor units of the goal's currency: never more than its maximum."""
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="matcher_by_public_id"),
            models.CheckConstraint(condition=models.Q(percent__gte=1, percent__lte=100), name="matcher_percent_within_100"),
            models.CheckConstraint(
                condition=models.Q(matched_minor__gte=0, matched_minor__lte=models.F("maximum_minor")),
                name="matcher_within_maximum",
            ),
        ]
        indexes = [models.Index(fields=["deleted_at"], name="matcher_ended", condition=models.Q(deleted_at__isnull=False))]

    def __str__(self) -> str:
        return self.public_id
