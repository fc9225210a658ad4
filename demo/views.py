"""The pages of a small shop that is a partner of the service. All it knows of a goal or a gift it asks the API for."""

import re
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from whipround import Client, Contribution, Problem, SavingGoal

from demo.forms import ChipInForm, typed
from demo.known import Visitor, visitor_of
from demo.pages import SHOP, in_plain_words, leads_to_a_provider, see_other, status_of
from demo.shop import open_shop

_ID = re.compile(r"[A-Za-z0-9]{1,64}")

ON_THE_WALL = 50

AT_ONCE, BY_CERTIFICATE = "at_once", "certificate"
"""How a visitor who is remembered wants to pay; else at the provider's page."""

OLD_PAGE = "This page is an old one, or of another visitor. Send it once more."


@require_safe
@in_plain_words
def shop(request: HttpRequest) -> HttpResponse:
    """/demo/: the goal, how far it is, who has given, and a form to chip in."""
    with open_shop() as (client, goal):
        return _shop_page(request, client, goal, ChipInForm(), visitor_of(request, client))


@require_http_methods(["GET", "HEAD", "POST"])
@in_plain_words
def chip_in(request: HttpRequest) -> HttpResponse:
    """/demo/chip-in: make the contribution and send the giver to where it is paid; or the form again, with what is wrong."""
    if request.method != "POST":
        return see_other(SHOP)
    form = ChipInForm.sent_with(request)
    notices: list[str] = []
    with open_shop(on_notice=notices.append) as (client, goal):
        visitor = visitor_of(request, client)
        way = typed(request, "way")
        if not _may_pay(visitor, way, has_sent=visitor.has_sent(request)):
            form.fault = OLD_PAGE
            return _shop_page(request, client, goal, form, visitor, status=403)
        try:
            made = _given(request, client, goal, form, visitor)
        except Problem as problem:
            form.say(problem)
            return _shop_page(request, client, goal, form, visitor, status=status_of(problem))
    if way not in {AT_ONCE, BY_CERTIFICATE}:
        return see_other(made.provider_url)
    if made.status == "Submitted":
        return render(request, "demo/one_more_step.html", {"gift": made, "goal": goal, "notices": notices})
    return see_other(f"thanks?Id={made.id}")


def _may_pay(visitor: Visitor, way: str, *, has_sent: bool) -> bool:
    """In a visitor's name only what they have sent themselves."""
    if way == AT_ONCE:
        return visitor.agreed() and has_sent
    return way != BY_CERTIFICATE or (visitor.giver is not None and has_sent)


def _given(request: HttpRequest, client: Client, goal: SavingGoal, form: ChipInForm, visitor: Visitor) -> Contribution:
    """The gift: for whoever is remembered and wants it so, paid at once, under their permission or by certificates."""
    how: dict[str, Any] = {}
    way = typed(request, "way")
    if visitor.giver is not None and way in {AT_ONCE, BY_CERTIFICATE}:
        how = {"use_permission": True} if way == AT_ONCE else {"provider_name": "Certificate"}
        how |= {"giver_id": visitor.giver.id, "pin": typed(request, "pin") or None}
    return client.create_contribution(
        goal.id,
        amount=form.values["amount"],
        contributor=form.values["name"],
        message=form.values["message"] or None,
        idempotency_key=form.idempotency_key,
        **how,
    )


@require_safe
@in_plain_words
def gift(request: HttpRequest) -> HttpResponse:
    """/demo/thanks and /demo/cancelled: how the gift stands, whichever of the two the giver was sent to."""
    contribution_id = request.GET.get("Id", "")
    with open_shop() as (client, goal):
        contribution = _contribution(client, contribution_id)
    if contribution is None:
        return render(request, "demo/no_such_gift.html", status=404)
    looked = request.GET.get("looks", "")
    context = {
        "gift": contribution,
        "goal": goal,
        "is_open": contribution.status in {"Submitted", "Pending"},
        "next_look": {"": 1, "1": 2, "2": 3}.get(looked),  # three by itself, then by a button
        "is_given_back_in_part": contribution.status == "Settled" and contribution.refunded_amount > 0,
    }
    return render(request, "demo/gift.html", context)


def _contribution(client: Client, contribution_id: str) -> Contribution | None:
    if not _ID.fullmatch(contribution_id):
        return None
    try:
        return client.get_contribution(contribution_id)
    except Problem as problem:
        if problem.status in {403, 404}:
            return None
        raise


def _shop_page(
    request: HttpRequest, client: Client, goal: SavingGoal, form: ChipInForm, visitor: Visitor, *, status: int = 200
) -> HttpResponse:
    if visitor.giver is not None and "name" not in form.values:
        form.values["name"] = visitor.giver.name or ""
    context: dict[str, Any] = {"goal": goal, "percent": _percent(goal), "form": form, "wall": _wall(client, goal)}
    return leads_to_a_provider(render(request, "demo/shop.html", context | {"visitor": visitor}, status=status))


def _wall(client: Client, goal: SavingGoal) -> list[Contribution]:
    """Who has given, and who will have once the provider is done, newest first."""
    found = (islice(client.list_contributions(goal.id, status=status), ON_THE_WALL) for status in ("Settled", "Pending"))
    return sorted((gift for gifts in found for gift in gifts), key=lambda gift: gift.date, reverse=True)


def _percent(goal: SavingGoal) -> int:
    """How much of the goal is reached, 0 to 100."""
    return max(0, min(100, int(100 * goal.current_amount / goal.goal_amount)))
