"""/api/savings and /api/SavingGoal/{id}"""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

import clock
from api import conditions, hot_reads
from api.authentication import partner_of
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import differing
from api.records import goal as record
from api.records.reading import XML_BLANKS
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from contributions import deletion, goal_events, room
from goals import rules
from goals.models import SavingGoal
from goals.state import Reserved, Standing, State, in_state, reached_in_sql, standing_of
from ids import is_id
from lookups import one_or_none
from partners import newest
from partners.tags import by_public_id
from web import negotiation
from web.problems import BadArgument


class GoalResource(PartnerResource):
    """A partner's saving goals."""

    called = "saving goal"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("SavingGoal")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "put", "patch", "delete"]
        close_allowed_methods = reopen_allowed_methods = ["post"]
        asks_provider = frozenset({"delete_detail"})
        from_replica = frozenset({"get_list", "get_detail"})
        read_with_key = {"get_detail": hot_reads.goal}

    def stored(self, public_id: str) -> SavingGoal | None:
        if not is_id(public_id):
            return None
        return one_or_none(room.with_reserved(SavingGoal.objects.select_related("partner")).filter(**by_public_id(public_id)))

    def is_gone(self, goal: SavingGoal) -> bool:
        return goal.deleted_at is not None or goal.certificates_of_id is not None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, ("Id", "ExternalItemId", "State", *PAGING))
        own = self.authorized_read_list(SavingGoal.objects.all(), self.build_bundle(request=request))
        found = newest.of_partner(SavingGoal.objects.filter(deleted_at=None, certificates_of=None), partner_of(request).pk)
        if "Id" in given:
            found = found.filter(public_id=given["Id"].strip())
        if "ExternalItemId" in given:
            found = found.filter(external_item_id=given["ExternalItemId"].strip(XML_BLANKS))
        if "State" in given:
            found = _in_state(found, given["State"].strip(XML_BLANKS))
        page, more = page_of(room.with_reserved(found.select_related("partner")), own, given, order=newest.ORDER)
        lists = record.lists_of(page)
        views = [_view(request, goal, _standing(goal), lists[goal.pk]) for goal in page]
        content: dict[str, Any] = {"SavingGoal": [record.content(view) for view in views]}
        if more:
            content["Next"] = url_of("savings", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("Savings", content))

    def post_list(self, request: HttpRequest) -> HttpResponse:
        partner = partner_of(request)

        def wish() -> rules.GoalChange:
            return record.read(self.body_node(request), partner)[0]

        def make(record_id: str) -> HttpResponse:
            return self.answer(request, rules.create(partner, wish(), public_id=record_id), status=201)

        return self.make_once(request, make, wish)

    def get_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.own(request, goal_id)
        negotiation.arguments(request)
        return self.answer(request, goal)

    def put_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        return self._edit(request, goal_id, partial=False)

    def patch_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        return self._edit(request, goal_id, partial=True)

    def _edit(self, request: HttpRequest, goal_id: str, *, partial: bool) -> HttpResponse:
        goal = self.own(request, goal_id)
        only_validates = negotiation.validates_only(request)
        node = self.body_node(request, read_only=record.READ_ONLY)
        change, version = record.read(node, partner_of(request), stored=goal, partial=partial)
        with self.stale_told(request, lambda: self.own(request, goal_id)) as ways:
            ways.append(lambda now: differing.in_goal(change, now))
            by_tag = conditions.check_version(request, self.tag(goal), "goal", goal.version, version, rules.StaleVersion)
            if only_validates:
                rules.check_edit(goal, change)
                return self.valid(request)
            with conditions.one_that_moves_meanwhile(rules.StaleVersion, by_tag=by_tag):
                goal = goal_events.edit(goal, change, activity=goal.activity if by_tag else None)
        return self.answer(request, goal, reserved=room.reserved_now(goal))

    def delete_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.own(request, goal_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, goal_id)):
            by_tag = conditions.check_if_match(request, self.tag(goal))
            with conditions.one_that_moves_meanwhile(rules.StaleVersion, by_tag=True):
                deletion.delete_goal(goal, activity=goal.activity if by_tag else None)
        return HttpResponse(status=204)

    def post_close(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        """/api/SavingGoal/{id}/Close: no new gifts; open checkouts go on."""
        return self._close_or_reopen(request, goal_id, goal_events.close)

    def post_reopen(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        """/api/SavingGoal/{id}/Reopen: and back again."""
        return self._close_or_reopen(request, goal_id, goal_events.reopen)

    def _close_or_reopen(self, request: HttpRequest, goal_id: str, change: Callable[[SavingGoal], SavingGoal]) -> HttpResponse:
        goal = self.own(request, goal_id)

        def check() -> None:
            self.check_no_body(request)
            with self.stale_told(request, lambda: self.own(request, goal_id)):
                conditions.check_if_match(request, self.tag(goal))

        def make(record_id: str) -> HttpResponse:
            check()
            changed = change(goal)
            if self.is_gone(changed):  # by another request, just now
                self.own(request, goal_id)
            return self.answer(request, changed, reserved=room.reserved_now(changed))

        return self.make_once(request, make, check)

    def tag(self, goal: SavingGoal) -> str:
        return record.tag(goal, _standing(goal))

    def document(self, request: HttpRequest, goal: SavingGoal) -> Document:
        return Document("SavingGoal", record.content(_view(request, goal, _standing(goal))))

    def answer(
        self, request: HttpRequest, goal: SavingGoal, *, status: int = 200, reserved: Reserved | None = None
    ) -> HttpResponse:
        """The goal; where it has just been made, with its address. `reserved`: where that was read after the goal was."""
        where = url_of("SavingGoal", goal.public_id) if status == 201 else ""
        standing = _standing(goal, reserved)

        def document() -> Document:
            return Document("SavingGoal", record.content(_view(request, goal, standing)))

        return self.create_response(request, document, tag=record.tag(goal, standing), status=status, location=where)


def _in_state(goals: QuerySet[SavingGoal], word: str) -> QuerySet[SavingGoal]:
    """Raises BadArgument."""
    if word not in list(State):
        raise BadArgument(f"State must be one of {', '.join(State)}.")
    return goals.alias(reached_minor=reached_in_sql()).filter(in_state(State(word), now=clock.now()))


def _standing(goal: SavingGoal, reserved: Reserved | None = None) -> Standing:
    return standing_of(goal, reserved or room.reserved_of(goal), now=clock.now())


def _view(request: HttpRequest, goal: SavingGoal, standing: Standing, lists: record.Lists | None = None) -> record.View:
    format_asked = {name.lower(): str(value) for name, value in request.GET.items() if name.lower() == "format"}
    lists = lists or hot_reads.lists_of(goal) or record.lists_of([goal])[goal.pk]
    return record.View(goal, standing, lists, format_asked)
