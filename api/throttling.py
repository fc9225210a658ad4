"""How many requests may be made with a key. tastypie asks here for each, once the key is known."""

from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from tastypie.throttle import BaseThrottle

from partners.models import Partner
from web import rate_limits
from web.rate_limits import Policy, Standing

DAY_SECONDS = 24 * 60 * 60


class KeyThrottle(BaseThrottle):
    """A limit for each key, counted across processes; the partner's own where the operator has given it one.

    tastypie's other throttles read, compare and write back, so requests at once are not counted: docs/decisions/0062-limits.md
    """

    def should_be_throttled(self, identifier: str, *, request: HttpRequest, **kwargs: object) -> int | Literal[False]:
        """As tastypie's: the seconds to wait, or False. The request is counted here, where it is asked for: in two steps, as
        `accessed` would do it, requests at once would pass."""
        partner: Partner = request.partner  # type: ignore[attr-defined]
        own = partner.requests_per_minute
        policy = Policy("key", settings.RATE_LIMIT_KEY if own is None else own)
        standing = rate_limits.count(request, policy, identifier)
        request.rate_standing = standing  # type: ignore[attr-defined]
        return standing.seconds if standing and standing.is_over else False


def standing_of(request: HttpRequest) -> Standing | None:
    """How the request's key stands; None where there is no limit, or where it is not known."""
    return getattr(request, "rate_standing", None)


def check_changes(request: HttpRequest) -> None:
    """Whether the partner may still change something today: its records have an end too. Raises TooManyRequests."""
    standing = rate_limits.look(_changes(), _partner_name(request)) if _may_change(request) else None
    if standing:
        standing.check()


def count_change(request: HttpRequest, response: HttpResponse) -> None:
    """Only what was done counts, and once where a client repeats it."""
    if _may_change(request) and response.status_code < 300 and "Idempotent-Replayed" not in response:
        request.changes_standing = rate_limits.count(request, _changes(), _partner_name(request))  # type: ignore[attr-defined]


def tell(request: HttpRequest, response: HttpResponse) -> None:
    """Each answer to a key says how the key stands, and after a change how many more there may be."""
    standings = [one for one in (standing_of(request), getattr(request, "changes_standing", None)) if one]
    if not standings or "RateLimit" in response:
        return
    for name in standings[0].headers:
        response[name] = ", ".join(one.headers[name] for one in standings)


def _changes() -> Policy:
    return Policy("changes", settings.RATE_LIMIT_CHANGES, DAY_SECONDS)


def _may_change(request: HttpRequest) -> bool:
    return request.method not in {"GET", "HEAD"}


def _partner_name(request: HttpRequest) -> str:
    """Told apart from the partners of another database that counts in the same place."""
    partner: Partner = request.partner  # type: ignore[attr-defined]
    return f"{partner.pk} {partner.created_at.timestamp()}"
