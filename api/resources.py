"""tastypie Resources: routing, dispatch and authentication. What may be asked is here; what it means is in the rooms below.

Never a ModelResource, and nothing of tastypie reads or writes a body.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from tastypie.exceptions import ImmediateHttpResponse
from tastypie.resources import Resource

from api import bodies, conditions, errors, representations
from api.authentication import KeyAuthentication, partner_of
from api.errors import (
    NoSuchRecord,
    NotYours,
    VersionNotNamed,
)
from api.idempotency import answer_once
from api.json_reader import read_json
from contributions import captures, checkout, choice, deletion, refunds
from contributions.content import contribution_content
from contributions.models import Contribution, Refund
from contributions.status import Status
from goals import rules
from goals.models import SavingGoal
from ids import is_id
from providers import scenario_header
from web import negotiation, waiting
from web.problems import BadArgument, VerbNotAllowed
from xml_schemas.reader import BodyFaults, Fault, Node, read_xml

LARGEST_PAGE, DEFAULT_PAGE = 100, 50
PAGING = ("limit", "after")
_LIMIT = re.compile(r"[0-9]{1,3}")


class ContractResource(Resource):
    """What every resource does alike: verbs, key, formats, entity tags, problem documents."""

    class Meta:
        authentication = KeyAuthentication()
        list_allowed_methods: list[str] = []
        detail_allowed_methods: list[str] = []
        include_resource_uri = False

    def wrap_view(self, view: str) -> Callable[..., HttpResponse]:
        @csrf_exempt
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                response: HttpResponse = getattr(self, view)(request, **kwargs)
                return response
            except ImmediateHttpResponse as finished:
                return cast(HttpResponse, finished.response)
            except Exception as error:  # noqa: BLE001 - every error becomes a problem document here; the unknown ones are logged
                return errors.respond(request, error)

        return answer

    def dispatch(self, request_type: str, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        verb = self.method_check(request, getattr(self._meta, f"{request_type}_allowed_methods"))
        self.is_authenticated(request)
        self.throttle_check(request)
        negotiation.check_acceptable(request)
        response: HttpResponse = getattr(self, f"{verb}_{request_type}")(request, **kwargs)
        self.log_throttled_access(request)
        return response

    def method_check(self, request: HttpRequest, allowed: list[str] | None = None) -> str:
        """The verb as a method's prefix. X-HTTP-Method-Override is not looked at. Raises VerbNotAllowed."""
        verbs = allowed or []
        verb = (request.method or "").lower()
        verb = "get" if verb == "head" else verb
        if verb not in verbs:
            names = ", ".join([name.upper() for name in verbs] + (["HEAD"] if "get" in verbs else []))
            raise VerbNotAllowed(f"This path has {names}.", headers={"Allow": names})
        return verb


# --- Goals ----------------------------------------------------------------------------------------------------------


