"""What persons have typed of a certificate is erased; its money stays."""

from certificates.models import GiftCertificate
from contributions.models import Contribution
from contributions.redaction import PLACEHOLDER
from givers.models import Giver


def erase(purchase: Contribution, elements: frozenset[str]) -> int:
    """The recipient's name goes with who gave, the message with what was said; returns how many values that were.

    The purchase is locked first, as everywhere.
    """
    Contribution.objects.select_for_update(no_key=True).get(pk=purchase.pk, partner_id=purchase.partner_id)
    mine = GiftCertificate.objects.filter(purchase=purchase)
    number = 0
    if "Contributor" in elements:
        number += mine.exclude(recipient_name=PLACEHOLDER).update(recipient_name=PLACEHOLDER)
    if "Message" in elements:
        number += mine.exclude(message=None).exclude(message=PLACEHOLDER).update(message=PLACEHOLDER)
    return number


def forget(giver: Giver) -> None:
    """The same of whatever this giver has claimed: it was meant for them."""
    claimed = GiftCertificate.objects.filter(giver=giver)
    claimed.exclude(recipient_name=PLACEHOLDER).update(recipient_name=PLACEHOLDER)
    claimed.exclude(message=None).exclude(message=PLACEHOLDER).update(message=PLACEHOLDER)
