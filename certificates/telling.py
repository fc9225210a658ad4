"""Partners are told of certificates. Never of their codes, nor of what persons have typed: an event stays."""

from datetime import datetime

from certificates import books
from certificates.content import event_content
from certificates.models import GiftCertificate
from notifications import outbox
from ownership import row_key


def announce(certificate: GiftCertificate, event: str, at: datetime) -> None:
    """Tell of the certificate as it is now. To be called as the last statement of the transaction: see outbox.announce."""
    now = books.whole().get(**row_key(certificate))
    about, version, partner_id = now.public_id, now.version, now.purchase.partner_id
    outbox.announce(partner_id, event, event_content(now), about=about, version=version, at=at)
