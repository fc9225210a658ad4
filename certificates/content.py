"""A gift certificate as clients see it: in answers, and in the events that tell of it."""

import logging
from typing import Any

import clock
import encryption
from certificates.claim_links import claim_url
from certificates.models import GiftCertificate
from clock import utc_text
from contributions.status import SETTLED
from money import text_of

log = logging.getLogger(__name__)


def certificate_content(certificate: GiftCertificate, *, with_code: bool = True) -> dict[str, Any]:
    """A GiftCertificate. Its code is shown for as long as it can be claimed, unless the answer is kept."""
    open_to_claim = with_code and can_be_claimed(certificate)
    elements = _what_it_is(certificate) | {
        "RecipientName": certificate.recipient_name,
        "Message": certificate.message,
        "Contributor": certificate.purchase.contributor,
        "Reference": certificate.purchase.reference or None,
        "ConfirmationURL": certificate.purchase.confirmation_url or None,
        "CancelURL": certificate.purchase.cancel_url or None,
        "ClaimCode": _code(certificate) if open_to_claim else None,
        "ClaimURL": claim_url(certificate) if open_to_claim else None,
    }
    return _written(elements)


def event_content(certificate: GiftCertificate) -> dict[str, Any]:
    """The same for an event, which stays: nothing that is worth money, and nothing that a person has typed."""
    return _written(_what_it_is(certificate))


def can_be_claimed(certificate: GiftCertificate) -> bool:
    """Whether whoever has its code can have it now."""
    return certificate.giver_id is None and certificate.status == SETTLED and not has_expired(certificate)


def has_expired(certificate: GiftCertificate) -> bool:
    """Whether nothing can be spent of it any more."""
    return certificate.expires_at is not None and certificate.expires_at <= clock.now()


def spendable_minor(certificate: GiftCertificate) -> int:
    """What is on it now."""
    return 0 if has_expired(certificate) else certificate.free_minor


ORDER = (
    "Id", "Amount", "Currency", "PaymentAccountId", "RecipientName", "Message", "ExpiresDate", "Status", "StatusReason",
    "ProviderName", "ProviderURL", "Date", "Balance", "ClaimCode", "ClaimURL", "GiverId", "ClaimedDate", "RefundedAmount",
    "ReversedAmount", "ExpiredAmount", "Contributor", "Reference", "ConfirmationURL", "CancelURL", "RecordVersionNumber",
    "Test",
)  # fmt: skip
"""In which elements are written."""


def _what_it_is(certificate: GiftCertificate) -> dict[str, Any]:
    purchase, currency = certificate.purchase, certificate.currency
    return {
        "Id": certificate.public_id,
        "Amount": text_of(purchase.amount_minor, currency),
        "Currency": currency,
        "PaymentAccountId": certificate.payee.public_id,
        "ExpiresDate": _expires(certificate),
        "Status": purchase.status,
        "StatusReason": purchase.status_reason or None,
        "ProviderName": certificate.payee.provider,
        "ProviderURL": purchase.pay_url,
        "Date": utc_text(certificate.created_at),
        "Balance": text_of(spendable_minor(certificate), currency),
        "GiverId": certificate.giver.public_id if certificate.giver else None,
        "ClaimedDate": utc_text(certificate.claimed_at) if certificate.claimed_at else None,
        "RefundedAmount": text_of(certificate.refunded_minor, currency),
        "ReversedAmount": _unless_none(certificate.reversed_minor, currency),
        "ExpiredAmount": _unless_none(certificate.expired_minor, currency),
        "RecordVersionNumber": certificate.version,
        "Test": purchase.goal.partner.is_test or None,
    }


def _written(elements: dict[str, Any]) -> dict[str, Any]:
    return {name: elements[name] for name in ORDER if elements.get(name) is not None}


def _unless_none(minor: int, currency: str) -> str | None:
    return text_of(minor, currency) if minor else None


def _expires(certificate: GiftCertificate) -> str | None:
    """As it was given: a day, or a moment."""
    if certificate.expires_at is None:
        return None
    with_the_day = certificate.expires_with_the_day
    return certificate.expires_at.date().isoformat() if with_the_day else utc_text(certificate.expires_at)


def _code(certificate: GiftCertificate) -> str | None:
    try:
        return certificate.code
    except encryption.UnreadableSecret:
        log.exception("a claim code cannot be read", extra={"certificate": certificate.public_id})
        return None
