"""A giver is erased: their pledges end, and what these say of who gives goes at once. Amounts and days stay.

The events of pledges say nothing of it (content.py); gifts that were made are erased as all gifts are.
"""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from contributions import giver_erasure, kept_answers
from contributions.models import Contribution
from contributions.redaction import PLACEHOLDER
from givers.models import Giver
from ownership import row_key
from partners import audit_log
from pledges import changes
from pledges.models import Pledge
from pledges.states import ENDED

log = logging.getLogger(__name__)

ERASED = {"contributor": PLACEHOLDER, "message": None, "reference": ""}


def begin(giver: Giver) -> None:
    """Erase the giver with all that is theirs. Raises PledgeChanged, PermissionChanged: sent again it goes on."""
    erase_all(changes.whole().filter(giver=giver))
    giver_erasure.begin(giver)
    erase_all(changes.whole().filter(giver=giver))  # who pledged meanwhile; from here on nobody can


def erase_all(pledges: Iterable[Pledge]) -> int:
    """End these pledges and erase them; returns how many said something still. Raises PledgeChanged."""
    return sum(_erase(one) for one in pledges)


def _erase(pledge: Pledge) -> bool:
    pledge = changes.end(pledge, "giver_erased") if pledge.state != ENDED else pledge
    with transaction.atomic():
        says = Pledge.objects.filter(**row_key(pledge)).exclude(contributor=PLACEHOLDER, message=None, reference="")
        if not says.update(**ERASED):
            return False
        answers = kept_answers.redact(pledge)
        audit_log.record("pledge.erased", pledge.public_id, partner_id=pledge.partner_id, after={"answers": answers})
    log.warning("pledge erased", extra={"pledge": pledge.public_id, "answers": answers})
    return True


def named_by(word: str, partner_name: str, gifts: Iterable[Contribution]) -> list[Pledge]:
    """The pledges that this word names, by their Id, and within a partner by the exact name or Reference; and those whose
    gifts these are. They would go on to name the giver."""
    made = {one.pledge_public_id for one in gifts if one.pledge_public_id}
    wanted = Q(public_id=word) | Q(public_id__in=made)
    if partner_name:
        wanted |= Q(partner__name=partner_name) & (Q(contributor=word) | Q(reference=word))
    return list(changes.whole().filter(wanted).order_by("pk"))
