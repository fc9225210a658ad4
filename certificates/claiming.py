"""A certificate is claimed: once, by whoever has its code, for a giver of its partner's. From then on it is balance."""

import logging

from django.db import transaction

import clock
from certificates import books, codes, events
from certificates.content import has_expired
from certificates.models import GiftCertificate
from certificates.telling import announce
from contributions.status import SETTLED
from givers.models import Giver
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from partners.models import Partner

log = logging.getLogger(__name__)


class WrongCode(Exception):
    """Nobody has such a code, or it is another certificate's. Which of these is not told."""

    def __init__(self, why: str = "") -> None:
        super().__init__(f"There is no certificate with this ClaimCode{f': {why}' if why else ''}.")


class CannotClaim(Exception):
    """It is claimed already, or cannot be claimed now."""


def with_code(partner: Partner, typed: str) -> GiftCertificate:
    """The partner's certificate with this code. Raises WrongCode."""
    try:
        lookup = codes.lookup_of(typed)
    except codes.NotACode as error:
        raise WrongCode(str(error)) from None
    found = one_or_none(books.whole().filter(code_lookup=lookup, partner=partner, purchase__deleted_at=None))
    if found is None:
        raise WrongCode
    return found


def check_code(certificate: GiftCertificate, typed: str) -> None:
    """Whether it is this certificate's code. Raises WrongCode."""
    if with_code(certificate.purchase.goal.partner, typed).pk != certificate.pk:
        raise WrongCode


def check(certificate: GiftCertificate, giver: Giver) -> None:
    """Whether claim() would do it. Raises CannotClaim."""
    if certificate.giver_id != giver.pk:
        check_open(certificate)


def claim(certificate: GiftCertificate, giver: Giver) -> GiftCertificate:
    """Make it this giver's, who keeps it; returns it as it is then. Safe to repeat for the same giver. Raises CannotClaim."""
    now = clock.now()
    with transaction.atomic():
        # So that nobody erases the giver meanwhile.
        if not Giver.objects.select_for_update(no_key=True).filter(**row_key(giver), erased_at=None).exists():
            raise CannotClaim("The giver was erased at this moment.")
        mine = GiftCertificate.objects.filter(**row_key(certificate))
        unclaimed = mine.filter(books.not_expired(now), giver=None, status=SETTLED)  # invariant: a-certificate-is-claimed-once
        if unclaimed.update(giver=giver, claimed_at=now, **books.one_more()):
            told = {"giver": giver.public_id}
            audit_log.record("certificate.claimed", certificate.public_id, partner_id=certificate.partner_id, after=told)
            announce(certificate, events.CLAIMED, now)
            log.info("certificate claimed", extra={"certificate": certificate.public_id, "giver": giver.public_id})
    claimed = books.whole().get(**row_key(certificate))
    if claimed.giver_id != giver.pk:
        check_open(claimed)
        raise CannotClaim("The certificate is changing at this moment: try again.")
    return claimed


def check_open(certificate: GiftCertificate) -> None:
    """Raises CannotClaim where nobody can claim it now."""
    if certificate.giver_id is not None:
        raise CannotClaim("The certificate is claimed already.")
    if certificate.status != SETTLED:
        raise CannotClaim(f"Only a Settled certificate can be claimed; this one is {certificate.status}.")
    if has_expired(certificate):
        raise CannotClaim("The certificate has expired.")
