"""The page of /pay/{id} for a provider without a page of its own: what the gift is, the provider's button, and a way out.

The page holds no secret. Its forms carry a token that is good once (form_token.py). Where the provider's button gives the
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
from django.views.decorators.http import require_safe

import security_log
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.payment_requests import payment_request_for
from contributions.provider_requests import has_tokens_left
from contributions.status import OPEN, PENDING, SUBMITTED
from contributions.sync import SyncResult, sync
from givers.models import Permission
from pages import standing
from pages.form_token import is_token_of, token_of
from pages.patience import sync_patiently
from pages.redirect import back_to_partner, see_other
from providers import registry
from providers.base import PaidByToken, PayPage, TokenRefused, is_paid_by_token, is_paid_on_our_page

log = logging.getLogger(__name__)

TRIED = "tried"
"""The query argument that says on the page what became of the try before: declined, unproven. It only chooses a sentence."""

WAY_OUT = "way_out"
"""The query argument by which the provider's own "cancel" leads back here before there is a checkout to name."""


class NothingSent(Exception):
    """The provider was silent, or somebody was at it, before anything was ordered: the giver may press again."""


def show(request: HttpRequest, contribution: Contribution, *, notice: str = "") -> HttpResponse:
    """The page of the gift's open checkout. Raises ProviderUnavailable."""
    checkout = contribution.current_checkout
    if is_paid_by_token(registry.adapter(checkout.adapter)) and not has_tokens_left(checkout):
        return _no_more(request, contribution)
    return _page(request, contribution, notice=notice)


