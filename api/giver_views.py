"""What a gift-giver's browser sees of us: the way back from the provider, and the hosted pages."""

import secrets
import time
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

import clock
from api import errors
from contributions import claims
from contributions.causes import Cause
from contributions.checkout import follow_up, may_still_change
from contributions.models import Contribution
from contributions.status import CANCELED, FAILED, OPEN, SUBMITTED
from ids import is_id
from providers import registry

PATIENCE_SECONDS = 20
"""How long a return waits for somebody else to find out, before it bounces on what is known."""


@require_safe
def come_back(request: HttpRequest, provider: str, contribution_id: str, way: str) -> HttpResponse:
    """/providers/{provider}/return/{id} and /cancel/{id}: ask the provider, then bounce. Nothing in the query is believed."""
    contribution = _contribution(contribution_id)
    if contribution is None or contribution.account.provider.lower() != provider or request.method == "HEAD":
        return _not_found(request)
    argument = registry.adapter(contribution.adapter).return_token_argument
    tokens = request.GET.getlist(argument)
    if len(tokens) != 1 or not _same(tokens[0], contribution.checkout_id):
        detail = "This address does not belong to the payment it names. Nothing was changed: go back to the page you came from."
        return render(request, "giver/problem.html", {"title": "This link does not fit", "detail": detail}, status=400)
    if may_still_change(contribution):
        contribution = _find_out(contribution, Cause(way))
        if contribution.giver_must_act_at and contribution.status in OPEN and way == Cause.RETURN:
            return HttpResponse(status=303, headers={"Location": contribution.giver_must_act_at})
    return HttpResponse(status=303, headers={"Location": bounce_url(contribution)})


def _same(given: str, stored: str) -> bool:
    return bool(stored) and secrets.compare_digest(given.encode(), stored.encode())


def _find_out(contribution: Contribution, cause: Cause) -> Contribution:
    """Ask the provider, or wait for somebody else who is at it.

    Who was at it may have asked before the giver approved, or have died over it: before the giver is sent to the
    CancelURL, the provider is asked after all.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    contribution = follow_up(contribution, cause=cause)
    while not contribution.was_asked_about and time.monotonic() < until:
        time.sleep(0.1)
        contribution = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
        if not claims.is_claimed(contribution, now=clock.now()):
            if not _is_unpaid(contribution):
                break
            contribution = follow_up(contribution, cause=cause)
    return contribution


def bounce_url(contribution: Contribution) -> str:
    """Where the giver goes from here: the partner's page, or ours, with Id= added to its query."""
    goal = contribution.goal
    if _is_unpaid(contribution):
        url = goal.cancel_url or f"{settings.PUBLIC_BASE_URL}/cancelled"
    else:
        url = goal.confirmation_url or f"{settings.PUBLIC_BASE_URL}/thank-you"
    parts = urlsplit(url)
    query = f"{parts.query}&Id={contribution.public_id}" if parts.query else f"Id={contribution.public_id}"
    return iri_to_uri(urlunsplit(parts._replace(query=query)))


def _is_unpaid(contribution: Contribution) -> bool:
    """Whether nothing was paid, as far as anybody knows, and nobody is finding out at this moment."""
    if contribution.status == SUBMITTED:
        return not claims.is_claimed(contribution, now=clock.now())
    return contribution.status in {CANCELED, FAILED} and not contribution.may_have_been_paid


@require_safe
def gift_page(request: HttpRequest) -> HttpResponse:
    """/thank-you and /cancelled: one page that says how the gift stands, whichever of the two was asked for."""
    contribution = _contribution(request.GET.get("Id", ""))
    if contribution is None:
        return _not_found(request)
    context = {"contribution": contribution, "goal": contribution.goal}
    return render(request, "giver/gift.html", context)


@require_safe
def pay(request: HttpRequest, contribution_id: str) -> HttpResponse:
    """/pay/{id}: on to the provider's page while the gift can be paid; otherwise how it stands."""
    contribution = _contribution(contribution_id)
    if contribution is None:
        return _not_found(request)
    if contribution.status == SUBMITTED and contribution.provider_url:
        return HttpResponse(status=303, headers={"Location": contribution.provider_url})
    return HttpResponse(status=303, headers={"Location": bounce_url(contribution)})


def problems(request: HttpRequest) -> HttpResponse:
    """/problems: what each `code` of a problem document means; a problem's `type` points here."""
    rows = sorted(errors.every_row(), key=lambda row: (row.status, row.code))
    return render(request, "giver/problems.html", {"rows": rows})


def _contribution(contribution_id: str) -> Contribution | None:
    if not is_id(contribution_id):
        return None
    known = Contribution.objects.select_related("goal", "account").filter(published_at__isnull=False)
    return known.filter(public_id=contribution_id).first()


def _not_found(request: HttpRequest) -> HttpResponse:
    detail = "There is no gift at this address. Go back to the page that sent you here."
    return render(request, "giver/problem.html", {"title": "Nothing here", "detail": detail}, status=404)
