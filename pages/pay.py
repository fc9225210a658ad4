"""/pay/{id}: the ProviderURL of every gift, good for its whole life.

It leads on to the open checkout; opens another one where the last has lapsed, was declined or was cancelled by the giver;
lets the giver choose where the goal has several providers; and says how the gift stands where it is over.
"""

import logging
import time
from contextlib import AbstractContextManager, nullcontext

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from contributions import reopening, room
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.status import CANCELED, FAILED, PENDING, SUBMITTED
from contributions.sync import sync
from contributions.ways_to_pay import ways_to_pay
from ownership import row_key
from pages import button_page, choice_page, standing
from pages.prefetch import nobody_is_there_yet
from pages.redirect import see_other
from providers import registry
from providers.base import ProviderRefused, ProviderUnavailable, is_paid_by_token, is_paid_on_our_page
from web import places

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 20
"""How long a giver waits for another window that is opening the gift."""


@nobody_is_there_yet
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, contribution_id: str) -> HttpResponse:
    """On to where the gift is paid, or how it stands. POST: a form of the choice page, or of a page with a button."""
    contribution = standing.find_gift(contribution_id)
    if contribution is None:
        return standing.not_found(request)
    quick = _is_quick(request, contribution)
    try:
        with nullcontext() if quick else _place(request, contribution):
            return _answer(request, contribution)
    except places.NoPlace as full:
        return standing.look_again(request, contribution, full=full)


def _place(request: HttpRequest, contribution: Contribution) -> AbstractContextManager[None]:
    """Of those who ask about the checkout that there is; where there is none, whom it will be is said later."""
    checkout = contribution.current_checkout
    host = checkout.host if checkout.provider_checkout_id else ""
    return places.place(request, contribution.partner_id, contribution.public_id, host)


def _is_quick(request: HttpRequest, contribution: Contribution) -> bool:
    """Whether it is open, and the giver is only led on: no provider is asked."""
    if request.method == "POST" or _is_in_doubt(contribution):
        return False
    return reopening.may_be_paid(contribution) and reopening.is_open(contribution)


def _answer(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    if choice_page.is_asked(request):
        return choice_page.choose(request, contribution)
    try:
        if request.method == "POST":
            return _posted(request, contribution)
        if _is_in_doubt(contribution):
            return button_page.ask_once_more(request, contribution)
        if not reopening.may_be_paid(contribution):
            return standing.how_it_stands(request, _looked_into(contribution))
        if reopening.is_open(contribution):
            if request.method == "GET":
                room.reserve_before_lapse(contribution)
            return lead_on(request, contribution)
        return _without_a_checkout(request, contribution)
    except (room.GoalIsFull, room.GoalIsReserved):
        return standing.how_it_stands(request, contribution)
    except (ProviderUnavailable, button_page.NothingSent) as error:
        log.warning("pay page not shown", extra={"contribution": contribution.public_id, "error": str(error)})
        return standing.look_again(request, contribution)


def _looked_into(contribution: Contribution) -> Contribution:
    """Before a giver is told that the time is over: whoever approved in time may have paid, and nobody has asked yet."""
    unasked = contribution.status == SUBMITTED and contribution.current_checkout.provider_checkout_id
    return sync(contribution, cause=Cause.PICK).contribution if unasked else contribution


def _posted(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    checkout = contribution.current_checkout
    if not checkout.adapter or not is_paid_on_our_page(registry.adapter(checkout.adapter)):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    return button_page.act(request, contribution)


def _is_in_doubt(contribution: Contribution) -> bool:
    """Whether a token was sent and its outcome is unknown: perhaps it has paid, perhaps nothing of it arrived."""
    adapter_key = contribution.current_checkout.adapter
    return contribution.status == PENDING and bool(adapter_key) and is_paid_by_token(registry.adapter(adapter_key))


def lead_on(request: HttpRequest, contribution: Contribution, *, notice: str = "") -> HttpResponse:
    """To the open checkout: the provider's page, or ours with the provider's button."""
    checkout = contribution.current_checkout
    if is_paid_on_our_page(registry.adapter(checkout.adapter)):
        return button_page.show(request, contribution, notice=notice or request.GET.get(button_page.TRIED, ""))
    return see_other(checkout.url)


def _without_a_checkout(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """None is open: the giver chooses where there is something to choose, else another one is opened."""
    ways = [way.account.provider for way in ways_to_pay(contribution.goal, contribution.amount_minor)]
    named = contribution.status == SUBMITTED and contribution.provider in ways
    if room.no_room_for(contribution) is not None:
        return standing.how_it_stands(request, contribution)
    if not named and len(ways) != 1:
        return choice_page.show(request, contribution)
    if request.method == "HEAD":
        return standing.how_it_stands(request, contribution)  # nobody is looking: open nothing
    return _open(request, contribution, contribution.provider if named else ways[0])


def _open(request: HttpRequest, contribution: Contribution, provider: str) -> HttpResponse:
    """Raises ProviderUnavailable, NoPlace."""
    by_giver = contribution.status_reason == "giver_cancelled"  # only chooses a sentence
    notice = ("cancelled" if by_giver else "failed") if contribution.status in {CANCELED, FAILED} else ""
    standing.ask_to_open(request, contribution, provider)
    until = time.monotonic() + PATIENCE_SECONDS
    while reopening.may_be_paid(contribution) and not reopening.is_open(contribution):
        try:
            contribution = reopening.open_checkout(contribution, provider)
            break
        except reopening.BeingOpened:
            if time.monotonic() > until:
                return standing.look_again(request, contribution)
            time.sleep(0.1)
            contribution = Contribution.objects.whole().get(**row_key(contribution))
        except (reopening.NotOnOffer, ProviderRefused):
            return _cannot_be_paid(request, contribution, provider)
        except reopening.TooManyTries:
            return standing.tried_too_often(request, contribution)
    if reopening.is_open(contribution):
        return lead_on(request, contribution, notice=notice)
    return standing.how_it_stands(request, contribution)


def _cannot_be_paid(request: HttpRequest, contribution: Contribution, provider: str) -> HttpResponse:
    detail = (
        f"{provider} does not take this gift at this moment, and nothing was paid. Please try again later, or go back to "
        "where you came from."
    )
    return standing.problem(request, "This gift cannot be paid now", detail, 502, contribution)
