"""/pay/{id} for a provider without a page of its own: what the gift is, the provider's button, and a way out.

The page holds no secret. Its forms carry a token that is good once (pages/form_token.py). Where the provider's button gives the
page something to pay with (PaidByToken), it comes here, is told from junk, and is handed on.
"""

import logging
from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare

import clock
from contributions.causes import Cause
from contributions.checkout import expires_at, has_tries_left, sync
from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from contributions.status import CANCELED, FAILED, OPEN, PENDING, SUBMITTED
from pages.form_token import is_token_of, token_of
from pages.patience import find_out
from pages.redirect import redirect_url
from providers import registry
from providers.base import PaidByToken, PaidOnOurPage, PayPage, TokenRefused

log = logging.getLogger(__name__)

TRIED = "tried"
"""The query argument that says on the page what became of the try before: declined, unproven. It only chooses a sentence."""

WAY_OUT = "way_out"
"""The query argument by which the provider's own "cancel" leads back here before there is a checkout to name."""


class NothingSent(Exception):
    """The provider was silent, or somebody was at it, before anything was ordered: the giver may press again."""


def answer(request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage) -> HttpResponse:
    """The page (GET), or what comes of what the giver pays with, or of the giver's "no" (POST, with the page's token).

    Raises NothingSent, ProviderUnavailable.
    """
    if request.method == "POST":
        return _act(request, contribution, adapter)
    tried = request.GET.get(TRIED, "")
    if isinstance(adapter, PaidByToken) and contribution.status in OPEN and not has_tries_left(contribution):
        return _no_more(request, contribution)
    if isinstance(adapter, PaidByToken) and _is_in_doubt(contribution):
        contribution = sync(contribution, cause=Cause.PAY)
        if contribution.status not in OPEN:
            return _bounce(contribution)
        if not contribution.waits_for_giver:
            return how_it_stands(request, contribution)
        tried = "lost"
    elif not _can_be_paid(contribution, adapter):
        return how_it_stands(request, contribution)
    return _page(request, contribution, adapter, notice=tried)


def unfinished(contribution: Contribution, why: str) -> HttpResponse | None:
    """Where a giver goes on whose token has not paid so far: to the bank, or back to the page, which says `why` (TRIED).

    None: there is nothing more for the giver to do here.
    """
    if contribution.status not in OPEN:
        return None
    page = f"{settings.PUBLIC_BASE_URL}/pay/{contribution.public_id}"
    if contribution.payer_action_url:
        return HttpResponse(status=303, headers={"Location": contribution.payer_action_url})
    if contribution.waits_for_giver:
        return HttpResponse(status=303, headers={"Location": f"{page}?{urlencode({TRIED: why})}"})
    if _is_in_doubt(contribution):
        return HttpResponse(status=303, headers={"Location": page})
    return None


def _bounce(contribution: Contribution) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": redirect_url(contribution)})


def is_way_out(contribution: Contribution, told: str) -> bool:
    """Whether somebody comes from the provider's "cancel", as it was given to this contribution's page."""
    return constant_time_compare(told, _way_out(contribution))


def _way_out(contribution: Contribution) -> str:
    return Signer(salt="way out").signature(contribution.public_id)


def _can_be_paid(contribution: Contribution, adapter: PaidOnOurPage) -> bool:
    """Not yet tried, or tried without success: until it expires the giver may try again, and money wins over status.

    Where a token pays, what was given up is closed at the provider as well.
    """
    payable = {SUBMITTED} if isinstance(adapter, PaidByToken) else {SUBMITTED, FAILED, CANCELED}
    untaken = contribution.status in payable and contribution.unwanted_since is None
    return untaken and bool(contribution.provider_url) and clock.now() < expires_at(contribution)


def _is_in_doubt(contribution: Contribution) -> bool:
    """Whether the provider fell silent over it: perhaps it is paid, perhaps nothing of it arrived."""
    return contribution.status == PENDING and contribution.status_reason == "provider_unreachable"


def how_it_stands(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """The page for whoever would pay and cannot: it was given already, is being looked into, or its time is over."""
    over = contribution.status == SUBMITTED or contribution.status_reason == "checkout_expired"
    context = {"contribution": contribution, "goal": contribution.goal, "asked_to_pay": True, "over": over}
    return render(request, "giver/gift.html", context)


# --- What the giver does ----------------------------------------------------------------------------------------------


def _act(request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage) -> HttpResponse:
    in_doubt = isinstance(adapter, PaidByToken) and _is_in_doubt(contribution)
    if contribution.status != SUBMITTED and not in_doubt:
        return _bounce(contribution)
    if not is_token_of(contribution, request.POST.get("token", "")):
        return _page(request, contribution, adapter, notice="stale", status=400)
    if isinstance(adapter, PaidByToken) and request.POST.get("outcome") == "pay":
        return _pay(request, contribution, adapter)
    return _bounce(sync(contribution, cause=Cause.CANCEL))


def _pay(request: HttpRequest, contribution: Contribution, adapter: PaidByToken) -> HttpResponse:
    """With what the button gave to the page. It is not kept: whatever comes of it is found out by asking the provider."""
    try:
        token = adapter.read_token(request.POST.get("payment", ""))
    except TokenRefused as error:
        log.warning("payment token refused", extra={"contribution": contribution.public_id, "error": str(error)})
        return _page(request, contribution, adapter, notice="junk", status=400)
    if not has_tries_left(contribution):
        return _no_more(request, contribution)
    contribution = find_out(contribution, Cause.PAY, token=token)
    if (further := unfinished(contribution, "declined")) is not None:
        return further
    if contribution.status != SUBMITTED:
        return _bounce(contribution)
    raise NothingSent


def _no_more(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    log.warning("too many tries to pay", extra={"contribution": contribution.public_id})
    detail = (
        "Too many cards were tried for this gift. If one of them has paid, the page that sent you here will say so soon. "
        "Otherwise go back there and begin anew."
    )
    return render(request, "giver/problem.html", {"title": "No more tries", "detail": detail}, status=429)


# --- The page ---------------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage, *, notice: str, status: int = 200
) -> HttpResponse:
    order = payment_request_for(contribution)
    way_out = f"{order.cancel_url}?{urlencode({WAY_OUT: _way_out(contribution)})}"
    page = adapter.pay_page(replace(order, cancel_url=way_out))
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "partner": contribution.goal.partner,
        "how": registry.HOW_TO_PAY[order.provider],
        "page": page,
        "button_script": f"/providers/{order.provider.lower()}/button.js",
        "token": token_of(contribution),
        "notice": notice,
        "takes_token": isinstance(adapter, PaidByToken),
        "may_give_up": contribution.status in OPEN,
    }
    response = render(request, "giver/pay.html", context, status=status)
    response["Content-Security-Policy"] = _policy(page)
    # The provider may open a window of its own, and looks at whose page its button is on.
    response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    response["Referrer-Policy"] = "origin"
    return response


def _policy(page: PayPage) -> str:
    """Scripts from here and from the provider alone, none of them inline; styles as the provider's button brings them."""
    sources = {name: " ".join(hosts) for name, hosts in page.sources.items()}
    directives = [
        "default-src 'none'",
        f"script-src 'self' {sources.pop('script-src')}",
        "style-src 'unsafe-inline'",
        *(f"{name} {hosts}" for name, hosts in sources.items()),
        "form-action http: https:",  # the answer leads on to the partner, the button to whatever the provider has
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return "; ".join(directives)
