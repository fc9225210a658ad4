"""Pages that say how a gift stands, and the plain pages for whoever cannot be helped further here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import clock
from contributions import reopening
from contributions.models import Contribution
from contributions.snapshot import expires_at
from contributions.status import MAY_BE_PAID, Intent, Stage
from ids import is_id

RETRY_AFTER_SECONDS = 5


def find_gift(contribution_id: str) -> Contribution | None:
    """The contribution with this public id."""
    return Contribution.objects.whole().filter(public_id=contribution_id).first() if is_id(contribution_id) else None


@require_safe
def gift_page(request: HttpRequest) -> HttpResponse:
    """/thank-you and /cancelled: one page that says how the gift stands, whichever of the two was asked for."""
    contribution = find_gift(request.GET.get("Id", ""))
    return not_found(request) if contribution is None else how_it_stands(request, contribution, asked_to_pay=False)


def how_it_stands(request: HttpRequest, contribution: Contribution, *, asked_to_pay: bool = True) -> HttpResponse:
    """The page that says what became of it. `asked_to_pay`: for whoever would pay and cannot."""
    unpaid = contribution.status in MAY_BE_PAID
    withdrawn = unpaid and contribution.intent == Intent.RELEASE
    in_review = unpaid and not withdrawn and contribution.current_checkout.stage == Stage.APPROVED
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "asked_to_pay": asked_to_pay,
        "withdrawn": withdrawn,
        "over": unpaid and clock.now() >= expires_at(contribution),
        "in_review": in_review,
        "may_be_paid": reopening.may_be_paid(contribution) and not in_review,
    }
    return render(request, "giver/gift.html", context)


def look_again(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """503: the provider is silent, or somebody is at it; the page loads itself again."""
    who = contribution.provider or "The payment company"
    detail = (
        f"{who} does not answer at this moment, and nothing was taken yet. This page looks again "
        "by itself every few seconds; please leave it open."
    )
    context = {"title": "One moment, please", "detail": detail, "looks_again": True}
    page = render(request, "giver/problem.html", context, status=503)
    page["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return page


def does_not_fit(request: HttpRequest) -> HttpResponse:
    """400: the link names a payment that is not this gift's."""
    detail = "This address does not belong to the payment it names. Nothing was changed: go back to the page you came from."
    return render(request, "giver/problem.html", {"title": "This link does not fit", "detail": detail}, status=400)


def not_found(request: HttpRequest) -> HttpResponse:
    """404, for people."""
    detail = "There is no gift at this address. Go back to the page that sent you here."
    return render(request, "giver/problem.html", {"title": "Nothing here", "detail": detail}, status=404)
