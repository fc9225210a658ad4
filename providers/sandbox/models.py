"""The simulator's own books: what a payment company would know, kept apart from what the service knows."""

from django.db import models


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
    scenario = models.CharField(max_length=32, blank=True, default="")
    """What goes wrong with it: a name of providers/sandbox/scenarios.py."""
    trouble_made = models.BooleanField(default=False)
    """The trouble that comes once has come."""
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.checkout_id


class SandboxRequest(models.Model):
    """A money call that the simulator has answered: the same request id gets the same answer and no second effect."""

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


class SandboxReport(models.Model):
    """A webhook that the simulated provider owes the service."""

    report_id = models.CharField(max_length=32)
    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.PROTECT, related_name="reports")
    what = models.CharField(max_length=32)
    delivered_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
