"""Contributions and the rows that prove what became of them. Amounts are in minor units of `currency`."""

from django.db import models

from contributions.status import CANCELED, FAILED, SETTLED, SUBMITTED, Status
from goals.models import CapturePolicy, PaymentAccount, SavingGoal


class Contribution(models.Model):
    """One gift to one goal. Its status is written by contributions/transitions.py and nowhere else."""

    public_id = models.CharField(max_length=22, unique=True)
    goal = models.ForeignKey(SavingGoal, on_delete=models.PROTECT, related_name="contributions")
    account = models.ForeignKey(PaymentAccount, null=True, on_delete=models.PROTECT, related_name="contributions")
    """Who is paid, and where; none for as long as the giver has not picked one of the goal's providers."""
    adapter = models.CharField(max_length=16, blank=True)
    """The key of the adapter that opened the checkout, and follows it up whatever is offered later."""
    capture_policy = models.CharField(max_length=16, choices=CapturePolicy.choices)
    """The goal's policy when the checkout was opened."""
    picked_at = models.DateTimeField(null=True)
    """When the giver picked the provider on our page; none: the client had named it, or nobody has picked yet."""

    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    contributor = models.CharField(max_length=255)
    message = models.TextField(null=True)
    created_at = models.DateTimeField()

    status = models.CharField(max_length=16, choices=Status.choices, default=SUBMITTED)
    status_reason = models.CharField(max_length=64, blank=True, default="")
    version = models.BigIntegerField(default=1)
    refunded_minor = models.BigIntegerField(default=0)

    refunds_reserved_minor = models.BigIntegerField(default=0)
    """What refunds that are done or on their way take together: never more than the amount, however many ask at once."""

    checkout_id = models.CharField(max_length=255, blank=True, default="", db_index=True)
    provider_url = models.CharField(max_length=2000, blank=True, default="")
    payment_reference = models.CharField(max_length=255, blank=True, default="")
    """The provider's id of the authorization or capture: what a refund or a void is asked for."""
    payee_id = models.CharField(max_length=64, blank=True, default="")
    """The provider's own id of the payee, where it told one as it opened the checkout."""
    authorization_expires_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    """When the client could first see it: the checkout was open, or had failed to open."""
    unwanted_since = models.DateTimeField(null=True)
    """Since when it is not wanted any more: nothing is taken for it from then on, and what arrives goes back."""
    unwanted_reason = models.CharField(max_length=64, blank=True, default="")
    capture_wanted_since = models.DateTimeField(null=True)
    """Since when the held money is to be taken: the client asked for it, or the goal was reached."""
    deleted_at = models.DateTimeField(null=True)

    lease_token = models.CharField(max_length=22, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """When to ask the provider next; none: there is nothing to find out."""
    attempts = models.PositiveIntegerField(default=0)

    was_asked_about = False
    """Whether whoever holds this instance has asked the provider; False: somebody else was at it. Not stored."""
    provider_was_silent = False
    """Whether the provider gave no answer when it was asked on behalf of whoever holds this instance. Not stored."""
    payer_action_url = ""
    """Where the giver can choose something else to pay with, after a decline that has just happened. Not stored."""
    waits_for_giver = ""
    """Why nothing is paid yet, where the provider has just said so: `open`, or the reason of a decline. Not stored."""
    may_have_been_paid = False
    """Whether the giver had approved and the provider did not answer the order to take or hold the money. Not stored."""

    class Meta:
        indexes = [
            models.Index(fields=["goal", "-id"], name="contribution_by_goal"),
            models.Index(fields=["due_at"], name="contribution_due", condition=models.Q(due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="a_gift_is_more_than_nothing"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_minor__gte=0,
                    refunded_minor__lte=models.F("refunds_reserved_minor"),
                    refunds_reserved_minor__lte=models.F("amount_minor"),
                ),
                name="never_more_given_back_than_given",
            ),
            models.CheckConstraint(
                condition=models.Q(account__isnull=False)
                | models.Q(adapter="", checkout_id="", payment_reference="", status__in=[SUBMITTED, FAILED, CANCELED]),
                name="nothing_is_paid_to_nobody",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def provider(self) -> str:
        """The provider's name as it is printed; empty until the giver has picked one."""
        return self.account.provider if self.account else ""

    @property
    def has_an_order_out(self) -> bool:
        """Whether the provider was told to take or hold the money and it is not written down yet whether it did."""
        orders = self.provider_requests.filter(operation__in=["capture", "authorize"], attempts__gt=0)
        if self.status == SUBMITTED:  # answered, and whoever heard the answer died before the move
            return orders.exclude(outcome=ProviderRequest.Outcome.REFUSED).exists()
        return orders.filter(outcome=ProviderRequest.Outcome.UNKNOWN).exists()

    @property
    def owes_back(self) -> bool:
        """Money was taken for it although it is not wanted, and no refund is on its way for all of it."""
        return (
            self.unwanted_since is not None
            and self.status in {SETTLED, CANCELED}
            and self.refunds_reserved_minor < self.amount_minor
            and self.ledger_entries.filter(kind=LedgerEntry.Kind.CAPTURE).exists()
        )


class StatusChange(models.Model):
    """One move of one contribution: the history, append-only, its versions without gaps."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="status_changes")
    version = models.BigIntegerField()
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    event = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contribution", "version"], name="one_change_per_version")]


class LedgerEntry(models.Model):
    """Money held, taken, let go or given back: append-only. A goal's totals are the sums of the two deltas."""

    class Kind(models.TextChoices):
        AUTHORIZATION = "authorization"
        CAPTURE = "capture"
        VOID = "void"
        REFUND = "refund"
        REVERSAL = "reversal"
        REVERSAL_WON = "reversal_won"

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="ledger_entries")
    goal = models.ForeignKey(SavingGoal, on_delete=models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    collected_delta_minor = models.BigIntegerField()
    authorized_delta_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(null=True)
    net_minor = models.BigIntegerField(null=True)
    """What the provider kept of a capture and what the payee got, where it says so."""
    refund = models.OneToOneField("Refund", null=True, on_delete=models.PROTECT, related_name="ledger_entry")
    provider_reference = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=255, blank=True)
    cause = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contribution"], condition=models.Q(kind="capture"), name="one_capture_per_contribution"
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="an_entry_is_more_than_nothing"),
        ]


