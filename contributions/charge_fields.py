"""Columns of a checkout that is paid under a standing permission, without its giver."""

from django.db import models

from givers.models import Permission
from ownership import OfPartner, SamePartnerKey


class ChargeFields(OfPartner):
    """Under which permission it is paid, and what it takes of that."""

    permission = SamePartnerKey(Permission, null=True, on_delete=models.PROTECT, related_name="checkouts", db_index=False)
    """None: the giver pays at the provider's page."""
    permission_minor = models.BigIntegerField(null=True)
    """What it takes of its permission's MaximumTotal; None: nothing, or nothing any more since it came to nothing."""

    class Meta:
        abstract = True
