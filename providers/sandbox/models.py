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
    will_be_reviewed = models.BooleanField(default=False)
    payment_id = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.checkout_id


class SandboxRequest(models.Model):
    """A money call that the simulator has answered: the same request id gets the same answer and no second effect."""

    request_id = models.CharField(max_length=64, unique=True)
    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.PROTECT, related_name="requests")
    operation = models.CharField(max_length=16)
    state_after = models.CharField(max_length=16)
