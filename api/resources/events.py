"""/api/Events and what is below it: the feed of a partner's events, and what became of their delivery."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from api import hot_reads
from api.authentication import partner_of
from api.idempotency import answer_once
from api.links import url_of
from api.paging import PAGING, given_without_key, limit_of, page_of
from api.records import event as record
from api.resources.base import PartnerResource
from api.serializer import Document
from notifications import deliveries, endpoints
from notifications.models import DeliveryAttempt, Event, WebhookEndpoint
from notifications.outbox import endpoints_of, is_event_id
from web import negotiation, waiting
from web.made_anew import Watched
from web.problems import BadArgument


class EventResource(PartnerResource):
    """What a partner was told, or will be."""

    called = "event"

    class Meta(PartnerResource.Meta):
        list_allowed_methods = ["get"]
        from_replica = frozenset({"get_list"})
        deliveries_allowed_methods = ["get"]
        redeliver_allowed_methods = ["post"]
        read_with_key = {"get_list": hot_reads.feed}

    def stored(self, public_id: str) -> Event | None:
        return Event.objects.filter(public_id=public_id).first() if is_event_id(public_id) else None

    def own(self, request: HttpRequest, public_id: str) -> Event:
        """As every resource's, but looked for among the caller's own first: an event's Id does not lead to its partner."""
        mine = Event.objects.filter(public_id=public_id, partner=partner_of(request))
        event: Event = (mine.first() if is_event_id(public_id) else None) or super().own(request, public_id)
        return event

    def get_list(self, request: HttpRequest) -> HttpResponse:
        """Oldest first. `after` is the Id of the last event that the client has seen, or `latest`: what comes from now on."""
        given = negotiation.arguments(request, (*PAGING, "Delivery", "wait"))
        seconds, limit = waiting.seconds_in(given), limit_of(given)
        partner = partner_of(request)
        own: QuerySet[Event] = self.authorized_read_list(Event.objects.all(), self.build_bundle(request=request))
        ahead: hot_reads.Page | None = hot_reads.taken(request)
        start = ahead.start if ahead else _start(request, own, partner.pk, given)
        found = _in_state(own, partner.pk, given).filter(position__gt=start)

        def look() -> tuple[Watched, list[Event]]:
            return waiting.see_events(partner.pk), list(found.order_by("position")[: limit + 1])

        first = (Watched("events", (partner.pk, partner.pk), ahead.last_position), ahead.events) if ahead else look()
        events, waited = waiting.until_news(request, seconds, first, look=look, news=bool)
        content: dict[str, Any] = {"Event": [record.content(event) for event in events[:limit]]}
        others = given_without_key(given)
        if len(events) > limit:
            content["Next"] = url_of("Events", **others, after=events[limit - 1].public_id)
        elif not events and given.get("after") == LATEST:
            content["Next"] = url_of("Events", **others, **_from(own, start), **_wait(given))
        return waiting.come_back_later(self.create_response(request, Document("Events", content)), waited=waited)

    def get_deliveries(self, request: HttpRequest, event_id: str) -> HttpResponse:
        """What became of each try to send it, newest first."""
        event = self.own(request, event_id)
        given = negotiation.arguments(request, ("limit",))
        every = DeliveryAttempt.objects.filter(event=event).select_related("endpoint")
        page, _ = page_of(every, every, given)
        recipients = list(event.deliveries.select_related("endpoint").order_by("endpoint"))
        return self.create_response(request, Document("Deliveries", record.deliveries_content(recipients, page)))

    def post_redeliver(self, request: HttpRequest, event_id: str) -> HttpResponse:
        """To every endpoint that wants it, or to the one that WebhookEndpointId names."""
        event = self.own(request, event_id)
        given = negotiation.arguments(request, ("WebhookEndpointId",))

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            endpoints.send_again(event, _named(event, given))
            return self.create_response(request, Document("Event", record.content(event)), status=202)

        return answer_once(request, make)


LATEST = "latest"


def _start(request: HttpRequest, own: QuerySet[Event], partner_id: int, given: dict[str, str]) -> int:
    """The position after which to look. Raises BadArgument."""
    if "after" not in given:
        return 0
    if given["after"] == LATEST:
        return waiting.begun_at(request, lambda: waiting.see_events(partner_id).seen or 0)
    last_seen = own.filter(public_id=given["after"]).values_list("position", flat=True).first()
    if last_seen is None:
        raise BadArgument("after must be the Id of an event of yours, the last one that you have seen, or latest.")
    return last_seen


def _from(own: QuerySet[Event], position: int) -> dict[str, str]:
    """The argument that stands for this position; none for the very beginning."""
    last = own.filter(position=position).values_list("public_id", flat=True).first()
    return {"after": last} if last else {}


def _wait(given: dict[str, str]) -> dict[str, str]:
    return {"wait": given["wait"]} if "wait" in given else {}


def _in_state(own: QuerySet[Event], partner_id: int, given: dict[str, str]) -> QuerySet[Event]:
    """Those whose delivery stands so at any endpoint. Raises BadArgument."""
    if "Delivery" not in given:
        return own
    if given["Delivery"] not in deliveries.STATES:
        raise BadArgument(f"Delivery must be one of {', '.join(deliveries.STATES)}.")
    return deliveries.in_state(partner_id, given["Delivery"])


def _named(event: Event, given: dict[str, str]) -> WebhookEndpoint | None:
    """The endpoint to send to; None: it is not said. Raises BadArgument."""
    if "WebhookEndpointId" not in given:
        return None
    endpoint = endpoints_of(event.partner_id).filter(public_id=given["WebhookEndpointId"]).first()
    if endpoint is None:
        raise BadArgument("WebhookEndpointId must be the Id of a webhook endpoint of yours.")
    return endpoint
