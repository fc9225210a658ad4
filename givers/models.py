"""Givers whom a partner knows again, and what they have agreed to once and for all. Amounts are in minor units."""

from django.db import models
from django.db.models import Q

import encryption
from givers.states import PermissionState
from leases import Leased
from ownership import OfPartner, RowOfPartner, SamePartnerKey
from partners.models import Partner
from providers import registry


class Giver(RowOfPartner):
    """Somebody who gives, as a partner knows them: by its own id. An erased one stays for the gifts that hang on it."""

    public_id = models.CharField(max_length=32)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="givers", db_index=False)
    external_id = models.CharField(max_length=255)
    """The partner's own id of the giver: no two of its live, or of its test givers have the same."""
    name = models.CharField(max_length=255, null=True)
    email_encrypted = models.TextField(blank=True, default="")
    pin_encrypted = models.TextField(blank=True, default="")
    """The hash of the PIN, encrypted, since so few digits are soon guessed from a hash alone; empty where there is none."""
    pin_tries = models.PositiveIntegerField(default=0)
    """Tries since the last right one, counted before each is looked at."""
    pin_locked_until = models.DateTimeField(null=True)
    page_number = models.PositiveIntegerField(default=1)
    """How many private pages the giver has had: the link to the page names it, so that an older link is over."""
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    """When the person was erased; None: never."""
    due_at = models.DateTimeField(null=True)
    """When the worker goes on with erasing them."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="giver_by_public_id"),
            models.UniqueConstraint(
                fields=["external_id", "partner"], condition=Q(erased_at=None), name="one_giver_per_external_id"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="giver_by_partner"),
            models.Index(fields=["due_at"], name="giver_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def email(self) -> str:
        """In clear, never for a representation, a page or a log. Empty where there is none. Raises UnreadableSecret."""
        return encryption.decrypt(self.email_encrypted) if self.email_encrypted else ""

    @property
    def has_pin(self) -> bool:
        """Whether a PIN is asked for where the giver's permissions are used."""
        return bool(self.pin_encrypted)


class Permission(Leased, OfPartner):
    """What a giver has agreed to at one provider: gifts without being asked each time, up to limits.

    Its state is written by givers/transitions.py and nowhere else.
    """

    public_id = models.CharField(max_length=32)
    giver = SamePartnerKey(Giver, on_delete=models.PROTECT, related_name="permissions", db_index=False)
    provider = models.CharField(max_length=16)
    adapter = models.CharField(max_length=16)
    """The key of the adapter that asks for it, and is asked about it whatever is offered later."""
    currency = models.CharField(max_length=3)
    maximum_minor = models.BigIntegerField()
    """What one gift is at most."""
    total_minor = models.BigIntegerField(null=True)
    """What all of them together are at most; None: no limit."""
    used_minor = models.BigIntegerField(default=0)
    """What gifts under it have taken or hold, and what those may take whose outcome is not known yet."""
    ends_at = models.DateTimeField(null=True)
    ends_with_the_day = models.BooleanField(default=False)
    confirmation_url = models.CharField(max_length=2000, blank=True, default="")
    cancel_url = models.CharField(max_length=2000, blank=True, default="")
    """Where the giver goes from us who has agreed, or has not."""
    state = models.CharField(
        max_length=16, choices=[(one.value, one.value) for one in PermissionState], default=PermissionState.REQUESTED.value
    )
    state_reason = models.CharField(max_length=64, blank=True, default="")
    version = models.BigIntegerField(default=1)
    request_id = models.CharField(max_length=64)
    """Under which the provider is asked to set it up; stored before, and good until the provider has refused."""
    setups = models.PositiveSmallIntegerField(default=1)
    """How often it was begun to be set up: a provider's page does not live for as long as ours."""
    setup_id = models.CharField(max_length=255, blank=True, default="")
    """The provider's id of what the giver is to agree to; empty before the provider has answered."""
    url = models.CharField(max_length=2000, blank=True, default="")
    """The provider's page where the giver agrees."""
    token_encrypted = models.TextField(blank=True, default="")
    """What the provider takes in the place of the giver, once they have agreed."""
    lookup = models.CharField(max_length=64, blank=True, default="")
    """A keyed digest of the token, by which a webhook that names it finds the permission."""
    created_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was revoked or has expired."""
    told_at = models.DateTimeField(null=True)
    """When the provider has confirmed that it takes the token no more; None as long as it may."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id", "partner"], name="permission_by_public_id"),
            models.CheckConstraint(condition=Q(maximum_minor__gt=0), name="permission_maximum_positive"),
            models.CheckConstraint(condition=Q(used_minor__gte=0), name="permission_used_not_negative"),
            models.CheckConstraint(
                condition=~Q(state=PermissionState.ACTIVE.value) | ~Q(token_encrypted=""), name="active_permission_has_token"
            ),
        ]
        indexes = [
            models.Index(fields=["giver", "-id"], name="permission_by_giver"),
            models.Index(fields=["due_at"], name="permission_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["setup_id"], name="permission_by_setup"),
            models.Index(fields=["lookup"], name="permission_by_token"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def token(self) -> str:
        """In clear, for the provider only. Empty where there is none. Raises UnreadableSecret."""
        return encryption.decrypt(self.token_encrypted) if self.token_encrypted else ""

    @property
    def host(self) -> str:
        """Whose servers are asked about it: see providers.registry.host_of."""
        return registry.host_of(self.adapter, self.provider)
