"""Plain Django: function views, the ORM, HttpResponse."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from benchmarks.peers import new_gift, records
from benchmarks.peers.representation import XML, document, gift_elements, savings_document


def gift(request: HttpRequest, gift_id: str) -> HttpResponse:
    partner = records.partner_of(request.headers.get("Authorization", ""))
    if partner is None:
        return HttpResponse(status=401)
    found = records.gift_of(partner, gift_id)
    if found is None:
        return HttpResponse(status=404)
    tag = records.tag(found)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return HttpResponse(document("Contribution", gift_elements(found)), content_type=XML, headers={"ETag": tag})


@csrf_exempt
def gifts_of_goal(request: HttpRequest, goal_id: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    partner = records.partner_of(request.headers.get("Authorization", ""))
    if partner is None:
        return HttpResponse(status=401)
    goal = records.goal_of(partner, goal_id)
    if goal is None:
        return HttpResponse(status=404)
    wish = new_gift.read(request.body)
    if wish is None:
        return HttpResponse(status=400)
    made = new_gift.make(goal, wish)
    body = document("Contribution", gift_elements(made))
    return HttpResponse(body, status=201, content_type=XML, headers={"ETag": records.tag(made)})


def savings(request: HttpRequest) -> HttpResponse:
    partner = records.partner_of(request.headers.get("Authorization", ""))
    if partner is None:
        return HttpResponse(status=401)
    return HttpResponse(savings_document(records.savings_of(partner, int(request.GET["limit"]))), content_type=XML)


urlpatterns = [
    path("api/Contribution/<str:gift_id>", gift),
    path("api/SavingGoal/<str:goal_id>/Contributions", gifts_of_goal),
    path("api/savings", savings),
]
