"""Where a giver goes from here."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

import clock
from contributions import leases
from contributions.models import Contribution
from contributions.status import CANCELED, FAILED, SUBMITTED


def redirect_url(contribution: Contribution) -> str:
    """The partner's page, or ours, with Id= added to its query."""
    goal = contribution.goal
    if is_unpaid(contribution):
        url = goal.cancel_url or f"{settings.PUBLIC_BASE_URL}/cancelled"
    else:
        url = goal.confirmation_url or f"{settings.PUBLIC_BASE_URL}/thank-you"
    parts = urlsplit(url)
    query = f"{parts.query}&Id={contribution.public_id}" if parts.query else f"Id={contribution.public_id}"
    return iri_to_uri(urlunsplit(parts._replace(query=query)))


def is_unpaid(contribution: Contribution) -> bool:
    """Whether nothing was paid, as far as anybody knows, and nobody is finding out at this moment."""
    if contribution.status == SUBMITTED:
        return not leases.is_leased(contribution, now=clock.now())
    return contribution.status in {CANCELED, FAILED} and not contribution.may_have_been_paid
