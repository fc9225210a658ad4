"""Where a giver goes from here."""

import logging
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpResponse
from django.utils.encoding import iri_to_uri

import clock
from contributions.models import Contribution
from contributions.status import CANCELED, FAILED, SUBMITTED
from contributions.sync import SyncResult
from encryption import UnreadableSecret
from partners import redirect_secrets

log = logging.getLogger(__name__)


def see_other(where: str) -> HttpResponse:
    """303: GET that address next."""
    return HttpResponse(status=303, headers={"Location": where})


def back_to_partner(contribution: Contribution, result: SyncResult | None = None) -> HttpResponse:
    """303 to the partner's page, or ours, for how the gift stands. `result`: of the question that was just asked."""
    return see_other(redirect_url(contribution, may_have_been_paid=bool(result and result.may_have_been_paid)))


def redirect_url(contribution: Contribution, *, may_have_been_paid: bool = False) -> str:
    """ConfirmationURL or CancelURL, the gift's own before its goal's, else a page of ours, with Id= added to its query.

    Signed where the partner has a redirect secret.
    """
    confirmation_url, cancel_url = _pages_of_the_partner(contribution)
    unpaid = is_unpaid(contribution) and not may_have_been_paid
    url, ours = (cancel_url, "cancelled") if unpaid else (confirmation_url, "thank-you")
    return _to_partner(url, contribution) if url else _with_id(f"{settings.PUBLIC_BASE_URL}/{ours}", contribution)


def way_back_url(contribution: Contribution) -> str:
    """The partner's own page for how the gift stands, for a link on a page of ours; empty where it has named none."""
    confirmation_url, cancel_url = _pages_of_the_partner(contribution)
    unpaid = contribution.status in {SUBMITTED, CANCELED, FAILED}
    url = cancel_url or confirmation_url if unpaid else confirmation_url or cancel_url
    return _to_partner(url, contribution) if url else ""


def _pages_of_the_partner(contribution: Contribution) -> tuple[str, str]:
    """ConfirmationURL and CancelURL, the gift's own before its goal's; empty where there is none."""
    goal = contribution.goal
    return contribution.confirmation_url or goal.confirmation_url, contribution.cancel_url or goal.cancel_url


def _to_partner(url: str, contribution: Contribution) -> str:
    """The partner's URL with what is true of the gift at this moment, signed where the partner wants that.

    A secret that cannot be read keeps no giver from going back: the partner asks us then.
    """
    parts, partner = urlsplit(url), contribution.goal.partner
    gift = (contribution.public_id, contribution.status)
    try:
        query = redirect_secrets.query_for(partner, parts.query, *gift, at=clock.now())
    except UnreadableSecret:
        log.exception("redirect not signed", extra={"partner": partner.pk, "contribution": contribution.public_id})
        return _with_id(url, contribution)
    return iri_to_uri(urlunsplit(parts._replace(query=query)))


def _with_id(url: str, contribution: Contribution) -> str:
    parts = urlsplit(url)
    query = redirect_secrets.with_id(parts.query, contribution.public_id)
    return iri_to_uri(urlunsplit(parts._replace(query=query)))


def is_unpaid(contribution: Contribution) -> bool:
    """Whether nothing was paid, as far as anybody knows, and nobody is finding out at this moment."""
    if contribution.status == SUBMITTED:
        return not contribution.current_checkout.is_leased()
    return contribution.status in {CANCELED, FAILED}
