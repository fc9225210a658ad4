"""/providers/{provider}/return/{id} and /cancel/{id}: where a provider sends the giver back.

Nothing in the query is believed: the token only says which checkout the giver comes from, and the provider is asked.
"""

import logging
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from contributions import provider_requests, reopening, returned_checkouts
from contributions.causes import Cause
from contributions.models import Checkout, Contribution
from contributions.status import AUTHORIZED, CANCELED, FAILED, OPEN, Intent
from contributions.sync import sync_checkout
from pages import button_page, standing
from pages.patience import can_still_be_taken, sync_patiently, sync_until_heard
from pages.prefetch import nobody_is_there_yet
from pages.redirect import back_to_partner, see_other
from pages.sentence_types import NOT_YET
from providers import registry
from providers.base import is_paid_by_token
from web import places

log = logging.getLogger(__name__)


@nobody_is_there_yet
@require_safe
def come_back(request: HttpRequest, provider: str, contribution_id: str, way: str) -> HttpResponse:
    """Ask the provider what became of the payment, then send the giver back to the partner."""
    contribution = standing.find_gift(contribution_id)
    checkouts = _checkouts_at(request, contribution, provider, Cause(way)) if contribution else []
    if contribution is None or not checkouts:
        return standing.not_found(request)
    if request.method == "HEAD":  # nobody has come back: a link is looked at
        return standing.how_it_stands(request, contribution, asked_to_pay=False)
    current = contribution.current_checkout
    if not may_still_change(contribution) and current in checkouts and _is_from(request, current, Cause(way)):
        return back_to_partner(contribution)  # nobody is asked
    try:
        with places.place(request, contribution.partner_id, contribution.public_id, checkouts[0].host):
            return _find_out(request, contribution, checkouts, way)
    except places.NoPlace as full:
        return standing.look_again(request, contribution, full=full)


def _find_out(request: HttpRequest, contribution: Contribution, checkouts: list[Checkout], way: str) -> HttpResponse:
    try:
        checkout = _brought_back(request, contribution, checkouts, Cause(way))
    except returned_checkouts.CannotTell as error:
        log.warning("return not looked into", extra={"contribution": contribution.public_id, "error": str(error)})
        return standing.look_again(request, contribution)
    if checkout is None:
        return standing.does_not_fit(request, contribution)
    if checkout.pk != contribution.checkout_id:
        return _from_an_older_checkout(contribution, checkout, Cause(way))
    if not may_still_change(contribution):
        return back_to_partner(contribution)
    if way == Cause.CANCEL:
        result = sync_patiently(contribution, Cause.CANCEL)
        return back_to_partner(result.contribution, result)
    return _from_the_current_checkout(request, contribution, checkout)


def _from_the_current_checkout(request: HttpRequest, contribution: Contribution, checkout: Checkout) -> HttpResponse:
    """The giver has been where they pay. Nobody is sent to CancelURL while the checkout can still be taken."""
    by_token = is_paid_by_token(registry.adapter(checkout.adapter))
    # The page that looks again has waited already.
    result = sync_until_heard(contribution, from_bank=by_token, waits=not standing.has_looked(request))
    contribution = result.contribution
    if result.payer_action_url and contribution.status in OPEN and result.waits_for_payer not in NOT_YET:
        return see_other(result.payer_action_url)
    if by_token and (unfinished := button_page.unfinished(result, "unproven")) is not None:
        return unfinished  # at the bank: another card may do
    if can_still_be_taken(result):
        return standing.how_it_stands(request, contribution, asked_to_pay=False, told=result.waits_for_payer or "open")
    return back_to_partner(contribution, result)


def may_still_change(contribution: Contribution) -> bool:
    """Whether a giver who comes back could change anything: not what is held, taken, or given back already."""
    if contribution.status == AUTHORIZED:
        return contribution.intent == Intent.RELEASE
    return contribution.status in {*OPEN, FAILED, CANCELED}


def _checkouts_at(request: HttpRequest, contribution: Contribution, provider: str, way: Cause) -> list[Checkout]:
    """Its checkouts at this provider, the newest first; the current one alone where the address names that.

    `provider`: in lower case.
    """
    current = contribution.current_checkout
    if current.provider.lower() == provider and _is_from(request, current, way):
        return [current]  # as nearly always: nothing more need be read
    checkouts = contribution.checkouts.select_related("account").order_by("-number")
    return [checkout for checkout in checkouts if checkout.provider.lower() == provider]


def _brought_back(request: HttpRequest, contribution: Contribution, checkouts: list[Checkout], way: Cause) -> Checkout | None:
    """The checkout that the giver comes from; None where the token is none of this contribution's. Raises CannotTell."""
    current = contribution.current_checkout
    for checkout in checkouts:
        if _is_from(request, checkout, way):
            return current if checkout.pk == current.pk else checkout
    if current not in checkouts:
        return None
    tokens = request.GET.getlist(registry.adapter(current.adapter).return_token_argument)
    if not tokens and way is Cause.CANCEL:
        is_way_out = button_page.is_way_out(contribution, request.GET.get(button_page.WAY_OUT, ""))
        return current if is_way_out else None
    remember = way is Cause.RETURN and may_still_change(contribution)
    if len(tokens) == 1 and returned_checkouts.belongs(contribution, tokens[0], remember=remember):
        return current
    return None


def _is_from(request: HttpRequest, checkout: Checkout, way: Cause) -> bool:
    """Whether the address names this checkout, once."""
    if not checkout.adapter:
        return False
    tokens = request.GET.getlist(registry.adapter(checkout.adapter).return_token_argument)
    return len(tokens) == 1 and _is_of(tokens[0], checkout, way)


def _is_of(token: str, checkout: Checkout, way: Cause) -> bool:
    """Whether that is the checkout's id, or on the way to cancel the request id that it was opened under: what a link can
    carry before there is an id."""
    if _same(token, checkout.provider_checkout_id):
        return True
    return way is Cause.CANCEL and _same(token, provider_requests.opened_under(checkout))


def _same(given: str, stored: str) -> bool:
    return bool(stored) and secrets.compare_digest(given.encode(), stored.encode())


def _from_an_older_checkout(contribution: Contribution, checkout: Checkout, way: Cause) -> HttpResponse:
    """Nothing is taken in it any more; what turns out to be taken goes back. The giver goes on to where they can pay."""
    contribution = sync_checkout(checkout, cause=way).contribution
    if way is Cause.RETURN and reopening.may_be_paid(contribution):
        return see_other(f"{settings.PUBLIC_BASE_URL}/pay/{contribution.public_id}")
    return back_to_partner(contribution)
