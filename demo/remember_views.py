"""The pages on which a visitor has the shop remember them, and forget them again."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from whipround import Client, Giver, Permission, Problem, SavingGoal

from demo import known
from demo.forms import RememberForm
from demo.known import Visitor
from demo.pages import SHOP, in_plain_words, see_other, status_of
from demo.shop import open_shop

REMEMBER = "remember"


@require_http_methods(["GET", "HEAD", "POST"])
@in_plain_words
def remember(request: HttpRequest) -> HttpResponse:
    """/demo/remember: ask the visitor who they are, and the provider for what they agree to."""
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
        if request.method != "POST":
            return _page(request, visitor, goal, RememberForm(values={"maximum": "50.00"}))
        form = RememberForm.sent_with(request)
        if not visitor.has_sent(request):
            form.fault = known.NO_COOKIE
            return _page(request, visitor, goal, form, status=403)
        try:
            permission = _asked(client, visitor, goal, form)
        except Problem as problem:
            form.say(problem)
            return _page(request, known.visitor_of(request, client), goal, form, status=status_of(problem))
    return see_other(permission.permission_url)


@require_safe
@in_plain_words
def remembered(request: HttpRequest) -> HttpResponse:
    """/demo/remembered: what has come of it, whether the giver has agreed at the provider or not."""
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
    return render(request, "demo/remembered.html", {"visitor": visitor, "goal": goal})


@require_POST
@in_plain_words
def forget(request: HttpRequest) -> HttpResponse:
    """/demo/forget: erase the giver at the service, whose permissions are over with that, and let go of the cookie."""
    with open_shop() as (client, _):
        visitor = known.visitor_of(request, client)
        if not visitor.has_sent(request):
            return see_other(REMEMBER)
        if visitor.giver is not None:
            client.erase_giver(visitor.giver.id)
    answer = see_other(SHOP)
    known.take_cookie(answer)
    return answer


def _asked(client: Client, visitor: Visitor, goal: SavingGoal, form: RememberForm) -> Permission:
    """The giver with their PIN, and the permission that they are asked for. Each step can be taken again."""
    giver = visitor.giver or new_giver(client, visitor, form.values["name"], form.idempotency_key)
    if form.values["new_pin"] and not giver.pin_set:
        client.set_pin(giver.id, form.values["new_pin"], idempotency_key=f"{form.idempotency_key}-pin")
    address = settings.PUBLIC_BASE_URL + reverse("demo:remembered")
    return client.ask_permission(
        giver.id,
        provider_name=goal.payment_providers[0].provider_name,
        currency=goal.currency,
        maximum_amount=form.values["maximum"],
        confirmation_url=address,
        cancel_url=address,
        idempotency_key=f"{form.idempotency_key}-permission",
    )


def new_giver(client: Client, visitor: Visitor, name: str, idempotency_key: str) -> Giver:
    """The visitor as a giver of the shop's, made once for the form with this key."""
    return client.create_giver(external_id=visitor.external_id, name=name, idempotency_key=f"{idempotency_key}-giver")


def _page(request: HttpRequest, visitor: Visitor, goal: SavingGoal, form: RememberForm, *, status: int = 200) -> HttpResponse:
    return known.page_with_cookie(request, "demo/remember.html", visitor, {"goal": goal, "form": form}, status=status)
