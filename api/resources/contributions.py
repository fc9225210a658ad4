"""/api/SavingGoal/{id}/Contributions and /api/Contribution/{id} with .../Capture and .../Check"""

import logging
from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from api import conditions, hot_reads, notices
from api.authorization import OwnRecords
from api.idempotency import answer_once, is_repeated
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import contribution as record
from api.resources.base import PartnerResource
from api.resources.goals import GoalResource
from api.serializer import Document, StrictSerializer
from contributions import captures, checks, deletion, giving, newest, opening, reopening
from contributions.models import Contribution
from contributions.status import FAILED, Status
from goals.models import SavingGoal
from ids import is_id
from lookups import one_or_none
from partners.scopes import REFUND
from partners.tags import by_public_id
from providers import registry, scenario_header
from web import negotiation, places, waiting
from web.made_anew import Watched
from web.problems import BadArgument

log = logging.getLogger(__name__)


class ContributionResource(PartnerResource):
    """The contributions to a partner's goals."""

    called = "contribution"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Contribution")
        authorization = OwnRecords("goal__partner")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        capture_allowed_methods = ["post"]
        check_allowed_methods = ["post"]
        asks_provider = frozenset({"post_list", "delete_detail", "post_capture", "post_check"})
        from_replica = frozenset({"get_list", "get_detail"})
        read_with_key = {"get_detail": hot_reads.contribution, "post_list": hot_reads.given_to}
        scopes = {"post_capture": REFUND}

    goals = GoalResource()

    def stored(self, public_id: str) -> Contribution | None:
        everything = Contribution.objects.select_related("goal__partner", "checkout__account")
        return one_or_none(everything.filter(**by_public_id(public_id))) if is_id(public_id) else None

    def is_gone(self, contribution: Contribution) -> bool:
        return contribution.deleted_at is not None or contribution.goal.certificates_of_id is not None

    def get_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.goals.own(request, goal_id)
        given = negotiation.arguments(request, ("Status", *PAGING))
        every = Contribution.objects.filter(goal=goal)
        found = newest.of_goal(Contribution.objects.filter(deleted_at=None).select_related("checkout__account"), goal)
        if "Status" in given:
            if given["Status"] not in list(Status):
                raise BadArgument(f"Status must be one of {', '.join(Status)}.")
            found = found.filter(status=given["Status"])
        page, more = page_of(found, every, given, order=newest.ORDER)
        content = record.list_content(goal, page, more=more, **given_without_key(given))
        return self.create_response(request, Document("Contributions", content))

    def post_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = self.goals.own(request, goal_id)

        def wish() -> opening.NewGift:
            gift = record.read(self.body_node(request), goal, hot_reads.accounts_of(goal))
            provider = gift.account.provider if gift.account else None
            return replace(gift, scenario=scenario_header.read(request.headers, provider, is_test=goal.partner.is_test))

        def make(record_id: str) -> HttpResponse:
            gift = wish()
            how = {"opens": _may_ask(request, goal, gift), "is_repeated": is_repeated(request)}
            given = giving.give(goal, gift, public_id=record_id, **how)
            contribution = given.contribution
            if given.why_not:
                notices.say(request, giving.notice(given.why_not))
            if contribution.status == FAILED:  # by an earlier try under the same Idempotency-Key
                contribution = reopening.open_after_refusal(contribution)
            return self.answer(request, contribution, goal, status=201)

        return self.make_once(request, make, lambda: opening.check(goal, wish()))

    def get_detail(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = self.own(request, contribution_id)
        seconds = waiting.seconds_in(negotiation.arguments(request, ("wait",)))

        def seen(now: Contribution) -> tuple[Watched, Contribution]:
            return waiting.see_contribution(now), now

        answer, waited = self.answer(request, contribution, contribution.goal), True
        if answer.status_code == 304 and seconds:
            contribution, waited = waiting.until_news(
                request,
                seconds,
                seen(contribution),
                look=lambda: seen(self.own(request, contribution_id)),
                news=lambda now: waiting.see_contribution(now) != waiting.see_contribution(contribution),
            )
            answer = self.answer(request, contribution, contribution.goal)
        return waiting.come_back_later(answer, waited=waited)

    def delete_detail(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = self.own(request, contribution_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, contribution_id)):
            conditions.check_if_match(request, self.tag(contribution))
            places.ask(request, contribution.current_checkout.host)
            deletion.delete_contribution(contribution)
        return HttpResponse(status=204)

    def post_capture(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        """/api/Contribution/{id}/Capture: take what is held, now."""
        contribution = self.own(request, contribution_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request, "Capture takes no body: the whole amount is taken.")
            if contribution.status != Status.SETTLED:  # what has been taken already is answered as it is
                with self.stale_told(request, lambda: self.own(request, contribution_id)):
                    conditions.check_if_match(request, self.tag(contribution))
            places.ask(request, contribution.current_checkout.host)
            taken = captures.capture_now(contribution)
            return self.answer(request, taken, taken.goal)

        return answer_once(request, make)

    def post_check(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        """/api/Contribution/{id}/Check: ask the provider now."""
        contribution = self.own(request, contribution_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            places.ask(request, contribution.current_checkout.host)
            now = checks.check_now(contribution)
            return self.answer(request, now, now.goal)

        return answer_once(request, make)

    def tag(self, contribution: Contribution) -> str:
        return record.tag(contribution)

    def document(self, request: HttpRequest, contribution: Contribution) -> Document:
        return Document("Contribution", record.content(contribution, contribution.goal))

    def answer(self, request: HttpRequest, contribution: Contribution, goal: SavingGoal, *, status: int = 200) -> HttpResponse:
        """The contribution; where it has just been made, with its address."""
        where = url_of("Contribution", contribution.public_id) if status == 201 else ""

        def document() -> Document:
            return Document("Contribution", record.content(contribution, goal))

        return self.create_response(request, document, tag=record.tag(contribution), status=status, location=where)


def _may_ask(request: HttpRequest, goal: SavingGoal, gift: opening.NewGift) -> bool:
    """Whether the gift's provider is asked for a checkout now; where too many ask it, the giver opens one at /pay/{id}."""
    if gift.account is not None:
        try:
            places.ask(request, registry.host_to_open(gift.account.provider, is_test=goal.partner.is_test))
        except places.ProviderBusy as full:
            log.warning("checkout not opened", extra={"provider": gift.account.provider, "error": str(full)})
            return False
    return True
