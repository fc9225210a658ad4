"""/certificate/{id}, the ClaimURL: the page where a person claims a gift certificate by its code.

Only the link's key lets anybody in, and whoever has none is told what everybody is told: that there is nothing here. The link
leads to the page and no further: the code is typed, and wrong ones are counted for the page and for the address. Whoever claims
here and is no giver of the partner's yet becomes one, whom the partner hears of by `giftcertificate.claimed`.
"""

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

import security_log
from certificates import books, claiming, codes
from certificates.claim_links import KEY, claim_url, is_key_of
from certificates.content import can_be_claimed, has_expired
from certificates.models import GiftCertificate
from contributions.status import SETTLED
from givers import people
from givers.models import Giver
from ids import is_id
from lookups import one_or_none
from pages import standing
from pages.prefetch import nobody_is_there_yet
from pages.redirect import see_other
from partners.tags import by_public_id, new_id_of
from web import rate_limits
from web.problems import TooManyRequests
from web.rate_limits import Policy

OF_PAGE = Policy("claim-page", 10, 600)
OF_ADDRESS = Policy("claim-address", 30, 600)
"""Wrong codes in ten minutes: at one certificate's page, and from one address at all of them."""

WRONG = "This is not the code of this gift certificate. Please look at it again: it has 20 letters and digits."
STALE = "This page was out of date. It is up to date now: please try again."
TOO_MANY = "There were too many wrong codes here. Please wait {minutes} minutes, then try again."


@nobody_is_there_yet
@require_http_methods(["GET", "HEAD", "POST"])
def claim_page(request: HttpRequest, certificate_id: str) -> HttpResponse:
    """The page (GET), and the code that was typed on it (POST with `code` and `token`)."""
    certificate = _found(request, certificate_id)
    if certificate is None:
        detail = "There is nothing at this address, or the link is not whole. Ask the site that sent you for it again."
        return standing.problem(request, "Nothing here", detail, 404, None)
    if request.method != "POST":
        return _page(request, certificate)
    if not _is_token_of(certificate, request.POST.get("token", "")):
        return _page(request, certificate, notice=STALE, status=400)
    try:
        _check_tries(request, certificate)
        claiming.check_code(certificate, request.POST.get("code", ""))
        claiming.check_open(certificate)
    except TooManyRequests as refused:
        return _too_many(request, certificate, refused)
    except claiming.WrongCode:
        _count_wrong(request, certificate)
        return _page(request, certificate, notice=WRONG, status=403)
    except claiming.CannotClaim:
        return see_other(claim_url(certificate))
    _claim(certificate)
    return see_other(claim_url(certificate))


def _found(request: HttpRequest, certificate_id: str) -> GiftCertificate | None:
    keys = request.GET.getlist(KEY)
    if not is_id(certificate_id) or len(keys) != 1:
        return None
    certificate = one_or_none(books.whole().filter(**by_public_id(certificate_id), purchase__deleted_at=None))
    return certificate if certificate is not None and is_key_of(certificate, keys[0]) else None


def _claim(certificate: GiftCertificate) -> None:
    """For a giver of its own, who is known by the certificate's Id until the partner says otherwise."""
    partner = certificate.purchase.goal.partner
    known_as = f"certificate-{certificate.public_id}"
    try:
        with transaction.atomic():
            giver = one_or_none(Giver.objects.filter(partner=partner, external_id=known_as, erased_at=None))
            if giver is None:
                values = {"external_id": known_as, "name": certificate.recipient_name}
                giver = people.create(partner, values, public_id=new_id_of(partner.pk))
            claiming.claim(certificate, giver)
    except (claiming.CannotClaim, people.ExternalIdTaken, people.StaleGiver):
        return  # somebody else was first: the page says how it stands


# --- Tries ------------------------------------------------------------------------------------------------------------


def _check_tries(request: HttpRequest, certificate: GiftCertificate) -> None:
    """Raises TooManyRequests."""
    for policy, who in _counted(request, certificate):
        tries = rate_limits.look(policy, who)
        if tries is not None:
            tries.check()


def _count_wrong(request: HttpRequest, certificate: GiftCertificate) -> None:
    for policy, who in _counted(request, certificate):
        rate_limits.count(request, policy, who)
    security_log.tell("claim_refused", about=certificate.public_id)


def _counted(request: HttpRequest, certificate: GiftCertificate) -> list[tuple[Policy, str]]:
    return [(OF_PAGE, certificate.public_id), (OF_ADDRESS, rate_limits.of_address(request))]


def _too_many(request: HttpRequest, certificate: GiftCertificate, refused: TooManyRequests) -> HttpResponse:
    rate_limits.tell(refused)
    seconds = int(refused.headers["Retry-After"])
    notice = TOO_MANY.format(minutes=-(-seconds // 60))
    page = _page(request, certificate, notice=notice, status=429)
    page["Retry-After"] = str(seconds)
    return page


# --- Shown ------------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, certificate: GiftCertificate, *, notice: str = "", status: int = 200) -> HttpResponse:
    partner = certificate.purchase.goal.partner
    context = {
        "certificate": certificate,
        "purchase": certificate.purchase,
        "partner": partner,
        "is_test": partner.is_test,
        "is_open": can_be_claimed(certificate),
        "is_paid": certificate.status == SETTLED,
        "has_expired": has_expired(certificate),
        "notice": notice,
        "token": _token_of(certificate),
        "longest": codes.LONGEST_TYPED,
    }
    return render(request, "giver/claim.html", context, status=status)


def _token_of(certificate: GiftCertificate) -> str:
    return Signer(salt="claim page").sign(_named(certificate))


def _is_token_of(certificate: GiftCertificate, told: str) -> bool:
    try:
        return Signer(salt="claim page").unsign(told) == _named(certificate)
    except BadSignature:
        return False


def _named(certificate: GiftCertificate) -> str:
    return f"{certificate.public_id}.{certificate.version}"
