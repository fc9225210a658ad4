"""How often a client may name a ClaimCode that is none: a partner's site may be where strangers try."""

from django.http import HttpRequest

from api.authentication import partner_of
from givers.models import Giver
from web import rate_limits
from web.rate_limits import Policy

_OF_GIVER = Policy("claims-of-giver", 10, 600)
_OF_PARTNER = Policy("claims", 100, 60)
"""Wrong codes: for one giver in ten minutes, and of one partner in a minute. A right one has 90 random bits."""


def check(request: HttpRequest, giver: Giver) -> None:
    """Before a code is looked at. Raises TooManyRequests."""
    for policy, who in _counted(request, giver):
        standing = rate_limits.look(policy, who)
        if standing is not None:
            standing.check()


def count_wrong(request: HttpRequest, giver: Giver) -> None:
    """It was none."""
    for policy, who in _counted(request, giver):
        rate_limits.count(request, policy, who)


def _counted(request: HttpRequest, giver: Giver) -> list[tuple[Policy, str]]:
    return [(_OF_GIVER, giver.public_id), (_OF_PARTNER, str(partner_of(request).pk))]
