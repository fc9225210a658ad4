"""The worker's round: follow up whatever is open and due."""

import logging
from collections.abc import Iterator

from django.utils import timezone

from contributions.checkout import Cause, follow_up
from contributions.models import Contribution

log = logging.getLogger(__name__)
BATCH = 100


def follow_up_all(*, whether_due_or_not: bool = False) -> int:
    """Ask about every contribution whose time has come, each once; returns how many there were.

    `whether_due_or_not` sets the pacing aside: everything that is open is asked about.
    One that goes wrong is logged and does not keep the others waiting.
    """
    number = 0
    for contribution in _open_ones(whether_due_or_not):
        number += 1
        try:
            follow_up(contribution, cause=Cause.WORKER)
        except Exception:  # the next one must not pay for it; its claim was given back and it is asked about again
            log.exception("follow-up failed", extra={"contribution": contribution.public_id})
    return number


def _open_ones(whether_due_or_not: bool) -> Iterator[Contribution]:
    started_at, last_pk = timezone.now(), 0
    while True:
        due = Contribution.objects.filter(follow_up_at__isnull=False, pk__gt=last_pk)
        if not whether_due_or_not:
            due = due.filter(follow_up_at__lte=started_at)
        batch = list(due.order_by("pk")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last_pk = batch[-1].pk
