"""What a giver is told when one of our pages crashed."""

import logging

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from pages import standing
from web import problems

log = logging.getLogger(__name__)

DETAIL = (
    "Something went wrong on our side and has been written to our log. Nothing is charged twice. Please load this page again "
    "in a minute, or go back and see there how your gift stands."
)


def crashed(request: HttpRequest) -> HttpResponse:
    """handler500: with the partner's name and the way back where the address names a gift, else as web/problems.py says it."""
    match = request.resolver_match
    gift_id = match.kwargs.get("contribution_id", "") if match and not problems.is_api(request) else ""
    try:
        contribution = standing.find_gift(gift_id)
        if contribution is not None:
            return standing.problem(request, problems.INTERNAL.title, DETAIL, 500, contribution)
    except DatabaseError:  # perhaps what has crashed the page
        log.warning("gift of a crashed page not found", exc_info=True)
    return problems.crashed(request)
