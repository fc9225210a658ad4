"""The limits of those who have no key: strangers at the API, givers at the pages of a gift, callers of webhooks.

Each door has counts of its own, so that nobody who hammers at one of them keeps givers or providers out of another.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from web import problems, rate_limits
from web.problems import TooManyRequests
from web.rate_limits import Policy

_UNCOUNTED = re.compile(r"/(?:healthz|readyz|metrics)/?")
_WEBHOOK = re.compile(r"/providers/[a-z]+/webhook")
_A_PAGE = r"pay|permission|giver|certificate|providers/[a-z]+/(?:return|cancel|agreed|disagreed)"
_OF_A_GIFT = re.compile(rf"/(?:{_A_PAGE})/([^/]{{1,64}})/?")


class AddressLimits:
    """Middleware, after the doorkeeper: what it refuses is told in the door's own way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            if not problems.is_api(request):
                _count_at_the_pages(request)
                return self.get_response(request)
            claims_a_key = "HTTP_AUTHORIZATION" in request.META or "apikey" in request.META.get("QUERY_STRING", "").lower()
            if not claims_a_key:
                _count(request, "strangers")
            response = self.get_response(request)
            if claims_a_key and not hasattr(request, "partner"):  # it was no key, or nobody asked for one
                _count(request, "strangers")
            return response
        except TooManyRequests as error:
            rate_limits.tell(error)
            return problems.refuse(request, error)


def count_failed_key(request: HttpRequest) -> None:
    """Told of each request whose key is none. Raises TooManyRequests."""
    _check(request, Policy("failed-keys", settings.RATE_LIMIT_FAILED_KEYS), rate_limits.of_address(request))


def _count_at_the_pages(request: HttpRequest) -> None:
    path = request.path
    if _UNCOUNTED.fullmatch(path):
        return
    _count(request, "webhooks" if _WEBHOOK.fullmatch(path) else "pages")
    gift = _OF_A_GIFT.fullmatch(path)
    if gift:
        _check(request, Policy("gift", settings.RATE_LIMIT_GIFT), gift[1])


def _count(request: HttpRequest, door: str) -> None:
    _check(request, Policy(door, settings.RATE_LIMIT_ADDRESS), rate_limits.of_address(request))


def _check(request: HttpRequest, policy: Policy, who: str) -> None:
    standing = rate_limits.count(request, policy, who)
    if standing:
        standing.check()
