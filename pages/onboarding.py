"""/providers/{provider}/onboarded/{id} and /onboarding/{id}: where a provider sends a payee back from its onboarding.

Nothing in the query is believed: the provider is asked how the payee stands. {id} is the payment account's.
"""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contributions import payees
from goals.models import Payee
from ids import is_id
from pages.redirect import see_other
from partners.tags import by_public_id
from providers.base import ProviderNotOffered
from providers.payees import OnboardingNotOffered, PayeeState
from web import places

log = logging.getLogger(__name__)

SENTENCES = {
    PayeeState.READY: ("You can be paid", "{provider} has all that it needs. Gifts can be paid to you from now on."),
    PayeeState.UNCHECKED: ("Thank you", "{provider} does not say yet whether you can be paid. {partner} will see it."),
    PayeeState.ONBOARDING_NEEDED: (
        "Not finished yet",
        "{provider} needs to know more before you can be paid. Ask {partner} for a new link to go on.",
    ),
    PayeeState.RESTRICTED: (
        "You cannot be paid yet",
        "{provider} does not let anybody pay you at this moment. It has told you why, or is looking into it.",
    ),
}
"""What a payee who comes back is told, by State."""


_NO_LINK = (payees.PayeeNotChecked, payees.OnboardingRefused, OnboardingNotOffered, ProviderNotOffered, places.NoPlace)


@require_safe
def come_back(request: HttpRequest, provider: str, account_id: str) -> HttpResponse:
    """The payee is done, or has left: ask the provider, and say how they stand."""
    payee = _found(provider, account_id)
    if payee is None:
        return _nothing_here(request)
    if request.method == "HEAD":
        return _as_known(request, payee)
    try:
        with places.place(request, payee.partner_id, payee.public_id, payees.host_of(payee)):
            payee = payees.check(payee)
    except (payees.PayeeNotChecked, ProviderNotOffered, places.NoPlace):
        detail = f"{payee.provider} does not answer at this moment. {payee.partner.name} will see how you stand."
        return _page(request, "Thank you", detail, payee=payee)
    return _as_known(request, payee)


@require_safe
def go_on(request: HttpRequest, provider: str, account_id: str) -> HttpResponse:
    """The provider's link was over: to a fresh one, for whoever was given the last in the past day."""
    payee = _found(provider, account_id)
    if payee is None:
        return _nothing_here(request)
    if request.method == "HEAD":
        return _as_known(request, payee)
    if not payees.may_have_another_link(payee, request.GET.get("token", "")):
        return _page(request, "This link is over", f"Ask {payee.partner.name} for a new one.", status=400, payee=payee)
    try:
        with places.place(request, payee.partner_id, payee.public_id, payees.host_of(payee)):
            return see_other(payees.onboarding_url(payee))
    except _NO_LINK as error:
        log.warning("onboarding link not renewed", extra={"payment_account": payee.public_id, "error": str(error)})
        detail = f"{payee.provider} gives no new link at this moment. Try again later, or ask {payee.partner.name}."
        return _page(request, "One moment, please", detail, status=503, payee=payee)


def _as_known(request: HttpRequest, payee: Payee) -> HttpResponse:
    """How the payee stood when the provider was asked last."""
    title, detail = SENTENCES[PayeeState(payee.state)]
    return _page(request, title, detail.format(provider=payee.provider, partner=payee.partner.name), payee=payee)


def _found(provider: str, account_id: str) -> Payee | None:
    """`provider`: in lower case."""
    if not is_id(account_id):
        return None
    found = Payee.objects.select_related("partner").filter(**by_public_id(account_id), deleted_at=None)
    return found.filter(provider__iexact=provider).first()


def _nothing_here(request: HttpRequest) -> HttpResponse:
    return _page(request, "Nothing here", "Nobody is onboarded at this address.", status=404)


def _page(request: HttpRequest, title: str, detail: str, *, status: int = 200, payee: Payee | None = None) -> HttpResponse:
    context = {"title": title, "detail": detail, "is_test": payee is not None and payee.partner.is_test}
    return render(request, "giver/problem.html", context, status=status)
