"""What was imported from a partner's own lists: so that the same line counts once, however often its file comes."""

from django.db import models

from ownership import RowOfPartner
from partners.models import Partner


class ImportedLine(RowOfPartner):
    """One line that was stored. Of what it said only digests are kept: its giver can be erased, and it still counts once."""

    class Kind(models.TextChoices):
        GOAL = "goal"
        GIFT = "gift"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key_digest = models.CharField(max_length=64)
    """Of what tells the line apart: an ExternalItemId, a Reference."""
    line_digest = models.CharField(max_length=64, blank=True)
    """Of all that it said; empty once its giver is erased."""
    about = models.CharField(max_length=32)
    """The Id of what was made of it."""

    class Meta:
        app_label = "contributions"
        constraints = [models.UniqueConstraint(fields=["partner", "kind", "key_digest"], name="one_line_per_key")]
        indexes = [models.Index(fields=["about"], name="imported_line_by_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
