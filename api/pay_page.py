"""/pay/{id} for a provider without a page of its own: what the gift is, the provider's button, and a way out.

The page holds no secret, and nothing is paid on it. Its form carries a token that is good once (api/form_token.py).
"""

from dataclasses import replace
from urllib.parse import urlencode

from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare

import clock
from api.bounce import bounce_url
from api.form_token import is_token_of, token_of
from contributions.causes import Cause
from contributions.checkout import expires_at, follow_up
from contributions.models import Contribution
from contributions.orders import order_for
from contributions.status import CANCELED, FAILED, SUBMITTED
from providers.base import PaidOnOurPage, PayPage

WAY_OUT = "way_out"
"""The query argument by which the provider's own "cancel" leads back here before there is a checkout to name."""


def answer(request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage) -> HttpResponse:
    """The page (GET), or what comes of the giver's "no" (POST, with the page's token)."""
    if request.method == "POST":
        return _give_up(request, contribution, adapter)
    if not _can_be_paid(contribution):
        return how_it_stands(request, contribution)
    return _page(request, contribution, adapter)


def is_way_out(contribution: Contribution, told: str) -> bool:
    """Whether somebody comes from the provider's "cancel", as it was given to this contribution's page."""
    return constant_time_compare(told, _way_out(contribution))


def _way_out(contribution: Contribution) -> str:
    return Signer(salt="way out").signature(contribution.public_id)


def _can_be_paid(contribution: Contribution) -> bool:
    """Not yet tried, or tried without success: until it expires the giver may try again, and money wins over status."""
    untaken = contribution.status in {SUBMITTED, FAILED, CANCELED} and contribution.unwanted_since is None
    return untaken and bool(contribution.provider_url) and clock.now() < expires_at(contribution)


def how_it_stands(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """The page for whoever would pay and cannot: it was given already, is being looked into, or its time is over."""
    over = contribution.status == SUBMITTED or contribution.status_reason == "checkout_expired"
    context = {"contribution": contribution, "goal": contribution.goal, "asked_to_pay": True, "over": over}
    return render(request, "giver/gift.html", context)


def _give_up(request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage) -> HttpResponse:
    if contribution.status == SUBMITTED:
        if not is_token_of(contribution, request.POST.get("token", "")):
            return _page(request, contribution, adapter, status=400)
        contribution = follow_up(contribution, cause=Cause.CANCEL)
    return HttpResponse(status=303, headers={"Location": bounce_url(contribution)})


# --- The page ---------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, contribution: Contribution, adapter: PaidOnOurPage, *, status: int = 200) -> HttpResponse:
    order = order_for(contribution)
    way_out = f"{order.cancel_url}?{urlencode({WAY_OUT: _way_out(contribution)})}"
    page = adapter.pay_page(replace(order, cancel_url=way_out))
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "partner": contribution.goal.partner,
        "page": page,
        "button_script": f"/providers/{order.provider.lower()}/button.js",
        "token": token_of(contribution),
        "stale": status == 400,
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
