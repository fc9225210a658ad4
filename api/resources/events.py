"""/api/Events and what is below it: the feed of a partner's events, and what became of their delivery."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from api.authentication import partner_of
from api.idempotency import answer_once
from api.links import url_of
from api.paging import PAGING, given_without_key, limit_of, page_of
from api.records import event as record
from api.resources.base import PartnerResource
from api.serializer import Document
from notifications import endpoints
from notifications.models import DeliveryAttempt, Event
from notifications.outbox import is_event_id
from web import negotiation, waiting
from web.problems import BadArgument


class EventResource(PartnerResource):
    """What a partner was told, or will be."""

    called = "event"

    class Meta(PartnerResource.Meta):
        list_allowed_methods = ["get"]
        deliveries_allowed_methods = ["get"]
        redeliver_allowed_methods = ["post"]

    def stored(self, public_id: str) -> Event | None:
        return Event.objects.filter(public_id=public_id).first() if is_event_id(public_id) else None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        """Oldest first. `after` is the Id of the last event that the client has seen."""
        given = negotiation.arguments(request, (*PAGING, "Delivery", "wait"))
        seconds, limit = waiting.seconds_in(given), limit_of(given)
        found = self._asked_for(request, given)
        events, waited = waiting.until_news(
            request,
            seconds,
            see=lambda: waiting.see_events(partner_of(request).pk),
            look=lambda: list(found.order_by("position")[: limit + 1]),
            news=bool,
        )
        content: dict[str, Any] = {"Event": [record.content(event) for event in events[:limit]]}
        if len(events) > limit:
            content["Next"] = url_of("Events", **given_without_key(given), after=events[limit - 1].public_id)
        return waiting.come_back_later(self.create_response(request, Document("Events", content)), waited=waited)

    def _asked_for(self, request: HttpRequest, given: dict[str, str]) -> QuerySet[Event]:
        own: QuerySet[Event] = self.authorized_read_list(Event.objects.all(), self.build_bundle(request=request))
        found = own
        if "Delivery" in given:
            if given["Delivery"] not in Event.Delivery.values:
                raise BadArgument(f"Delivery must be one of {', '.join(Event.Delivery.values)}.")
            found = found.filter(delivery=given["Delivery"])
        if "after" in given:
            last_seen = own.filter(public_id=given["after"]).values_list("position", flat=True).first()
            if last_seen is None:
                raise BadArgument("after must be the Id of an event of yours: the last one that you have seen.")
            found = found.filter(position__gt=last_seen)
        return found

    def dispatch_deliveries(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("deliveries", request, **kwargs)

    def get_deliveries(self, request: HttpRequest, event_id: str) -> HttpResponse:
        """What became of each try to send it, newest first."""
        event = self.own(request, event_id)
        given = negotiation.arguments(request, ("limit",))
        every = DeliveryAttempt.objects.filter(event=event)
        page, _ = page_of(every, every, given)
        return self.create_response(request, Document("Deliveries", record.deliveries_content(event, page)))

    def dispatch_redeliver(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("redeliver", request, **kwargs)

    def post_redeliver(self, request: HttpRequest, event_id: str) -> HttpResponse:
        event = self.own(request, event_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            return self.create_response(request, Document("Event", record.content(endpoints.send_again(event))), status=202)

        return answer_once(request, make)
