"""What is kept of requests: answers for clients that repeat one, and tokens that must not come twice."""

from django.db import models

from ownership import OfPartner, RowOfPartner
from partners.models import Partner


class IdempotencyKey(RowOfPartner):
    """A partner's own name for one intent, the record it was to make, and the first answer once there is one."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="idempotency_keys", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    record_id = models.CharField(max_length=32)
    """The public id of the record to be made, chosen before it is made: a second try goes on with the same one."""
    created_at = models.DateTimeField()
    running_until = models.DateTimeField(null=True)
    """None once answered; a process that dies leaves a moment after which another may go on."""
    answer_status = models.PositiveSmallIntegerField(null=True)
    answer_headers = models.JSONField(default=dict)
    answer_body = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "key"], name="one_row_per_idempotency_key")]
        indexes = [models.Index(fields=["partner", "created_at"], name="idempotency_key_by_age")]


class UsedToken(OfPartner):
    """A signed request that came: its token is no good again. Kept until the token would be too old anyway."""

    digest = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of the key's number and the claim `jti`."""
    expires_at = models.DateTimeField(db_index=True)
