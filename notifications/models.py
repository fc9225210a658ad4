"""What partners are to be told, where, and what became of each try."""

from datetime import datetime

from django.db import models

import encryption
from ids import new_id
from leases import Leased
from ownership import OfPartner, RowOfPartner, SamePartnerKey
from partners.models import Partner


class EventSequence(RowOfPartner):
    """How many events a partner has had. Raised by the transaction that writes the event, and locked until it commits."""

    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, primary_key=True, related_name="event_sequence")
    last_position = models.BigIntegerField()


class Event(RowOfPartner):
    """Something that happened to a partner's record, as it was at that moment. No column ever changes.

    `position` counts a partner's events without gaps, in the order in which they were committed.
    """

    public_id = models.CharField(max_length=40)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="events", db_index=False)
    position = models.BigIntegerField()
    type = models.CharField(max_length=32)
    about = models.CharField(max_length=32, blank=True)
    """The Id of the contribution or the goal; empty for a test."""
    version = models.BigIntegerField(default=0)
    """The contribution's version that the event tells of; of a goal its activity."""
    content = models.TextField()
    """The contribution or the goal as GET showed it, as JSON."""
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "position"], name="one_event_per_position"),
            models.UniqueConstraint(fields=["public_id", "partner"], name="event_by_public_id"),
            models.UniqueConstraint(
                fields=["about", "version", "partner"], condition=~models.Q(about=""), name="one_event_per_change"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class WebhookEndpoint(RowOfPartner):
    """Where a partner listens, and what it wants to hear. `version` counts its changes."""

    class Format(models.TextChoices):
        JSON = "JSON"
        XML = "XML"

    public_id = models.CharField(max_length=32, default=new_id)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="webhook_endpoints")
    url = models.CharField(max_length=2000)
    event_types = models.TextField(blank=True, default="")
    """Separated by blanks; none: all of them."""
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.JSON)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    off_since = models.DateTimeField(null=True)
    """Since when nothing is sent there, because it answered 410."""
    failing_since = models.DateTimeField(null=True)
    """Since when every try has failed: such endpoints are served apart, so that the others need not wait for them."""
    removed_at = models.DateTimeField(null=True)
    """The row stays for what was sent there."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["public_id", "partner"], name="endpoint_by_public_id")]

    def __str__(self) -> str:
        return self.url

    def is_on(self) -> bool:
        """Whether anything is sent there at all."""
        return self.off_since is None and self.removed_at is None

    def wants(self, event_type: str) -> bool:
        """Whether events of this type are to be sent there."""
        return self.is_on() and (not self.event_types or event_type in self.event_types.split())

    def live_secrets(self, now: datetime) -> list[str]:
        """What a message is signed with, newest first: one, and more for a day after a rotation."""
        live = self.secrets.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now)).order_by("-pk")
        return [encryption.decrypt(one.secret_encrypted) for one in live]


class Delivery(Leased, OfPartner):
    """One event on its way to one endpoint. `attempts` counts every try, `step` those of the present round that failed."""

    class State(models.TextChoices):
        DUE = "Due"
        DELIVERED = "Delivered"
        GIVEN_UP = "GivenUp"

    event = SamePartnerKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    endpoint = SamePartnerKey(WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DUE)
    step = models.PositiveIntegerField(default=0)
    """A new round begins when it is asked for again."""

    class Meta:
        indexes = [
            models.Index(fields=["endpoint", "due_at"], name="delivery_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["endpoint", "event"], name="delivery_given_up", condition=models.Q(state="GivenUp")),
        ]
        constraints = [models.UniqueConstraint(fields=["event", "endpoint", "partner"], name="one_delivery_per_endpoint")]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


class DeliveryAttempt(OfPartner):
    """One try to tell a partner of one event, and how it ended."""

    event = SamePartnerKey(Event, on_delete=models.PROTECT, related_name="delivery_attempts")
    endpoint = SamePartnerKey(
        WebhookEndpoint, null=True, on_delete=models.PROTECT, related_name="delivery_attempts", db_index=False
    )
    """None: it was tried when a partner had one endpoint at most."""
    number = models.PositiveIntegerField()
    """Counted for each endpoint."""
    at = models.DateTimeField()
    seconds = models.FloatField()
    url = models.CharField(max_length=2000)
    answer = models.PositiveIntegerField(null=True)
    """The status code, where there was an answer."""
    failure = models.CharField(max_length=32, blank=True)
    """Why it does not count as delivered; empty where it does."""


class WebhookSecret(OfPartner):
    """A secret that an endpoint's messages are signed with, until it expires."""

    endpoint = SamePartnerKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="secrets")
    secret_encrypted = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
