"""Columns of a contribution: what its client says of it besides its amount and giver, and who kept what of its money."""

from django.db import models


class GiftFields(models.Model):
    """What a client may say of a gift, kept as it was said; and what became of the money taken in its current checkout."""

    giver_public_id = models.CharField(max_length=32, null=True)
    """The Id of the giver, where it is known: kept here too, so that no list has to read it from their rows."""
    pledge_public_id = models.CharField(max_length=32, null=True)
    """The Id of the pledge that made the gift; None: a giver did."""
    reference = models.CharField(max_length=255, blank=True, default="")
    """The client's own id of the gift."""
    memo = models.CharField(max_length=127, null=True)
    """What the provider is to show for the payment."""
    is_anonymous = models.BooleanField(default=False)
    """The giver's name is for the partner alone: no page of ours shows it."""
    confirmation_url = models.CharField(max_length=2000, blank=True, default="")
    cancel_url = models.CharField(max_length=2000, blank=True, default="")
    """Where the giver goes from us, in place of the goal's addresses; empty: there."""
    language = models.CharField(max_length=35, blank=True, default="")
    """The giver's, as a BCP 47 tag."""
    metadata = models.JSONField(default=list)
    """Pairs of a name and a value."""

    match_of = models.CharField(max_length=32, null=True)
    """The Id of the gift that a matcher has added this one to; None: nobody's match."""

    provider_reference = models.CharField(max_length=255, blank=True, default="")
    """The provider's id of the payment: of what is held, then of what was taken."""
    fee_minor = models.BigIntegerField(null=True)
    net_minor = models.BigIntegerField(null=True)
    platform_fee_minor = models.BigIntegerField(null=True)
    """What the provider kept, what the payee has of it, and what the operator kept; None where nobody has told. Sums of
    ledger entries: see contributions/shares.py."""
    settled_at = models.DateTimeField(null=True)
    """When the money was taken, first of all."""

    erased_at = models.DateTimeField(null=True)
    """When the person was erased from it (contributions/erasure.py); None: never."""

    class Meta:
        abstract = True
