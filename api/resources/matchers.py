"""/api/SavingGoal/{id}/Matchers and /api/Matcher/{id}: who adds to each gift of a goal."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import matcher as record
from api.resources.base import PartnerResource
from api.resources.goals import GoalResource
from api.serializer import Document, StrictSerializer
from contributions import matchers
from goals.models import Matcher
from ids import is_id
from lookups import one_or_none
from partners.tags import by_public_id
from web import negotiation


class MatcherResource(PartnerResource):
    """The matchers of a partner's goals."""

    called = "matcher"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Matcher")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        from_replica = frozenset({"get_list", "get_detail"})

    goals = GoalResource()

    def stored(self, public_id: str) -> Matcher | None:
        everything = Matcher.objects.select_related("partner", "goal")
        return one_or_none(everything.filter(**by_public_id(public_id))) if is_id(public_id) else None

    def is_gone(self, matcher: Matcher) -> bool:
        return matcher.deleted_at is not None or matcher.goal.deleted_at is not None

    def get_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.goals.own(request, goal_id)
        given = negotiation.arguments(request, PAGING)
        every = Matcher.objects.filter(goal=goal)
        page, more = page_of(every.filter(deleted_at=None).select_related("partner", "goal"), every, given)
        content: dict[str, Any] = {"Matcher": [record.content(one) for one in page]}
        if more:
            taken_along = given_without_key(given)
            content["Next"] = url_of("SavingGoal", goal.public_id, "Matchers", **taken_along, after=page[-1].public_id)
        return self.create_response(request, Document("Matchers", content))

    def post_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.goals.own(request, goal_id)

        def check() -> None:
            record.read(self.body_node(request), goal)
            matchers.check_number(goal)

        def make(record_id: str) -> HttpResponse:
            wish = record.read(self.body_node(request), goal)
            return self.answer(request, matchers.create(goal, wish, public_id=record_id), status=201)

        return self.make_once(request, make, check)

    def get_detail(self, request: HttpRequest, matcher_id: str) -> HttpResponse:
        matcher = self.own(request, matcher_id)
        negotiation.arguments(request)
        return self.answer(request, matcher)

    def delete_detail(self, request: HttpRequest, matcher_id: str) -> HttpResponse:
        matcher = self.own(request, matcher_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, matcher_id)):
            by_tag = conditions.check_if_match(request, self.tag(matcher))
            with conditions.one_that_moves_meanwhile(matchers.StaleMatcher, by_tag=True):
                matchers.delete(matcher, version=matcher.version if by_tag else None)
        return HttpResponse(status=204)

    def tag(self, matcher: Matcher) -> str:
        return record.tag(matcher)

    def document(self, request: HttpRequest, matcher: Matcher) -> Document:
        return Document("Matcher", record.content(matcher))

    def answer(self, request: HttpRequest, matcher: Matcher, *, status: int = 200) -> HttpResponse:
        """The matcher; where it has just been made, with its address."""
        where = url_of("Matcher", matcher.public_id) if status == 201 else ""
        document = Document("Matcher", record.content(matcher))
        return self.create_response(request, document, tag=record.tag(matcher), status=status, location=where)
