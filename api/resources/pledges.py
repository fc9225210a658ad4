"""/api/SavingGoal/{id}/Pledges, /api/Pledges, and /api/Pledge/{id} with .../Pause and .../Resume"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authentication import partner_of
from api.authorization import OwnRecords
from api.idempotency import answer_once, is_repeated
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import pledge as record
from api.resources.base import PartnerResource
from api.resources.goals import GoalResource
from api.serializer import Document, StrictSerializer
from goals.models import SavingGoal
from ids import is_id
from lookups import one_or_none
from partners import newest
from partners.tags import by_public_id
from pledges import agreeing, changes
from pledges.models import Pledge
from pledges.states import PledgeState
from web import negotiation
from web.problems import BadArgument


class PledgeResource(PartnerResource):
    """The pledges of a partner's givers."""

    called = "pledge"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Pledge")
        authorization = OwnRecords("goal__partner")
        list_allowed_methods = ["get", "post"]
        all_allowed_methods = ["get"]
        detail_allowed_methods = ["get", "delete"]
        pause_allowed_methods = ["post"]
        resume_allowed_methods = ["post"]

    goals = GoalResource()

    def stored(self, public_id: str) -> Pledge | None:
        return one_or_none(changes.whole().filter(**by_public_id(public_id))) if is_id(public_id) else None

    def get_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.goals.own(request, goal_id)
        every = Pledge.objects.filter(goal=goal)
        return self._page(request, every, every, ("SavingGoal", goal.public_id, "Pledges"))

    def get_all(self, request: HttpRequest) -> HttpResponse:
        """Of all goals."""
        own = self.authorized_read_list(Pledge.objects.all(), self.build_bundle(request=request))
        found = newest.of_partner(Pledge.objects.all(), partner_of(request).pk)
        return self._page(request, found, own, ("Pledges",), arguments=("GiverId",), order=newest.ORDER)

    def _page(
        self,
        request: HttpRequest,
        found: QuerySet[Pledge],
        every: QuerySet[Pledge],
        where: tuple[str, ...],
        *,
        arguments: tuple[str, ...] = (),
        order: tuple[str, ...] = ("-pk",),
    ) -> HttpResponse:
        given = negotiation.arguments(request, (*arguments, "State", *PAGING))
        if "GiverId" in given:
            found = found.filter(giver__public_id=given["GiverId"])
        if "State" in given:
            if given["State"] not in list(PledgeState):
                raise BadArgument(f"State must be one of {', '.join(PledgeState)}.")
            found = found.filter(state=given["State"])
        whole = changes.whole().filter(partner=partner_of(request).pk)
        page, more = page_of(found, every, given, order=order, whole=whole)
        content: dict[str, Any] = {"Pledge": [record.content(one) for one in page]}
        if more:
            content["Next"] = url_of(*where, **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("Pledges", content))

    def post_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal: SavingGoal = self.goals.own(request, goal_id)

        def make(record_id: str) -> HttpResponse:
            wish = record.read(self.body_node(request), goal)
            made = agreeing.make(goal, wish, public_id=record_id, is_repeated=is_repeated(request))
            return self.answer(request, made, status=201)

        return self.make_once(request, make, lambda: agreeing.check(goal, record.read(self.body_node(request), goal)))

    def get_detail(self, request: HttpRequest, pledge_id: str) -> HttpResponse:
        pledge = self.own(request, pledge_id)
        negotiation.arguments(request)
        return self.answer(request, pledge)

    def delete_detail(self, request: HttpRequest, pledge_id: str) -> HttpResponse:
        """End it. It can be read all the same."""
        pledge = self.own(request, pledge_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, pledge_id)):
            conditions.check_if_match(request, self.tag(pledge))
        changes.end(pledge, "client_ended")
        return HttpResponse(status=204)

    def post_pause(self, request: HttpRequest, pledge_id: str) -> HttpResponse:
        """No gift is begun until it is resumed."""
        pledge = self.own(request, pledge_id)
        return self._changed(request, lambda: changes.pause(pledge, "client_paused"))

    def post_resume(self, request: HttpRequest, pledge_id: str) -> HttpResponse:
        """It goes on with the first gift that is due from now on."""
        pledge = self.own(request, pledge_id)
        return self._changed(request, lambda: changes.resume(pledge))

    def _changed(self, request: HttpRequest, change: Any) -> HttpResponse:
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            return self.answer(request, change())

        return answer_once(request, make)

    def tag(self, pledge: Pledge) -> str:
        return record.tag(pledge)

    def document(self, request: HttpRequest, pledge: Pledge) -> Document:
        return Document("Pledge", record.content(pledge))

    def answer(self, request: HttpRequest, pledge: Pledge, *, status: int = 200) -> HttpResponse:
        """The pledge; where it has just been made, with its address."""
        where = url_of("Pledge", pledge.public_id) if status == 201 else ""
        document = self.document(request, pledge)
        return self.create_response(request, document, tag=self.tag(pledge), status=status, location=where)
