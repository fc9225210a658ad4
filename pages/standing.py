"""Pages that say how a gift stands, and the plain pages for whoever cannot be helped further here."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import clock
import prepared_models
from contributions import reopening, room
from contributions.causes import BY_WISH
from contributions.entries import Kind
from contributions.models import Contribution, LedgerEntry, Refund
from contributions.snapshot import expires_at
from contributions.status import CANCELED, FAILED, MAY_BE_PAID, REFUNDED, SETTLED, Intent, Stage, Status
from goals.models import CapturePolicy
from ids import is_id
from pages import sentences
from pages.redirect import way_back_url
from pages.sentence_types import NoRoom, Then
from partners.tags import by_public_id
from providers import registry
from web import places, request_ids

RETRY_AFTER_SECONDS = 5

LOOKS = "looks"
"""The query argument that says how often a page has looked again by itself."""

LOOKS_AFTER_SECONDS = (5, 15, 40)
"""A page looks again by itself so often, and then leaves it to a button: it must not change under a reader for ever."""


@dataclass(frozen=True)
class WayBack:
    """Whose gift it is, and where the giver gets back to."""

    partner: str
    url: str
    """Empty where the partner has named no address."""
    is_test: bool = False


@dataclass(frozen=True)
class Looks:
    """How a page looks again: by itself after `seconds`, if any are left, and by a button."""

    url: str
    seconds: int | None
    next_url: str


def find_gift(contribution_id: str) -> Contribution | None:
    """The contribution with this public id."""
    return (
        prepared_models.one_where(Contribution.objects.whole, by_public_id(contribution_id)) if is_id(contribution_id) else None
    )


@require_safe
def gift_page(request: HttpRequest) -> HttpResponse:
    """/thank-you and /cancelled: one page that says how the gift stands, whichever of the two was asked for."""
    contribution = find_gift(request.GET.get("Id", ""))
    return not_found(request) if contribution is None else how_it_stands(request, contribution, asked_to_pay=False)


def how_it_stands(
    request: HttpRequest, contribution: Contribution, *, asked_to_pay: bool = True, told: str = ""
) -> HttpResponse:
    """The page that says what became of it.

    `asked_to_pay`: for whoever would pay and cannot: that page looks again where it opens nothing. `told`: what the provider
    has just said to a giver who came back and has not paid; see sentence_types.Gift.
    """
    said = sentences.said_of(_gift_of(contribution, asked_to_pay=asked_to_pay, told=told))
    elsewhere = f"{settings.PUBLIC_BASE_URL}/thank-you?Id={contribution.public_id}" if asked_to_pay else ""
    unconfirmed = told and reopening.may_be_paid(contribution)
    context = {
        "contribution": contribution,
        "goal": contribution.goal,
        "said": said,
        "looks": looks_of(request, elsewhere) if said.then is Then.LOOK_AGAIN else None,
        "go_on": contribution.pay_url if said.then in {Then.GO_ON, Then.TRY_AGAIN} or unconfirmed else "",
        "tries_again": said.then is Then.TRY_AGAIN,
        **way_back(contribution),
    }
    return render(request, "giver/gift.html", context)


def what_came_before(contribution: Contribution) -> str:
    """What became of the last try, for a page where the giver can try again; empty where there was none."""
    if contribution.status not in {FAILED, CANCELED}:
        return ""
    return sentences.said_of(_gift_of(contribution, asked_to_pay=True, told="")).sentences[0]


def way_back(contribution: Contribution) -> dict[str, WayBack]:
    """For the context of a page about this gift."""
    partner = contribution.goal.partner
    return {"way_back": WayBack(partner.name, way_back_url(contribution), is_test=partner.is_test)}


def looks_of(request: HttpRequest, elsewhere: str = "") -> Looks:
    """How the page that answers this request looks again: at the same address, or `elsewhere`, which has a query."""
    told = request.GET.get(LOOKS, "")
    looked = min(int(told), len(LOOKS_AFTER_SECONDS)) if told.isascii() and told.isdecimal() and len(told) < 3 else 0
    rest = [(name, value) for name, values in request.GET.lists() for value in values if name != LOOKS]
    address = f"{elsewhere}&" if elsewhere else f"?{urlencode(rest)}&" if rest else "?"
    by_hand = f"{address}{LOOKS}={len(LOOKS_AFTER_SECONDS)}"
    if looked >= len(LOOKS_AFTER_SECONDS):
        return Looks(by_hand, None, "")
    return Looks(by_hand, LOOKS_AFTER_SECONDS[looked], f"{address}{LOOKS}={looked + 1}")


def has_looked(request: HttpRequest) -> bool:
    """Whether a page asks that has shown its answer before."""
    return bool(request.GET.get(LOOKS))


def _gift_of(contribution: Contribution, *, asked_to_pay: bool, told: str) -> sentences.Gift:
    checkout, goal = contribution.current_checkout, contribution.goal
    status = Status(contribution.status)
    released = contribution.intent == Intent.RELEASE
    unpaid = status in MAY_BE_PAID
    may_be_paid = reopening.may_be_paid(contribution) and checkout.stage != Stage.APPROVED
    return sentences.Gift(
        status=status,
        partner=goal.partner.name,
        goal=goal.name,
        giver="" if contribution.is_anonymous else contribution.contributor,
        amount=contribution.amount_minor,
        currency=contribution.currency,
        provider=contribution.provider,
        by_hand=contribution.provider in registry.LOCAL_NAMES,
        reason=contribution.intent_reason if released else contribution.status_reason,
        intent=Intent(contribution.intent),
        on_goal_reached=checkout.capture_policy == CapturePolicy.ON_GOAL_REACHED,
        manual=checkout.capture_policy == CapturePolicy.MANUAL,
        was_held=_was_held(contribution),
        settled=contribution.settled_minor or 0,
        refunded=contribution.refunded_minor,
        on_its_way_back=contribution.refunds_reserved_minor - contribution.refunded_minor,
        given_back_by_partner=contribution.refunded_minor > 0 and _given_back_by_partner(contribution),
        reversed=contribution.reversed_minor,
        in_review=unpaid and not released and checkout.stage == Stage.APPROVED,
        is_over=unpaid and clock.now() >= expires_at(contribution),
        may_be_paid=may_be_paid,
        told=told,
        asked_to_pay=asked_to_pay,
        **(_no_room(contribution) if may_be_paid else {}),
    )


def _no_room(contribution: Contribution) -> dict[str, Any]:
    """What the sentences say where the goal has no room for the gift at this moment."""
    why = room.no_room_for(contribution)
    if isinstance(why, room.GoalIsFull):
        is_held = not why.missing_minor and not why.is_reached
        return {"no_room": NoRoom.HELD if is_held else NoRoom.FULL, "missing": why.missing_minor}
    if isinstance(why, room.GoalIsReserved):
        until = f"{why.until + timedelta(minutes=1):%H:%M} UTC" if why.until else ""
        return {"no_room": NoRoom.RESERVED, "reserved_until": until}
    return {}


def _was_held(contribution: Contribution) -> bool:
    """Whether the money of the current checkout was ever held."""
    number = contribution.current_checkout.number
    entries = LedgerEntry.objects.filter(contribution=contribution, checkout_number=number)
    return entries.filter(kind=Kind.AUTHORIZATION).exists()


def _given_back_by_partner(contribution: Contribution) -> bool:
    done = Refund.objects.filter(contribution=contribution, status=Refund.Status.COMPLETED)
    return contribution.status in {SETTLED, REFUNDED} and not done.exclude(cause__in=BY_WISH).exists()


def ask_to_open(request: HttpRequest, contribution: Contribution, provider: str) -> None:
    """Before a checkout is opened at this provider, by a request that has a place. Raises ProviderBusy."""
    checkout = contribution.current_checkout
    if not checkout.provider_checkout_id:  # else its own provider is asked first, and the request has its place there
        places.ask(request, checkout.host or registry.host_to_open(provider, is_test=contribution.goal.partner.is_test))


# --- Where nothing can be said of a gift, or not now ------------------------------------------------------------------


def look_again(request: HttpRequest, contribution: Contribution, *, full: places.NoPlace | None = None) -> HttpResponse:
    """503: the provider is silent, or somebody is at it; the page loads itself again a few times.

    `full`: why this giver was not let in, where so many ask already.
    """
    who = contribution.provider or "The payment company"
    looks = looks_of(request)
    if full is not None and looks.seconds is not None:
        looks = replace(looks, seconds=max(looks.seconds, full.seconds))
    itself = "This page looks again by itself a few times; please leave it open."
    silent = f"{who} does not answer at this moment, and nothing was taken yet."
    asked = f"{who} is being asked at this moment how your gift stands. Nothing is taken twice."
    slow = f"{who} answers slowly at this moment, and others are waiting for it too. Nothing is taken twice."
    why = silent if full is None else slow if isinstance(full, places.ProviderBusy) else asked
    detail = f"{why} {itself if looks.seconds else ''}"
    page = problem(request, "One moment, please", detail.strip(), 503, contribution, looks=looks)
    page["Retry-After"] = str(RETRY_AFTER_SECONDS if full is None else full.seconds)
    return page


def does_not_fit(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """400: the link names a payment that is not this gift's."""
    detail = "This address does not belong to the payment it names. Nothing was changed: go back to the page you came from."
    return problem(request, "This link does not fit", detail, 400, contribution)


def not_found(request: HttpRequest) -> HttpResponse:
    """404, for people."""
    detail = "There is no gift at this address. Nothing was charged here: go back to the page that sent you."
    return problem(request, "Nothing here", detail, 404, None)


def tried_too_often(request: HttpRequest, contribution: Contribution) -> HttpResponse:
    """For a gift that has had as many checkouts as it can have."""
    detail = "It was tried too often to pay this gift, and nothing was paid. Please go back and make a new one."
    return problem(request, "This gift cannot be paid any more", detail, 409, contribution)


def problem(
    request: HttpRequest,
    title: str,
    detail: str,
    status: int,
    contribution: Contribution | None,
    *,
    looks: Looks | None = None,
) -> HttpResponse:
    """A plain page that says what is wrong; with the partner's name and the way back where the gift is known."""
    known = way_back(contribution) if contribution is not None else {}
    told = {"title": title, "detail": detail, "looks": looks, "request_id": request_ids.id_of(request), **known}
    return render(request, "giver/problem.html", told, status=status)
