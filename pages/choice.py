"""/pay/{id} of a gift whose giver is to pick the provider: what is given, a button for each, and a way out.

Plain HTML: it works without JavaScript. What a form's button leads to is settled in contributions/choice.py; a form that is
sent once more, or from a second tab, leads to what was settled by the first.
"""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contributions import choice
from contributions.models import Contribution
from contributions.status import SUBMITTED
from pages import pay as pay_page
from pages.form_token import is_token_of, token_of
from pages.redirect import is_unpaid, redirect_url
from providers import registry
from providers.base import ProviderRefused, ProviderUnavailable
from web import problems

PATIENCE_SECONDS = 20
"""How long a form waits for another tab's to be settled."""

CANCEL = "cancel"

STALE = "This page was out of date. It is up to date now: please choose again."
BUSY = "Another window is opening this gift at this moment. Please look there, or choose again in a minute."
NOTHING_LEFT = "This gift cannot be paid at this moment. Please try again later, or go back to where you came from."


def is_asked(request: HttpRequest) -> bool:
    """Whether this is the choice page's form: perhaps an old tab's, when somebody has picked already."""
    return request.method == "POST" and "choosing" in request.POST


def answer(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """The page (GET), or what comes of the giver's choice (POST, with the page's token)."""
    if request.method == "POST":
        return _choose(request, contribution, request.POST.get("outcome", ""))
    if choice.can_be_picked(contribution):
        return _page(request, contribution)
    return how_it_stands(request, contribution)


def how_it_stands(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """For whoever comes to pick or pay and cannot: a page where it is paid or too late, else on to where a giver goes."""
    too_late = contribution.status == SUBMITTED or contribution.status_reason == "checkout_expired"
    if too_late or not is_unpaid(contribution):
        return pay_page.how_it_stands(request, contribution)
    return _see_other(redirect_url(contribution))


def _choose(request: HttpRequest, contribution: Contribution, outcome: str) -> HttpResponse:
    until = time.monotonic() + PATIENCE_SECONDS
    while contribution.account is None and choice.can_be_picked(contribution):
        if not is_token_of(contribution, request.POST.get("token", "")):
            return _page(request, contribution, STALE, status=400)
        try:
            contribution = choice.give_up(contribution) if outcome == CANCEL else choice.pick(contribution, outcome)
        except choice.BeingOpened:
            if time.monotonic() > until:
                return _page(request, contribution, BUSY, status=503)
            time.sleep(0.1)
            contribution = Contribution.objects.select_related("goal", "account").get(pk=contribution.pk)
        except choice.NotOnOffer:
            sentence = "This way of paying cannot be chosen for this gift (any more). Nothing was paid: please choose another."
            return _page(request, contribution, sentence, status=400)
        except ProviderUnavailable:
            return _page(request, contribution, f"{outcome} does not answer at this moment.", failed=outcome, status=503)
        except ProviderRefused:
            return _page(request, contribution, f"{outcome} does not take this gift.", failed=outcome, status=502)
    return _lead_on(request, contribution, outcome)


def _lead_on(request: HttpRequest, contribution: Contribution, outcome: str) -> HttpResponse:
    """Where to, now that it is settled, whoever has settled it."""
    if contribution.account is None or contribution.status != SUBMITTED:
        return how_it_stands(request, contribution)
    if outcome == CANCEL:  # in an old tab: the other one may be about to pay, so this one is told how it stands
        return _see_other(f"{settings.PUBLIC_BASE_URL}/cancelled?Id={contribution.public_id}")
    return _see_other(contribution.provider_url)


def _see_other(where: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": where})


def _page(
    request: HttpRequest, contribution: Contribution, notice: str = "", *, failed: str = "", status: int = 200
) -> HttpResponse:
    """The page; `failed` names the provider that has just not opened a checkout: it is offered last."""
    ways = choice.ways_to_pay(contribution.goal, contribution.amount_minor)
    providers = [way.account.provider for way in ways]
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "partner": contribution.goal.partner,
        "ways": [(name, registry.HOW_TO_PAY[name]) for name in providers if name != failed],
        "failed": failed if failed in providers else "",
        "notice": notice if ways else NOTHING_LEFT,
        "token": token_of(contribution),
    }
    page = render(request, "giver/choose.html", context, status=status)
    if status == 503:
        page["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    # The form's answer leads on to the provider's own site, and a browser holds a form's redirects to form-action too.
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page
