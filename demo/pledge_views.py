"""The page on which a visitor who is remembered gives every week or month."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST
from whipround import Client, Pledge, Problem, SavingGoal

from demo import known
from demo.forms import PledgeForm, typed
from demo.known import Visitor
from demo.pages import in_plain_words, see_other, status_of
from demo.shop import open_shop

PLEDGE = "pledge"
NOT_AGREED = "Have the shop remember you first: a pledge is given without your being asked each time."


@require_http_methods(["GET", "HEAD", "POST"])
@in_plain_words
def pledge(request: HttpRequest) -> HttpResponse:
    """/demo/pledge: what the visitor has pledged, and a form to pledge."""
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
        if request.method != "POST":
            return _page(request, client, visitor, goal, PledgeForm())
        form = PledgeForm.sent_with(request)
        if visitor.giver is None or not visitor.agreed() or not visitor.has_sent(request):
            form.fault = known.NO_COOKIE if visitor.agreed() else NOT_AGREED
            return _page(request, client, visitor, goal, form, status=403)
        try:
            client.create_pledge(
                goal.id,
                giver_id=visitor.giver.id,
                amount=form.values["amount"],
                every=form.values["every"],
                pin=typed(request, "pin") or None,
                idempotency_key=form.idempotency_key,
            )
        except Problem as problem:
            form.say(problem)
            return _page(request, client, visitor, goal, form, status=status_of(problem))
    return see_other(PLEDGE)


@require_POST
@in_plain_words
def end_pledge(request: HttpRequest) -> HttpResponse:
    """/demo/end-pledge: end one of the visitor's own."""
    with open_shop() as (client, _):
        visitor = known.visitor_of(request, client)
        own = {one.id for one in _pledges(client, visitor)} if visitor.has_sent(request) else set()
        if (pledge_id := typed(request, "pledge")) in own:
            client.end_pledge(pledge_id)
    return see_other(PLEDGE)


def _pledges(client: Client, visitor: Visitor) -> list[Pledge]:
    """The visitor's, but for those that are over."""
    if visitor.giver is None:
        return []
    return [one for one in client.list_all_pledges(giver_id=visitor.giver.id) if one.state != "Ended"]


def _page(
    request: HttpRequest, client: Client, visitor: Visitor, goal: SavingGoal, form: PledgeForm, *, status: int = 200
) -> HttpResponse:
    context = {"goal": goal, "form": form, "pledges": _pledges(client, visitor)}
    return known.page_with_cookie(request, "demo/pledge.html", visitor, context, status=status)
