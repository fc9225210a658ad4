"""Contributions, the attempts to pay them, and the rows that prove what became of them. Amounts are in minor units."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from contributions import running as running  # its tables are of this app too
from contributions.charge_fields import ChargeFields
from contributions.daily import DailyWork as DailyWork
from contributions.disputes import Dispute as Dispute
from contributions.entries import Kind
from contributions.for_a_person import Attention as Attention
from contributions.gift_fields import GiftFields
from contributions.imported import ImportedLine as ImportedLine
from contributions.listed import Listed, by_provider_id, of_contributions, of_refunds
from contributions.matched import MatchDue as MatchDue
from contributions.matched import MatchedGift as MatchedGift
from contributions.status import MAY_BE_PAID, SUBMITTED, Intent, Stage, Status, choices
from givers.models import Giver
from goals.models import CapturePolicy, PaymentAccount, SavingGoal
from leases import Leased
from ownership import OfPartner, SamePartnerKey, SamePartnerOneToOne
from providers import registry


class Contributions(models.QuerySet["Contribution"]):
    """Rows of Contribution."""

    def whole(self) -> "Contributions":
        """With its goal, its current checkout and who is paid by that: what nearly everybody needs."""
        return self.select_related("goal__partner", "checkout__account")


class Contribution(GiftFields, Listed):
    """The promise: one gift to one goal. Its status is written by contributions/transitions.py and nowhere else."""

    public_id = models.CharField(max_length=32)
    goal = SamePartnerKey(SavingGoal, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    giver = SamePartnerKey(Giver, null=True, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    contributor = models.CharField(max_length=255)
    message = models.TextField(null=True)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=16, choices=choices(Status), default=SUBMITTED)
    status_reason = models.CharField(max_length=64, blank=True, default="")
    """For partners and people: nothing is decided by it."""
    version = models.BigIntegerField(default=1)
    intent = models.CharField(max_length=8, choices=choices(Intent), default=Intent.COLLECT)
    intent_reason = models.CharField(max_length=64, blank=True, default="")
    """Why it is to be released; the StatusReason once it is."""
    settled_minor = models.BigIntegerField(null=True)
    reversed_minor = models.BigIntegerField(default=0)
    """What was really taken in its current checkout, None while nothing was; and what disputes have taken back of that."""
    refunded_minor = models.BigIntegerField(default=0)
    refunds_reserved_minor = models.BigIntegerField(default=0)
    """What refunds that are done or on their way take together: never more than was taken, however many ask at once."""
    check_asked_at = models.DateTimeField(null=True)
    reserved_until = models.DateTimeField(null=True)
    """Until when its amount counts as given where its goal limits gifts; None where it is paid, or nobody is paying it."""

    checkout = SamePartnerOneToOne("Checkout", null=True, on_delete=models.PROTECT, related_name="current_of", db_index=False)
    """The current attempt to pay it. Only inside the transaction that makes a contribution there is none."""

    objects = Contributions.as_manager()

    class Meta:
        indexes = of_contributions()
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="contribution_amount_positive"),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("refunds_reserved_minor"),
                    refunds_reserved_minor__lte=F("amount_minor"),
                ),
                name="contribution_refunds_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(reversed_minor__gte=0, reversed_minor__lte=F("amount_minor") - F("refunds_reserved_minor")),
                name="contribution_reversed_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(settled_minor=None) | Q(settled_minor__gt=0, settled_minor__lte=F("amount_minor")),
                name="contribution_settled_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(checkout__isnull=False) | Q(status__in=MAY_BE_PAID), name="paid_contribution_has_checkout"
            ),
            models.UniqueConstraint(fields=["public_id", "partner"], name="contribution_by_public_id"),
            models.UniqueConstraint(fields=["checkout", "partner"], name="one_contribution_per_checkout"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def current_checkout(self) -> "Checkout":
        """The current checkout."""
        if self.checkout is None:
            raise RuntimeError(f"contribution {self.public_id} has no checkout")
        return self.checkout

    @property
    def left_minor(self) -> int:
        """What was taken and neither goes back to the giver nor was taken back in a dispute."""
        return (self.settled_minor or 0) - self.refunds_reserved_minor - self.reversed_minor

    @property
    def provider(self) -> str:
        """The provider's name as it is printed; empty until one is picked."""
        account = self.checkout.account if self.checkout else None
        return account.provider if account else ""

    @property
    def pay_url(self) -> str:
        """Where its giver pays, sees how it stands, or tries again: good for its whole life."""
        return f"{settings.PUBLIC_BASE_URL}/pay/{self.public_id}"


