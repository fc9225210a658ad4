"""Work that is done once a day, by whichever worker comes first."""

from django.db import models

from leases import Leased


class DailyWork(Leased):
    """One kind of it. `due_at` is the next day's; `told` is what came of it the last time, in a sentence."""

    name = models.CharField(max_length=32, unique=True)
    told = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