class Refund(models.Model):
    """Money going back to the giver: asked for, then done, refused, or unknown for as long as the provider is silent."""

    class Status(models.TextChoices):
        PENDING = "Pending"
        COMPLETED = "Completed"
        FAILED = "Failed"

    public_id = models.CharField(max_length=22, unique=True)
    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    reason = models.TextField(null=True)
    """The client's own words."""
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    failure = models.CharField(max_length=64, blank=True, default="")
    cause = models.CharField(max_length=32)
    provider_reference = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()
    lease_token = models.CharField(max_length=22, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="refund_due", condition=models.Q(due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="a_refund_is_more_than_nothing"),
            models.UniqueConstraint(
                fields=["contribution", "provider_reference"],
                condition=~models.Q(provider_reference=""),
                name="a_providers_refund_is_counted_once",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Dispute(models.Model):
    """A dispute that a provider's report has named. How it stands is never kept: the provider is asked with every look."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="disputes")
    provider_reference = models.CharField(max_length=255)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contribution", "provider_reference"], name="a_dispute_is_kept_once"),
        ]


class ProviderRequest(models.Model):
    """One call to a provider that can move money: its request id is stored before the first try and kept for ever."""

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown"  # not sent yet, or no answer: ask again with the same request id
        ANSWERED = "answered"
        REFUSED = "refused"

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="provider_requests")
    operation = models.CharField(max_length=40)
    request_id = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.UNKNOWN)
    attempts = models.PositiveIntegerField(default=0)
    correlation_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "operation"],
                condition=~models.Q(outcome="refused"),
                name="one_living_request_per_operation",
            )
        ]
