"""The pages of a small shop that is a partner of the service. All it knows of a goal or a gift it asks the API for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from whipround import Client, Contribution, Problem, SavingGoal, WhiproundError, new_idempotency_key

from demo.shop import WrongService, open_shop

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_ID = re.compile(r"[A-Za-z0-9]{1,64}")

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that the API does not take: what a keyboard or a clipboard slipped in, and nobody sees."""

ON_THE_WALL = 50

SHOP = "./"
"""Relative, as all addresses within the shop: they hold under whatever path a proxy puts the service."""

FIELDS = {"Contributor": ("name", "Your name"), "Message": ("message", "Your message"), "Amount": ("amount", "The amount")}
"""The API's elements, by the names of the form's fields and the words that a visitor knows them by."""

View = Callable[[HttpRequest], HttpResponse]


@dataclass
class ChipInForm:
    """What a visitor has typed, and what is wrong with it: `faults` by field, `fault` with the whole."""

    idempotency_key: str = field(default_factory=new_idempotency_key)
    """Made with the form: however often the same form is sent, it makes one gift."""
    name: str = ""
    message: str = ""
    amount: str = ""
    fault: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent_with(cls, request: HttpRequest) -> "ChipInForm":
        name, message, amount, key = (
            _NOT_IN_XML.sub("", request.POST.get(field, "")) for field in ("name", "message", "amount", "idempotency_key")
        )
        form = cls(name=name.strip(), message=message, amount=amount)
        if _IDEMPOTENCY_KEY.fullmatch(key):
            form.idempotency_key = key
        return form

    def say(self, problem: Problem) -> None:
        """Put the API's objections next to the fields that they are about."""
        for fault in problem.faults:
            element = fault.path.rpartition("/")[2]
            name, label = FIELDS.get(element, ("", ""))
            if name:
                self.faults[name] = label + fault.sentence.removeprefix(element)
            else:
                self.fault = fault.sentence
        if problem.code == "idempotency_key_reused":
            self.idempotency_key = new_idempotency_key()
            self.fault = "You have sent this form before, with something else in it. To give a second time, send it once more."
        elif not problem.faults:
            self.fault = problem.detail


def in_plain_words(view: View) -> View:
    """Where the service does not answer, or not as it should, the page says so, and what to do about it."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except WhiproundError as error:
            sent_a_form = request.method == "POST"
            context = {
                "sent_a_form": sent_a_form,
                "again": SHOP if sent_a_form else _as_it_is(request),
                "address": settings.PUBLIC_BASE_URL,
                "seen_at": f"{request.scheme}://{request.get_host()}",
                "no_answer": not isinstance(error, Problem),
                "wrong_service": isinstance(error, WrongService),
                "detail": " ".join(error.sentences) if isinstance(error, Problem) else str(error),
            }
            return render(request, "demo/closed.html", context, status=502)

    return wrapped


@require_safe
@in_plain_words
def shop(request: HttpRequest) -> HttpResponse:
    """/demo/: the goal, how far it is, who has given, and a form to chip in."""
    with open_shop() as (client, goal):
        return _shop_page(request, client, goal, ChipInForm())


@require_http_methods(["GET", "HEAD", "POST"])
@in_plain_words
def chip_in(request: HttpRequest) -> HttpResponse:
    """/demo/chip-in: make the contribution and send the giver to where it is paid; or the form again, with what is wrong."""
    if request.method != "POST":
        return _see_other(SHOP)
    form = ChipInForm.sent_with(request)
    with open_shop() as (client, goal):
        try:
            made = client.create_contribution(
                goal.id,
                amount=form.amount,
                contributor=form.name,
                message=form.message or None,
                idempotency_key=form.idempotency_key,
            )
        except Problem as problem:
            form.say(problem)
            return _shop_page(request, client, goal, form, status=problem.status if problem.status < 500 else 502)
    return _see_other(made.provider_url)


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


def _shop_page(request: HttpRequest, client: Client, goal: SavingGoal, form: ChipInForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"goal": goal, "percent": _percent(goal), "form": form, "wall": _wall(client, goal)}
    page = render(request, "demo/shop.html", context, status=status)
    # The form's answer leads on to the provider, and a browser holds a form's redirects to form-action too.
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page


def _wall(client: Client, goal: SavingGoal) -> list[Contribution]:
    """Who has given, and who will have once the provider is done, newest first."""
    found = (islice(client.list_contributions(goal.id, status=status), ON_THE_WALL) for status in ("Settled", "Pending"))
    return sorted((gift for gifts in found for gift in gifts), key=lambda gift: gift.date, reverse=True)


def _percent(goal: SavingGoal) -> int:
    """How much of the goal is reached, 0 to 100."""
    return max(0, min(100, int(100 * goal.current_amount / goal.goal_amount)))


def _as_it_is(request: HttpRequest) -> str:
    """The address of this page, from this page."""
    return request.get_full_path().rpartition("/demo/")[2] or SHOP


def _see_other(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address})