class SavingGoalResource(ContractResource):
    """/api/savings and /api/SavingGoal/{id}"""

    class Meta(ContractResource.Meta):
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "put", "patch", "delete"]

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, ("Id", "ExternalItemId", *PAGING))
        own = SavingGoal.objects.filter(partner=partner_of(request))
        found = own.filter(deleted_at=None)
        if "Id" in given:
            found = found.filter(public_id=given["Id"].strip())
        if "ExternalItemId" in given:
            found = found.filter(external_item_id=given["ExternalItemId"].strip(bodies.XML_BLANKS))
        page, more = page_of(found.select_related("partner"), own, given)
        content: dict[str, Any] = {"SavingGoal": [_goal_content(request, goal) for goal in page]}
        if more:
            content["Next"] = representations.url_of("savings", **given_without_key(given), after=page[-1].public_id)
        return answer_with(request, "Savings", content)

    def post_list(self, request: HttpRequest) -> HttpResponse:
        negotiation.arguments(request)
        partner = partner_of(request)

        def make(record_id: str) -> HttpResponse:
            change, _ = bodies.read_goal(body_node(request, "SavingGoal"), partner)
            goal = rules.create(partner, change, public_id=record_id)
            return answer_with_goal(request, goal, status=201)

        return answer_once(request, make)

    def get_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = own_goal(request, goal_id)
        negotiation.arguments(request)
        return answer_with_goal(request, goal)

    def put_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        return self._edit(request, goal_id, partial=False)

    def patch_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        return self._edit(request, goal_id, partial=True)

    def _edit(self, request: HttpRequest, goal_id: str, *, partial: bool) -> HttpResponse:
        goal = own_goal(request, goal_id)
        negotiation.arguments(request)
        change, version = bodies.read_goal(body_node(request, "SavingGoal"), partner_of(request), stored=goal, partial=partial)
        names_a_tag = conditions.check_if_match(request, representations.goal_tag(goal), goal.version)
        if version is None and not names_a_tag:
            raise VersionNotNamed(
                "Name the version that you change: RecordVersionNumber in the body, or its ETag in If-Match. "
                f"The goal is at version {goal.version}.",
                RecordVersionNumber=goal.version,
            )
        if version is not None and version != goal.version:
            raise rules.StaleVersion(goal)
        try:
            goal = rules.edit(goal, change, activity=goal.activity if names_a_tag else None)
        except rules.StaleVersion as stale:
            own_goal(request, goal_id)  # another request may have deleted it just now
            if names_a_tag:
                raise conditions.stale(stale.current_version) from None
            raise
        return answer_with_goal(request, goal)

    def delete_detail(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = own_goal(request, goal_id)
        negotiation.arguments(request)
        named = conditions.check_if_match(request, representations.goal_tag(goal), goal.version)
        try:
            deletion.delete_goal(goal, activity=goal.activity if named else None)
        except rules.StaleVersion as stale:
            raise conditions.stale(stale.current_version) from None
        return HttpResponse(status=204)


# --- Contributions --------------------------------------------------------------------------------------------------


class ContributionResource(ContractResource):
    """/api/SavingGoal/{id}/Contributions and /api/Contribution/{id}"""

    class Meta(ContractResource.Meta):
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        capture_allowed_methods = ["post"]

    def dispatch_capture(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("capture", request, **kwargs)

    def post_capture(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        """/api/Contribution/{id}/Capture: take what is held, now."""
        contribution = own_contribution(request, contribution_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            if negotiation.body_of(request).strip():
                raise BodyFaults([Fault("/", "Capture takes no body: the whole amount is taken.")])
            taken = captures.capture_now(contribution)
            return answer_with_contribution(request, taken, taken.goal)

        return answer_once(request, make)

    def get_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = own_goal(request, goal_id)
        given = negotiation.arguments(request, ("Status", *PAGING))
        every = Contribution.objects.filter(goal=goal)
        found = every.filter(published_at__isnull=False, deleted_at=None)
        if "Status" in given:
            if given["Status"] not in Status.values:
                raise BadArgument(f"Status must be one of {', '.join(Status.values)}.")
            found = found.filter(status=given["Status"])
        page, more = page_of(found.select_related("account"), every, given)
        content = representations.contributions_content(goal, page, more=more, **given_without_key(given))
        return answer_with(request, "Contributions", content)

    def post_list(self, request: HttpRequest, goal_id: str) -> HttpResponse:
        goal = own_goal(request, goal_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            gift = bodies.read_gift(body_node(request, "Contribution"), goal, rules.live_accounts(goal))
            if isinstance(gift, choice.UndecidedGift):
                scenario_header.read(request.headers, None)
                contribution = choice.offer(goal, gift, public_id=record_id)
            else:
                gift = replace(gift, scenario=scenario_header.read(request.headers, gift.account.provider))
                contribution = checkout.start(goal, gift, public_id=record_id)
            return answer_with_contribution(request, contribution, goal, status=201)

        return answer_once(request, make)

    def get_detail(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = own_contribution(request, contribution_id)
        seconds = waiting.seconds_in(negotiation.arguments(request, ("wait",)))
        answer, waited = answer_with_contribution(request, contribution, contribution.goal), True
        if answer.status_code == 304:
            contribution, waited = waiting.until_news(
                request,
                seconds,
                see=lambda: waiting.see_contribution(contribution),
                look=lambda: own_contribution(request, contribution_id),
                news=lambda now: waiting.see_contribution(now) != waiting.see_contribution(contribution),
            )
            answer = answer_with_contribution(request, contribution, contribution.goal)
        return waiting.come_back_later(answer, waited=waited)

    def delete_detail(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = own_contribution(request, contribution_id)
        negotiation.arguments(request)
        conditions.check_if_match(request, representations.contribution_tag(contribution), contribution.version)
        deletion.delete_contribution(contribution)
        return HttpResponse(status=204)


# --- Refunds -----------------------------------------------------------------------------------------------------


class RefundResource(ContractResource):
    """/api/Contribution/{id}/Refunds"""

    class Meta(ContractResource.Meta):
        list_allowed_methods = ["get", "post"]

    def get_list(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = own_contribution(request, contribution_id)
        given = negotiation.arguments(request, PAGING)
        every = Refund.objects.filter(contribution=contribution)
        page, more = page_of(every, every, given)
        content: dict[str, Any] = {"Refund": [representations.refund_content(one, contribution) for one in page]}
        if more:
            content["Next"] = representations.url_of(
                "Contribution", contribution.public_id, "Refunds", **given_without_key(given), after=page[-1].public_id
            )
        return answer_with(request, "Refunds", content)

    def post_list(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = own_contribution(request, contribution_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            wish = bodies.read_refund(body_node(request, "Refund"), contribution)
            refund = refunds.ask(contribution, amount_minor=wish.amount_minor, reason=wish.reason, public_id=record_id)
            where = representations.url_of("Contribution", contribution.public_id, "Refunds")
            content = representations.refund_content(refund, contribution)
            return answer_with(request, "Refund", content, status=201, location=where)

        return answer_once(request, make)


# --- Finding records ------------------------------------------------------------------------------------------------


def own_goal(request: HttpRequest, goal_id: str) -> SavingGoal:
    """The caller's goal. Raises NotYours for another partner's, NoSuchRecord for a deleted one and for none."""
    goal = SavingGoal.objects.select_related("partner").filter(public_id=goal_id).first() if is_id(goal_id) else None
    if goal and goal.partner_id != partner_of(request).pk:
        raise NotYours("This record belongs to another partner.")
    if goal is None or goal.deleted_at is not None:
        raise NoSuchRecord("There is no saving goal with this Id.")
    return goal


def own_contribution(request: HttpRequest, contribution_id: str) -> Contribution:
    """The caller's contribution; raises as own_goal does."""
    everything = Contribution.objects.select_related("goal", "goal__partner", "account")
    contribution = everything.filter(public_id=contribution_id).first() if is_id(contribution_id) else None
    if contribution and contribution.goal.partner_id != partner_of(request).pk:
        raise NotYours("This record belongs to another partner.")
    if contribution is None or contribution.deleted_at is not None or contribution.published_at is None:
        raise NoSuchRecord("There is no contribution with this Id.")
    return contribution


def page_of(found: QuerySet[Any], every: QuerySet[Any], given: dict[str, str]) -> tuple[list[Any], bool]:
    """One page, newest first, and whether there is more. `every` holds whatever `after` may name, deleted ones too."""
    limit = limit_of(given)
    if "after" in given:
        last_seen = every.filter(public_id=given["after"]).values_list("pk", flat=True).first()
        if last_seen is None:
            raise BadArgument("after must be the Id of a record of this list: follow the Next address as it is.")
        found = found.filter(pk__lt=last_seen)
    rows = list(found.order_by("-pk")[: limit + 1])
    return rows[:limit], len(rows) > limit


def limit_of(given: dict[str, str]) -> int:
    """How many rows a page may have. Raises BadArgument."""
    limit_text = given.get("limit", str(DEFAULT_PAGE))
    if not _LIMIT.fullmatch(limit_text) or not 1 <= int(limit_text) <= LARGEST_PAGE:
        raise BadArgument(f"limit must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(limit_text)


def given_without_key(given: dict[str, str]) -> dict[str, str]:
    """The arguments that a next page takes along."""
    return {name: value for name, value in given.items() if name not in {"ApiKey", "after", "wait"}}


# --- Reading and answering ------------------------------------------------------------------------------------------


def body_node(request: HttpRequest, root_name: str) -> Node:
    """The body as a Node named `root_name`, whichever format it is in. Raises BodyFaults, UnsupportedMedia, BodyTooLarge."""
    media, charset = negotiation.media_of_body(request)
    body = negotiation.body_of(request)
    return read_json(body, root_name) if media == negotiation.JSON else read_xml(body, charset=charset)


def answer_with_goal(request: HttpRequest, goal: SavingGoal, *, status: int = 200) -> HttpResponse:
    where = representations.url_of("SavingGoal", goal.public_id) if status == 201 else ""
    tag = representations.goal_tag(goal)
    return answer_with(request, "SavingGoal", lambda: _goal_content(request, goal), tag=tag, status=status, location=where)


def answer_with_contribution(
    request: HttpRequest, contribution: Contribution, goal: SavingGoal, *, status: int = 200
) -> HttpResponse:
    where = representations.url_of("Contribution", contribution.public_id) if status == 201 else ""
    return answer_with(
        request,
        "Contribution",
        contribution_content(contribution, goal),
        tag=representations.contribution_tag(contribution),
        status=status,
        location=where,
    )


def answer_with(
    request: HttpRequest,
    name: str,
    content: dict[str, Any] | Callable[[], dict[str, Any]],
    *,
    tag: str = "",
    status: int = 200,
    location: str = "",
) -> HttpResponse:
    """A representation in the format that the client wants; 304 where it has this one already.

    `content` may be a function, which is not called where the `tag` alone says that nothing has changed.
    """
    as_json = bool(negotiation.prefers_json(request))
    etag = conditions.of_record(tag, as_json=as_json) if tag else ""
    if etag and conditions.client_has(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    content = content() if callable(content) else content
    body = representations.document(name, content, as_json=as_json)
    etag = etag or conditions.of_bytes(body)
    if conditions.client_has(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Content-Length": str(len(body))}
    if location:
        headers["Location"] = location
    if "Next" in content:
        headers["Link"] = f'<{content["Next"]}>; rel="next"'
    media = negotiation.JSON if as_json else f"{negotiation.XML}; charset=utf-8"
    return HttpResponse(body, status=status, content_type=media, headers=headers)


def _goal_content(request: HttpRequest, goal: SavingGoal) -> dict[str, Any]:
    format_asked = {name.lower(): str(value) for name, value in request.GET.items() if name.lower() == "format"}
    shown = goal.contributions.filter(published_at__isnull=False, deleted_at=None).select_related("account")
    newest = list(shown.order_by("-pk")[: representations.NESTED_CONTRIBUTIONS + 1]) if goal.activity else []
    return representations.goal_content(goal, rules.live_accounts(goal), newest, **format_asked)
