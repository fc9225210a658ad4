"""Partners, their keys, and where they may send givers back to."""

from django.db import models

import ids


class Partner(models.Model):
    """A site that calls our API, live or in test. `name` is public: it is every record's RecordOwner.

    A partner that does both has two rows of the same name. Whatever belongs to a partner (keys, goals, payees, events and
    their positions, webhook endpoints, idempotency keys) belongs to one of the two, so nothing of test is ever among live.
    """

    name = models.CharField(max_length=255)
    is_test = models.BooleanField(default=False)
    """No real money moves for any of its records: they are paid at a provider's test environment, or at the simulator."""
    created_at = models.DateTimeField(auto_now_add=True)
    fee_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    fee_fixed = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    """The operator's fee on its gifts, where another was agreed than PLATFORM_FEE_PERCENT and PLATFORM_FEE_FIXED."""
    redirect_secret_encrypted = models.TextField(blank=True, default="")
    """What the addresses that its givers are sent back to are signed with; empty: they are not. See redirect_secrets.py."""
    redirect_secret_version = models.BigIntegerField(default=0)
    """How many it has had: a new one after a deletion goes on counting."""
    redirect_secret_at = models.DateTimeField(null=True)
    providers_off = models.CharField(max_length=255, blank=True, default="")
    """Names of providers at which no new checkout is opened for it, separated by blanks: the operator's switch."""

    requests_per_minute = models.PositiveIntegerField(null=True)
    """How many requests may be made with each of its keys, where another number than RATE_LIMIT_KEY holds; 0: any."""
    networks = models.TextField(blank=True, default="", db_default="")
    """Where its requests may come from: networks with blanks between them (partners/networks.py); empty: anywhere."""
    signed_only = models.BooleanField(default=False, db_default=False)
    """Plain keys are refused: each of its requests is signed (api/signed_requests.py)."""
    tag = models.CharField(max_length=ids.TAG_LETTERS, null=True, default=ids.new_tag)
    """What its records' ids may end with (tags.py); it never changes."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "is_test"], name="one_partner_per_name_and_mode"),
            models.UniqueConstraint(fields=["tag"], name="one_partner_per_tag"),
        ]

    def __str__(self) -> str:
        return self.name


class RedirectHost(models.Model):
    """A host (`shop.example` or `shop.example:8443`) that a partner's URLs may name; none at all: any host."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="redirect_hosts", db_index=False)
    host = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "host"], name="one_row_per_redirect_host")]


class ApiKey(models.Model):
    """A key as we keep it: what it starts with, to name it, and its SHA-256, to recognise it."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="api_keys")
    prefix = models.CharField(max_length=16, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100, blank=True, default="")
    """What the operator calls it, such as where it is used."""
    created_at = models.DateTimeField(auto_now_add=True)
    scopes = models.CharField(max_length=64, default="read write refund", db_default="read write refund")
    """What may be done with it: names of partners/scopes.py, with blanks between them."""
    last_used_at = models.DateTimeField(null=True, blank=True)
    """To within LAST_USE_WITHIN (partners/keys.py)."""
    algorithm = models.CharField(max_length=8, blank=True, default="", db_default="")
    """HS256 or EdDSA for a key that signs requests (partners/signing.py), whose name is `prefix`; empty: a plain key."""
    verifier_encrypted = models.TextField(blank=True, default="", db_default="")
    """What its signatures are checked with."""
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"


NOBODY = 0
"""What stands in the place of a partner's number in an audit entry that is about none: a key of a table cannot be empty."""


class AuditEntry(models.Model):
    """Who changed what of keys, payees, addresses, settings and money: append-only, as the ledger is. See audit_log.py."""

    class ActorKind(models.TextChoices):
        KEY = "key"  # a partner's request; `actor` is the beginning of its key
        OPERATOR = "operator"  # `actor` is the account on the machine and the command
        SERVICE = "service"  # nobody's request: the worker, or what a provider or a giver has caused

    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=255, blank=True)
    """Where it came from: the client's network address, or the operator's machine."""
    request_id = models.CharField(max_length=128, blank=True)
    action = models.CharField(max_length=64)
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    """NOBODY where it is about no partner; empty in rows that processes of the release before are writing."""
    about = models.CharField(max_length=255, db_index=True)
    """The id of the record, or the beginning of the key."""
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    """What has changed, with fingerprints in the place of secrets; None: there was nothing, or there is nothing any more."""

    def __str__(self) -> str:
        return f"{self.action} {self.about}"
