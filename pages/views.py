"""What a gift-giver's browser sees of us: the way back from the provider, and the hosted pages."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from contributions import returned_checkouts
from contributions.causes import Cause
from contributions.checkout import may_still_change
from contributions.models import Contribution
from contributions.status import OPEN, SUBMITTED
from ids import is_id
from pages import choice as choice_page
from pages import pay as pay_page
from pages.patience import find_out
from pages.redirect import redirect_url
from providers import registry
from providers.base import ProviderUnavailable, is_paid_by_token, is_paid_on_our_page
from web import problems

log = logging.getLogger(__name__)


@require_safe
def come_back(request: HttpRequest, provider: str, contribution_id: str, way: str) -> HttpResponse:
    """/providers/{provider}/return/{id} and /cancel/{id}: ask the provider, then bounce. Nothing in the query is believed."""
    contribution = _contribution(contribution_id)
    if contribution is None or contribution.provider.lower() != provider or request.method == "HEAD":
        return _not_found(request)
    try:
        fits = _fits(request, contribution, way)
    except returned_checkouts.CannotTell as error:
        log.warning("return not looked into", extra={"contribution": contribution.public_id, "error": str(error)})
        return _look_again(request, contribution)
    if not fits:
        return _does_not_fit(request)
    if may_still_change(contribution):
        adapter = registry.adapter(contribution.adapter)
        contribution = find_out(contribution, Cause(way))
        if contribution.payer_action_url and contribution.status in OPEN and way == Cause.RETURN:
            return HttpResponse(status=303, headers={"Location": contribution.payer_action_url})
        if is_paid_by_token(adapter) and way == Cause.RETURN:
            unfinished = pay_page.unfinished(contribution, "unproven")  # at the bank: another card may do
            if unfinished is not None:
                return unfinished
    return HttpResponse(status=303, headers={"Location": redirect_url(contribution)})


def _fits(request: HttpRequest, contribution: Contribution, way: str) -> bool:
    """Whether the giver brings back the checkout of this contribution. Raises returned_checkouts.CannotTell."""
    tokens = request.GET.getlist(registry.adapter(contribution.adapter).return_token_argument)
    if not tokens and way == Cause.CANCEL:
        return pay_page.is_way_out(contribution, request.GET.get(pay_page.WAY_OUT, ""))
    if len(tokens) != 1:
        return False
    if _same(tokens[0], contribution.checkout_id) or (way == Cause.CANCEL and _opened_as(tokens[0], contribution)):
        return True
    return returned_checkouts.belongs(contribution, tokens[0], remember=way == Cause.RETURN and may_still_change(contribution))


def _opened_as(token: str, contribution: Contribution) -> bool:
    """Whether that is the request id under which the checkout was opened: what a way to cancel can carry before it is."""
    opening = contribution.provider_requests.filter(operation__startswith="open").order_by("-pk").first()
    return opening is not None and _same(token, opening.request_id)


def _same(given: str, stored: str) -> bool:
    return bool(stored) and secrets.compare_digest(given.encode(), stored.encode())


@require_safe
def gift_page(request: HttpRequest) -> HttpResponse:
    """/thank-you and /cancelled: one page that says how the gift stands, whichever of the two was asked for."""
    contribution = _contribution(request.GET.get("Id", ""))
    if contribution is None:
        return _not_found(request)
    context = {"contribution": contribution, "goal": contribution.goal}
    return render(request, "giver/gift.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, contribution_id: str) -> HttpResponse:
    """/pay/{id}: on to the provider's page while the gift can be paid; otherwise how it stands.

    Where the goal has several providers this is where the giver picks one. Where the provider has no page this is where
    the giver pays (GET, and POST where the page has a token to pay with), or says that they will not (POST).
    """
    contribution = _contribution(contribution_id)
    if contribution is None:
        return _not_found(request)
    if contribution.account is None or choice_page.is_asked(request):
        return choice_page.answer(request, contribution)
    adapter = registry.adapter(contribution.adapter)
    if is_paid_on_our_page(adapter):
        try:
            return pay_page.answer(request, contribution, adapter)
        except pay_page.NothingSent:
            return _look_again(request, contribution)
        except ProviderUnavailable as error:
            log.warning("pay page not shown", extra={"contribution": contribution.public_id, "error": str(error)})
            return _look_again(request, contribution)
    if request.method == "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if contribution.status == SUBMITTED and contribution.provider_url:
        return HttpResponse(status=303, headers={"Location": contribution.provider_url})
    if contribution.picked_at is not None:
        return choice_page.how_it_stands(request, contribution)
    return HttpResponse(status=303, headers={"Location": redirect_url(contribution)})


@require_safe
def button_script(request: HttpRequest, provider: str) -> HttpResponse:
    """/providers/{provider}/button.js: our script that draws the provider's button on the pay page."""
    adapter = registry.webhook_adapter(provider)
    if adapter is not None and is_paid_on_our_page(adapter):
        headers = {"Cache-Control": "public, max-age=300"}
        return HttpResponse(adapter.button_script, content_type="text/javascript; charset=utf-8", headers=headers)
    return _not_found(request)


def _contribution(contribution_id: str) -> Contribution | None:
    if not is_id(contribution_id):
        return None
    known = Contribution.objects.select_related("goal", "account").filter(published_at__isnull=False)
    return known.filter(public_id=contribution_id).first()


def _does_not_fit(request: HttpRequest) -> HttpResponse:
    detail = "This address does not belong to the payment it names. Nothing was changed: go back to the page you came from."
    return render(request, "giver/problem.html", {"title": "This link does not fit", "detail": detail}, status=400)


def _look_again(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    detail = (
        f"{contribution.provider} does not answer at this moment, and nothing was taken yet. This page looks again "
        "by itself every few seconds; please leave it open."
    )
    context = {"title": "One moment, please", "detail": detail, "looks_again": True}
    page = render(request, "giver/problem.html", context, status=503)
    page["Retry-After"] = str(problems.RETRY_AFTER_SECONDS)
    return page


def _not_found(request: HttpRequest) -> HttpResponse:
    detail = "There is no gift at this address. Go back to the page that sent you here."
    return render(request, "giver/problem.html", {"title": "Nothing here", "detail": detail}, status=404)
