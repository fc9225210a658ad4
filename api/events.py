"""What a partner is told: the feed of its events, their deliveries, and its webhook endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import bodies, conditions, representations
from api.authentication import partner_of
from api.errors import NoSuchRecord, NotYours, VersionNotNamed
from api.idempotency import answer_once
from api.resources import (
    PAGING,
    ContractResource,
    answer_with,
    body_node,
    given_without_key,
    limit_of,
    page_of,
)
from notifications import addresses, endpoints
from notifications.messages import event_content
from notifications.models import DeliveryAttempt, Event, WebhookEndpoint
from notifications.outbox import is_event_id
from web import negotiation, waiting
from web.problems import BadArgument
from xml_schemas.reader import BodyFaults, Fault


class EventResource(ContractResource):
    """/api/Events and what is below it"""

    class Meta(ContractResource.Meta):
        list_allowed_methods = ["get"]
        deliveries_allowed_methods = ["get"]
        redeliver_allowed_methods = ["post"]

    def get_list(self, request: HttpRequest) -> HttpResponse:
        """Oldest first. `after` is the Id of the last event that the client has seen."""
        given = negotiation.arguments(request, (*PAGING, "Delivery", "wait"))
        seconds, limit = waiting.seconds_in(given), limit_of(given)
        own = Event.objects.filter(partner=partner_of(request))
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
        events, waited = waiting.until_news(
            request,
            seconds,
            see=lambda: waiting.see_events(partner_of(request).pk),
            look=lambda: list(found.order_by("position")[: limit + 1]),
            news=bool,
        )
        content: dict[str, Any] = {"Event": [event_content(event) for event in events[:limit]]}
        if len(events) > limit:
            content["Next"] = representations.url_of("Events", **given_without_key(given), after=events[limit - 1].public_id)
        return waiting.come_back_later(answer_with(request, "Events", content), waited=waited)

    def dispatch_deliveries(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("deliveries", request, **kwargs)

    def get_deliveries(self, request: HttpRequest, event_id: str) -> HttpResponse:
        """What became of each try to send it, newest first."""
        event = own_event(request, event_id)
        given = negotiation.arguments(request, ("limit",))
        every = DeliveryAttempt.objects.filter(event=event)
        page, _ = page_of(every, every, given)
        return answer_with(request, "Deliveries", representations.deliveries_content(event, page))

    def dispatch_redeliver(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("redeliver", request, **kwargs)

    def post_redeliver(self, request: HttpRequest, event_id: str) -> HttpResponse:
        event = own_event(request, event_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            check_empty(request)
            return answer_with(request, "Event", event_content(endpoints.send_again(event)), status=202)

        return answer_once(request, make)


class WebhookEndpointResource(ContractResource):
    """/api/WebhookEndpoint and what is below it"""

    class Meta(ContractResource.Meta):
        detail_allowed_methods = ["get", "put", "delete"]
        rotate_allowed_methods = ["post"]
        test_allowed_methods = ["post"]

    def get_detail(self, request: HttpRequest) -> HttpResponse:
        endpoint = own_endpoint(request)
        negotiation.arguments(request)
        return answer_with_endpoint(request, endpoint)

    def put_detail(self, request: HttpRequest) -> HttpResponse:
        negotiation.arguments(request)
        stored = endpoints.endpoint_of(partner_of(request))
        wish = bodies.read_endpoint(body_node(request, "WebhookEndpoint"))
        wanted: dict[str, Any] = {"event_types": wish.event_types, "message_format": wish.message_format}
        if stored is None:
            with bad_addresses_are_faults():
                endpoint, secret = endpoints.create(partner_of(request), wish.url, **wanted)
            return answer_with_endpoint(request, endpoint, secret=secret, status=201)
        named = conditions.check_if_match(request, str(stored.version), stored.version)
        if wish.version is None and not named:
            raise VersionNotNamed(
                "Name the version that you change: RecordVersionNumber in the body, or its ETag in If-Match. "
                f"The webhook endpoint is at version {stored.version}.",
                RecordVersionNumber=stored.version,
            )
        if wish.version is not None and wish.version != stored.version:
            raise endpoints.StaleEndpoint(f"The webhook endpoint is at version {stored.version} now: read it again.")
        with bad_addresses_are_faults():
            return answer_with_endpoint(request, endpoints.replace(stored, wish.url, **wanted))

    def delete_detail(self, request: HttpRequest) -> HttpResponse:
        endpoint = own_endpoint(request)
        negotiation.arguments(request)
        conditions.check_if_match(request, str(endpoint.version), endpoint.version)
        endpoints.remove(endpoint)
        return HttpResponse(status=204)

    def dispatch_rotate(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("rotate", request, **kwargs)

    def post_rotate(self, request: HttpRequest) -> HttpResponse:
        """A new secret, shown in this answer and never again: not when the same Idempotency-Key comes again either."""
        endpoint = own_endpoint(request)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            check_empty(request)
            secret = endpoints.rotate(endpoint)
            answer = answer_with_endpoint(request, endpoint, secret=secret)
            answer.kept_content = answer_with_endpoint(request, endpoint).content  # type: ignore[attr-defined]
            return answer

        return answer_once(request, make)

    def dispatch_test(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("test", request, **kwargs)

    def post_test(self, request: HttpRequest) -> HttpResponse:
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            check_empty(request)
            return answer_with(request, "Event", event_content(endpoints.send_test(partner_of(request))), status=202)

        return answer_once(request, make)


def own_event(request: HttpRequest, event_id: str) -> Event:
    """The caller's event. Raises NotYours for another partner's, NoSuchRecord where there is none."""
    event = Event.objects.filter(public_id=event_id).first() if is_event_id(event_id) else None
    if event and event.partner_id != partner_of(request).pk:
        raise NotYours("This record belongs to another partner.")
    if event is None:
        raise NoSuchRecord("There is no event with this Id.")
    return event


def own_endpoint(request: HttpRequest) -> WebhookEndpoint:
    """The caller's webhook endpoint. Raises NoSuchRecord."""
    endpoint = endpoints.endpoint_of(partner_of(request))
    if endpoint is None:
        raise NoSuchRecord("You have no webhook endpoint: PUT one.")
    return endpoint


@contextmanager
def bad_addresses_are_faults() -> Iterator[None]:
    """Where a URL leads is found out by the room below; a client is told as of any fault in its body."""
    try:
        yield
    except addresses.BadAddress as error:
        raise BodyFaults([Fault("WebhookEndpoint/URL", f"URL {bodies.without_subject(error)}.")]) from None


def check_empty(request: HttpRequest) -> None:
    """Raises BodyFaults."""
    if negotiation.body_of(request).strip():
        raise BodyFaults([Fault("/", "This takes no body: leave it empty.")])


def answer_with_endpoint(
    request: HttpRequest, endpoint: WebhookEndpoint, *, secret: str | None = None, status: int = 200
) -> HttpResponse:
    """The endpoint; its ETag is that of the representation without the secret, which the next GET gives."""
    content = representations.endpoint_content(endpoint, secret)
    where = representations.url_of("WebhookEndpoint") if status == 201 else ""
    tag = str(endpoint.version) + (".failing" if endpoint.failing_since else "")
    return answer_with(request, "WebhookEndpoint", content, tag=tag, status=status, location=where)
