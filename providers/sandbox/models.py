"""The simulator's own books: what a payment company would know, kept apart from what the service knows."""

from django.db import models

from leases import Leased


class SandboxPermission(models.Model):
    """What a giver was asked to agree to at the simulated provider, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open"
        ACTIVE = "active"
        DECLINED = "declined"
        REVOKED = "revoked"
        EXPIRED = "expired"

    setup_id = models.CharField(max_length=32, unique=True)
    asked_by_request = models.CharField(max_length=64, unique=True)
    provider = models.CharField(max_length=16)
    reference = models.CharField(max_length=64)
    brand = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    maximum_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField(null=True)
    ends_at = models.DateTimeField(null=True)
    return_url = models.CharField(max_length=2000)
    cancel_url = models.CharField(max_length=2000)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    token_encrypted = models.TextField(blank=True, default="")
    token_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    scenario = models.CharField(max_length=32, blank=True, default="")
    """What goes wrong with it, and with each gift that is paid under it: a name of providers/sandbox/scenarios.py."""
    trouble_made = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.setup_id


class SandboxCheckout(models.Model):
    """One payment at the simulated provider."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DECLINED = "declined"
        IN_REVIEW = "in_review"
        AUTHORIZED = "authorized"
        CAPTURED = "captured"
        VOIDED = "voided"
        DENIED = "denied"  # by the review: unlike a decline, the end of this checkout
        REVERSED = "reversed"

    checkout_id = models.CharField(max_length=32, unique=True)
    opened_by_request = models.CharField(max_length=64, unique=True)
    provider = models.CharField(max_length=16)
    reference = models.CharField(max_length=64)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payee_encrypted = models.TextField()
    capture_at_once = models.BooleanField()
    description = models.CharField(max_length=400)
    return_url = models.CharField(max_length=2000)
    cancel_url = models.CharField(max_length=2000)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    payment_id = models.CharField(max_length=32, blank=True, default="")
    held_until = models.DateTimeField(null=True)
    taken_minor = models.BigIntegerField(null=True)
    """What was taken, where that is a part."""
    lost_minor = models.BigIntegerField(default=0)
    """What disputes have taken of it, where that is a part: all of it is the state REVERSED."""
    scenario = models.CharField(max_length=32, blank=True, default="")
    """What goes wrong with it: a name of providers/sandbox/scenarios.py."""
    trouble_made = models.BooleanField(default=False)
    """The trouble that comes once has come."""
    will_be_reviewed = models.BooleanField(default=False)
    """The giver pressed the button for an outcome that is pending for a while."""
    permission = models.ForeignKey(SandboxPermission, null=True, on_delete=models.PROTECT, related_name="checkouts")
    """Under which it was paid without the giver."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.checkout_id


class SandboxRequest(models.Model):
    """A money call that was carried out: the same request id has no second effect, and is answered with how things stand."""

    request_id = models.CharField(max_length=64, unique=True)
    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.PROTECT, related_name="requests")
    operation = models.CharField(max_length=16)
    state_after = models.CharField(max_length=16)


class SandboxRefund(models.Model):
    """Money given back, at the service's request or in the simulated provider's own dashboard."""

    class State(models.TextChoices):
        PENDING = "pending"
        COMPLETED = "completed"
        FAILED = "failed"

    refund_id = models.CharField(max_length=32, unique=True)
    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.PROTECT, related_name="refunds")
    request_id = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=64, blank=True)
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=16, choices=State.choices)


class SandboxWebhook(Leased):
    """A webhook event that the simulated provider owes the service, and the deed that it tells of. Once it has arrived, or was
    given up, it is not due any more; `attempts` counts those in vain."""

    event_id = models.CharField(max_length=32)
    checkout = models.ForeignKey(SandboxCheckout, null=True, on_delete=models.PROTECT, related_name="webhooks")
    permission = models.ForeignKey(SandboxPermission, null=True, on_delete=models.PROTECT, related_name="webhooks")
    """What it is about: one of the two."""
    what = models.CharField(max_length=32)
    happened_at = models.DateTimeField(null=True)
    """When what it tells of was done: once, however often it is told."""
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="sandbox_webhook_due", condition=models.Q(due_at__isnull=False)),
        ]


class SandboxPayee(models.Model):
    """An account that the simulated provider made for somebody who was to be onboarded."""

    payee_id = models.CharField(max_length=32, unique=True)
    made_by_request = models.CharField(max_length=64, unique=True)
    provider = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="OnboardingNeeded")
    return_url = models.CharField(max_length=2000, blank=True, default="")

    def __str__(self) -> str:
        return self.payee_id