class Checkout(Leased, ChargeFields):
    """One attempt to pay a contribution at one provider. Its contribution points to the current one; all others are over."""

    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="checkouts", db_index=False)
    number = models.PositiveSmallIntegerField(default=1)
    """1 for a contribution's first checkout. Requests, entries and refunds name their checkout by it."""
    account = SamePartnerKey(PaymentAccount, null=True, on_delete=models.PROTECT, related_name="checkouts")
    """Who is paid, and where; none for as long as the giver has not picked one of the goal's providers."""
    adapter = models.CharField(max_length=16, blank=True, default="")
    """The key of the adapter that opens the checkout, and is asked about it whatever is offered later."""
    capture_policy = models.CharField(max_length=16, choices=CapturePolicy.choices)
    """The goal's policy when the checkout was made."""
    stage = models.CharField(max_length=8, choices=choices(Stage), default=Stage.RECORDED)
    provider_checkout_id = models.CharField(max_length=255, blank=True, default="", db_index=True)
    """The provider's id of it; empty before it is open, or before the giver has come to where it comes into being."""
    url = models.CharField(max_length=2000, blank=True, default="")
    """Where the giver pays, at the provider's or on a page of ours."""
    payment_reference = models.CharField(max_length=255, blank=True, default="", db_index=True)
    """The provider's id of the authorization or capture: what a refund or a void is asked for."""
    platform_fee_minor = models.BigIntegerField(default=0)
    """What the operator asks the provider to keep for it: computed once, when the checkout was recorded."""
    payee_id = models.CharField(max_length=64, blank=True, default="")
    """The provider's own id of the payee, where it told one as it opened the checkout."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    """When nobody can pay in it any more, where the provider says so."""
    hold_expires_at = models.DateTimeField(null=True)
    seen_held_at = models.DateTimeField(null=True)
    """When what is held lapses by itself, and when the provider last said that it is held."""
    for_a_person = models.CharField(max_length=32, blank=True, default="")
    """The kind of attention that its last answer asks for."""

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="checkout_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["permission"], name="checkout_by_permission", condition=Q(permission__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "number", "partner"], name="one_checkout_per_number"),
            models.CheckConstraint(
                condition=Q(account__isnull=False)
                | Q(adapter="", provider_checkout_id="", payment_reference="", stage__in=[Stage.RECORDED, Stage.OVER]),
                name="open_checkout_has_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution.public_id}/{self.number}"

    @property
    def provider(self) -> str:
        """The provider's name as it is printed; empty until one is picked."""
        return self.account.provider if self.account else ""

    @property
    def host(self) -> str:
        """Whose servers are asked about it: see providers.registry.host_of; empty until a provider is picked."""
        return registry.host_of(self.adapter, self.provider) if self.adapter else ""


class StatusChange(OfPartner):
    """One change of one contribution: the history, append-only, its versions without gaps."""

    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="status_changes", db_index=False)
    version = models.BigIntegerField()
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    event = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contribution", "version", "partner"], name="one_change_per_version")]


class LedgerEntry(OfPartner):
    """Money held, taken, let go or given back: append-only. A goal's totals are the sums of the two deltas."""

    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="ledger_entries")
    goal = SamePartnerKey(SavingGoal, on_delete=models.PROTECT, related_name="ledger_entries")
    checkout_number = models.PositiveSmallIntegerField(default=1)
    """The number of the checkout in which the money moved."""
    kind = models.CharField(max_length=16, choices=choices(Kind))
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    collected_delta_minor = models.BigIntegerField()
    authorized_delta_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(null=True)
    net_minor = models.BigIntegerField(null=True)
    platform_fee_minor = models.BigIntegerField(null=True)
    """Of a capture: who kept what of it. Of a refund: what provider and operator gave back of theirs. Where it is told."""
    refund = SamePartnerKey("Refund", null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    provider_reference = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=255, blank=True)
    cause = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "checkout_number", "partner"],
                condition=Q(kind=Kind.CAPTURE),
                name="one_capture_per_checkout",
            ),
            models.UniqueConstraint(fields=["refund", "partner"], condition=Q(kind=Kind.REFUND), name="one_entry_per_refund"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="ledger_entry_amount_positive"),
        ]
        indexes = [by_provider_id("ledger_entry")]


class Refund(Leased, Listed):
    """Money going back to the giver: asked for, then done, refused, or unknown for as long as the provider is silent."""

    class Status(models.TextChoices):
        PENDING = "Pending"
        COMPLETED = "Completed"
        FAILED = "Failed"

    public_id = models.CharField(max_length=32)
    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="refunds")
    checkout_number = models.PositiveSmallIntegerField(default=1)
    """The number of the checkout whose money goes back."""
    amount_minor = models.BigIntegerField()
    platform_fee_minor = models.BigIntegerField(default=0)
    """What the operator gives back of its fee with it: settled when it was asked for."""
    is_of_the_rest = models.BooleanField(default=False)  # nobody named an amount: all that is left
    reason = models.TextField(null=True)  # the client's own words
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    failure = models.CharField(max_length=64, blank=True, default="")
    cause = models.CharField(max_length=32)
    provider_reference = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)  # by its ledger entry; none where it was undone

    class Meta:
        indexes = of_refunds()
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(fields=["public_id", "partner"], name="refund_by_public_id"),
            models.UniqueConstraint(
                fields=["contribution", "provider_reference", "partner"],
                condition=~Q(provider_reference=""),
                name="one_refund_per_provider_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class ProviderRequest(OfPartner):
    """One call to a provider that can move money: its request id is stored before the first try and kept for ever."""

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown"  # not sent yet, or no answer: ask again with the same request id
        ANSWERED = "answered"
        REFUSED = "refused"

    contribution = SamePartnerKey(Contribution, on_delete=models.PROTECT, related_name="provider_requests")
    checkout_number = models.PositiveSmallIntegerField(default=1)
    """The number of the checkout it is about."""
    operation = models.CharField(max_length=40)
    request_id = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.UNKNOWN)
    attempts = models.PositiveIntegerField(default=0)
    correlation_id = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "checkout_number", "operation", "partner"],
                condition=~Q(outcome="refused"),
                name="one_live_request_per_operation",
            ),
            models.UniqueConstraint(fields=["request_id", "partner"], name="one_request_per_id"),
        ]
        indexes = [by_provider_id("request", "correlation_id")]
