"""What waits for a person: the table of contributions/attention.py."""

from django.db import models

from ownership import OfPartner


class Attention(OfPartner):
    """Something that waits for a person: see attention.py. `about` is the public id of the contribution."""

    kind = models.CharField(max_length=32)
    about = models.CharField(max_length=64)
    detail = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "about", "partner"], name="one_attention_per_kind_and_record")]