def ask_once_more(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """For who comes back to a payment whose outcome nobody knows: the page again where it has not paid, else what is true."""
    if not has_tokens_left(contribution.current_checkout):
        return _no_more(request, contribution)
    result = sync(contribution, cause=Cause.PAY)
    if result.contribution.status not in OPEN:
        return back_to_partner(result.contribution, result)
    if not result.waits_for_payer:
        return standing.how_it_stands(request, result.contribution)
    return _page(request, result.contribution, notice="lost")


def unfinished(result: SyncResult, why: str) -> HttpResponse | None:
    """Where a giver goes on whose token has not paid so far: to the bank, or back to the page, which says `why` (TRIED).

    None: there is nothing more for the giver to do here.
    """
    contribution = result.contribution
    if contribution.status not in OPEN:
        return None
    if result.payer_action_url:
        return see_other(result.payer_action_url)
    if result.waits_for_payer:
        return see_other(f"{contribution.pay_url}?{urlencode({TRIED: why})}")
    return see_other(contribution.pay_url) if contribution.status == PENDING and result.silent else None


def is_way_out(contribution: Contribution, told: str) -> bool:
    """Whether somebody comes from the provider's "cancel", as it was given to this contribution's page."""
    return constant_time_compare(told, _way_out(contribution))


def _way_out(contribution: Contribution) -> str:
    return Signer(salt="way out").signature(contribution.public_id)


# --- What the giver does ----------------------------------------------------------------------------------------------


def act(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """What comes of what the giver pays with, or of the giver's "no": a POST with the page's token.

    Raises NothingSent, ProviderUnavailable.
    """
    adapter = registry.adapter(contribution.current_checkout.adapter)
    in_doubt = is_paid_by_token(adapter) and contribution.status == PENDING
    if contribution.status != SUBMITTED and not in_doubt:
        return back_to_partner(contribution)
    if not is_token_of(contribution, request.POST.get("token", "")):
        return _page(request, contribution, notice="stale", status=400)
    if is_paid_by_token(adapter) and request.POST.get("outcome") == "pay":
        return _pay(request, contribution, adapter)
    result = sync(contribution, cause=Cause.CANCEL)
    return back_to_partner(result.contribution, result)


def _pay(request: HttpRequest, contribution: Contribution, adapter: PaidByToken) -> HttpResponse:
    """With what the button gave to the page. It is not kept: whatever comes of it is found out by asking the provider."""
    try:
        token = adapter.read_token(request.POST.get("payment", ""))
    except TokenRefused as error:
        log.warning("payment token refused", extra={"contribution": contribution.public_id, "error": str(error)})
        security_log.tell("payment_token_refused", about=contribution.public_id, reason=str(error))
        return _page(request, contribution, notice="junk", status=400)
    if not has_tokens_left(contribution.current_checkout):
        return _no_more(request, contribution)
    result = sync_patiently(contribution, Cause.PAY, token=token)
    if (further := unfinished(result, "declined")) is not None:
        return further
    if result.contribution.status != SUBMITTED:
        return back_to_partner(result.contribution, result)
    raise NothingSent


def _no_more(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    log.warning("too many tries to pay", extra={"contribution": contribution.public_id})
    security_log.tell("too_many_cards", about=contribution.public_id)
    detail = (
        "Too many cards were tried for this gift. If one of them has paid, the page that sent you here will say so soon. "
        "Otherwise nothing was charged: go back there and begin anew."
    )
    return standing.problem(request, "No more tries", detail, 429, contribution)


# --- The page ---------------------------------------------------------------------------------------------------------


def _page(request: HttpRequest, contribution: Contribution, *, notice: str, status: int = 200) -> HttpResponse:
    checkout = contribution.current_checkout
    adapter = registry.adapter(checkout.adapter)
    if not is_paid_on_our_page(adapter):
        raise TypeError(f"{checkout.adapter} has a page of its own")
    wanted = payment_request_for(contribution, checkout)
    way_out = f"{wanted.cancel_url}?{urlencode({WAY_OUT: _way_out(contribution)})}"
    page = adapter.pay_page(replace(wanted, cancel_url=way_out))
    script = f"{settings.PUBLIC_BASE_URL}/providers/{wanted.provider.lower()}/button.js"
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "partner": contribution.goal.partner,
        "how": registry.HOW_TO_PAY[wanted.provider],
        "page": page,
        "button_script": script,
        "token": token_of(contribution),
        "notice": notice,
        "takes_token": is_paid_by_token(adapter),
        **standing.way_back(contribution),
    }
    return _with_policy(render(request, "giver/pay.html", context, status=status), page, script)


def show_to_agree(request: HttpRequest, permission: Permission, page: PayPage) -> HttpResponse:
    """The page of /permission/{id}: what the giver is asked, and the provider's button."""
    script = f"{settings.PUBLIC_BASE_URL}/providers/{permission.provider.lower()}/button.js"
    context = {
        "permission": permission,
        "partner": permission.giver.partner,
        "page": page,
        "button_script": script,
        "not_agreed": f"/providers/{permission.provider.lower()}/not-agreed/{permission.public_id}",
    }
    return _with_policy(render(request, "giver/agree.html", context), page, script)


def _with_policy(response: HttpResponse, page: PayPage, script: str) -> HttpResponse:
    response["Content-Security-Policy"] = _policy(page, script)
    # The provider may open a window of its own, and looks at whose page its button is on.
    response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    response["Referrer-Policy"] = "origin"
    return response


@require_safe
def button_script(request: HttpRequest, provider: str) -> HttpResponse:
    """/providers/{provider}/button.js: our script that draws the provider's button on the page."""
    for adapter in registry.webhook_adapters(provider):
        if is_paid_on_our_page(adapter):
            headers = {"Cache-Control": "public, max-age=300"}
            return HttpResponse(adapter.button_script, content_type="text/javascript; charset=utf-8", headers=headers)
    return standing.not_found(request)


def _policy(page: PayPage, script: str) -> str:
    """Our script and the provider's own alone, none of them inline; styles as the provider's button brings them."""
    sources = {name: " ".join(hosts) for name, hosts in page.sources.items()}
    directives = [
        "default-src 'none'",
        f"script-src {script} {sources.pop('script-src')}",
        "style-src 'unsafe-inline'",
        *(f"{name} {hosts}" for name, hosts in sources.items()),
        "form-action http: https:",  # the answer leads on to the partner, the button to whatever the provider has
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return "; ".join(directives)
