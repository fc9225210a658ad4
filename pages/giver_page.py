"""/giver/{id}: a giver's private page, which lists what the giver has agreed to and pledged, and takes it back.

Only the link's key lets anybody in, and whoever has none is told what everybody is told: that there is nothing here. A form's
token names the version of its permission or pledge, so that it is good once, and needs no cookie.
"""

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from givers import permissions
from givers.models import Giver, Permission
from givers.private_page import KEY, is_key_of, page_url
from givers.states import OVER
from ids import is_id
from lookups import one_or_none
from money import text_of
from pages import standing
from pages.permission_page import said_of
from pages.pledge_sentences import Pledged, sentences_of
from pages.prefetch import nobody_is_there_yet
from pages.redirect import see_other
from partners.tags import by_public_id
from pledges import changes
from pledges.knowing import why_over
from pledges.models import Pledge
from pledges.schedule import Every
from pledges.states import ACTIVE, ENDED, PledgeState
from web import places

MOST_SHOWN = 50

STALE = "This page was out of date. It is up to date now: please look again."
PLEDGE_CHANGING = "This pledge is changing at this moment. Please try again."
CHANGING = "This permission is changing at this moment. Please try again."


@nobody_is_there_yet
@require_http_methods(["GET", "HEAD", "POST"])
def giver_page(request: HttpRequest, giver_id: str) -> HttpResponse:
    """The page (GET), and what is taken back (POST with `permission` and its `token`)."""
    giver = _found(request, giver_id)
    if giver is None:
        detail = "There is nothing at this address, or the link is over. Ask the site that sent you for a new one."
        return standing.problem(request, "Nothing here", detail, 404, None)
    if request.method != "POST":
        return _page(request, giver)
    if "pledge" in request.POST:
        return _end_pledge(request, giver)
    permission = one_or_none(_permissions_of(giver).filter(public_id=request.POST.get("permission", "")))
    if permission is None or not _is_token_of(permission, request.POST.get("token", "")):
        return _page(request, giver, notice=STALE, status=400)
    try:
        with places.place(request, giver.partner_id, permission.public_id, permission.host):
            permissions.revoke(permission, "giver_revoked")
    except permissions.PermissionChanged:
        return _page(request, giver, notice=CHANGING, status=409)
    except places.NoPlace as full:
        page = _page(request, giver, notice=CHANGING, status=503)
        page["Retry-After"] = str(full.seconds)
        return page
    return see_other(page_url(giver))


def _end_pledge(request: HttpRequest, giver: Giver) -> HttpResponse:
    pledge = one_or_none(_pledges_of(giver).filter(public_id=request.POST["pledge"]))
    if pledge is None or not _is_token_of(pledge, request.POST.get("token", "")):
        return _page(request, giver, notice=STALE, status=400)
    try:
        changes.end(pledge, "giver_ended")
    except changes.PledgeChanged:
        return _page(request, giver, notice=PLEDGE_CHANGING, status=409)
    return see_other(page_url(giver))


def _found(request: HttpRequest, giver_id: str) -> Giver | None:
    keys = request.GET.getlist(KEY)
    if not is_id(giver_id) or len(keys) != 1:
        return None
    giver = one_or_none(Giver.objects.select_related("partner").filter(**by_public_id(giver_id), erased_at=None))
    return giver if giver is not None and is_key_of(giver, keys[0]) else None


def _permissions_of(giver: Giver) -> QuerySet[Permission]:
    return Permission.objects.select_related("giver__partner").filter(giver=giver)


def _pledges_of(giver: Giver) -> QuerySet[Pledge]:
    return changes.whole().filter(giver=giver)


def _page(request: HttpRequest, giver: Giver, *, notice: str = "", status: int = 200) -> HttpResponse:
    shown = list(_permissions_of(giver).order_by("-pk")[:MOST_SHOWN])
    pledged = [(one, *_stands(one)) for one in _pledges_of(giver).order_by("-pk")[:MOST_SHOWN]]
    context = {
        "pledges": [
            (one, said_of_pledge(one, state, why), _token_of(one)) for one, state, why in pledged if state is not ENDED
        ],
        "pledges_over": [(one, said_of_pledge(one, state, why)) for one, state, why in pledged if state is ENDED],
        "giver": giver,
        "partner": giver.partner,
        "is_test": giver.partner.is_test,
        "living": [(one, said_of(one), _token_of(one)) for one in shown if one.state not in OVER],
        "over": [(one, said_of(one)) for one in shown if one.state in OVER],
        "notice": notice,
    }
    return render(request, "giver/giver.html", context, status=status)


def _token_of(record: Permission | Pledge) -> str:
    return Signer(salt="giver page").sign(_named(record))


def _is_token_of(record: Permission | Pledge, told: str) -> bool:
    try:
        return Signer(salt="giver page").unsign(told) == _named(record)
    except BadSignature:
        return False


def _named(record: Permission | Pledge) -> str:
    return f"{record.public_id}.{record.version}"


def _stands(pledge: Pledge) -> tuple[PledgeState, str]:
    """Its state and the reason. One that nothing comes of any more has ended, also before the worker has said so."""
    if pledge.state == ACTIVE and not pledge.is_out and (reason := why_over(pledge)):
        return ENDED, reason
    return PledgeState(pledge.state), pledge.state_reason


def said_of_pledge(pledge: Pledge, state: PledgeState, reason: str) -> list[str]:
    """What the page says of it, which stands so; days are the giver's."""
    next_at = f"{pledge.next_at.astimezone(pledge.zone):%-d %B %Y}"
    pledged = Pledged(
        state=state,
        reason=reason,
        partner=pledge.giver.partner.name,
        goal=pledge.goal.name,
        amount=f"{text_of(pledge.amount_minor, pledge.currency)} {pledge.currency}",
        every=Every(pledge.every),
        next_day="" if pledge.is_out else next_at,
        last_day="" if pledge.end_date is None else f"{pledge.end_date:%-d %B %Y}",
        has_failed=pledge.tries > 0,
    )
    return sentences_of(pledged)
