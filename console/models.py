"""What /readyz writes to prove that the database can be written."""

from django.db import models


class Readiness(models.Model):
    """One row, number 1.

    `canary_encrypted` is a text that is known, encrypted when the service was ready for the first time: keys that cannot read
    it cannot read what partners have stored since. It is encrypted anew with all other columns of such a name.
    """

    written_at = models.DateTimeField()
    canary_encrypted = models.TextField()
