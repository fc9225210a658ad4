"""The choice page of /pay/{id}: what is given, a button for each provider, and a way out.

Plain HTML: it works without JavaScript. What a form's button leads to is settled in contributions/opening.py; a form that is
sent once more, or from a second tab, leads to what was settled by the first.
"""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contributions import reopening, room
from contributions.models import Contribution
from contributions.status import CANCELED, FAILED, SUBMITTED
from contributions.ways_to_pay import ways_to_pay
from ownership import row_key
from pages import standing
from pages.form_token import is_token_of, token_of
from pages.redirect import back_to_partner, is_unpaid, see_other
from providers import registry
from providers.base import ProviderRefused, ProviderUnavailable
from web.places import ProviderBusy

PATIENCE_SECONDS = 20
"""How long a form waits for another tab's to be settled."""

CANCEL = "cancel"

STALE = "This page was out of date. It is up to date now: please choose again."
BUSY = "Another window is opening this gift at this moment. Please look there, or choose again in a minute."
NOTHING_LEFT = "This gift cannot be paid at this moment. Please try again later, or go back to where you came from."
NOT_ON_OFFER = "This way of paying cannot be chosen for this gift (any more). Nothing was paid: please choose another."


def is_asked(request: HttpRequest) -> bool:
    """Whether this is the choice page's form: perhaps an old tab's, when somebody has chosen already."""
    return request.method == "POST" and "choosing" in request.POST


def show(
    request: HttpRequest, contribution: Contribution, notice: str = "", *, failed: str = "", status: int = 200
) -> HttpResponse:
    """The page; `failed` names the provider that has just not opened a checkout: it is offered last."""
    ways = ways_to_pay(contribution.goal, contribution.amount_minor)
    providers = [way.account.provider for way in ways]
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "partner": contribution.goal.partner,
        "ways": [(name, registry.HOW_TO_PAY[name]) for name in providers if name != failed],
        "failed": failed if failed in providers else "",
        "before": standing.what_came_before(contribution),
        "notice": notice if ways else NOTHING_LEFT,
        "token": token_of(contribution),
        **standing.way_back(contribution),
    }
    page = render(request, "giver/choose.html", context, status=status)
    if status == 503:
        page["Retry-After"] = str(standing.RETRY_AFTER_SECONDS)
    # The form's answer leads on to the provider's own site, and a browser holds a form's redirects to form-action too.
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page


def choose(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """What comes of the giver's choice: a POST with the page's token."""
    outcome = request.POST.get("outcome", "")
    if outcome == CANCEL and contribution.status in {CANCELED, FAILED}:
        return back_to_partner(contribution)  # said once more, or in a second tab: there is nothing left to say no to
    until = time.monotonic() + PATIENCE_SECONDS
    while reopening.may_be_paid(contribution) and not reopening.is_open(contribution):
        if not is_token_of(contribution, request.POST.get("token", "")):
            return show(request, contribution, STALE, status=400)
        try:
            if outcome == CANCEL:
                return back_to_partner(reopening.give_up(contribution))
            standing.ask_to_open(request, contribution, outcome)
            contribution = reopening.open_checkout(contribution, outcome)
            break
        except reopening.BeingOpened:
            if time.monotonic() > until:
                return show(request, contribution, BUSY, status=503)
            time.sleep(0.1)
            contribution = Contribution.objects.whole().get(**row_key(contribution))
        except (room.GoalIsFull, room.GoalIsReserved):
            return standing.how_it_stands(request, contribution)
        except reopening.TooManyTries:
            return standing.tried_too_often(request, contribution)
        except reopening.NotOnOffer:
            return show(request, contribution, NOT_ON_OFFER, status=400)
        except (ProviderUnavailable, ProviderBusy) as error:
            page = show(request, contribution, f"{outcome} does not answer at this moment.", failed=outcome, status=503)
            if isinstance(error, ProviderBusy):
                page["Retry-After"] = str(error.seconds)
            return page
        except ProviderRefused:
            return show(request, contribution, f"{outcome} does not take this gift.", failed=outcome, status=502)
    return _lead_on(contribution, outcome, request)


def _lead_on(contribution: Contribution, outcome: str, request: HttpRequest) -> HttpResponse:
    """Where to, now that it is settled, whoever has settled it."""
    if not reopening.is_open(contribution):
        over = contribution.status == SUBMITTED or not is_unpaid(contribution) or reopening.may_be_paid(contribution)
        return standing.how_it_stands(request, contribution) if over else back_to_partner(contribution)
    if outcome == CANCEL:  # in an old tab: the other one may be about to pay, so this one is told how it stands
        return see_other(f"{settings.PUBLIC_BASE_URL}/cancelled?Id={contribution.public_id}")
    return see_other(contribution.current_checkout.url)
