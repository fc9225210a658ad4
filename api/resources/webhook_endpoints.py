"""/api/WebhookEndpoints and what is below it: where a partner listens. /api/WebhookEndpoint is the first of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authentication import partner_of
from api.idempotency import answer_once
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import differing, event
from api.records import webhook_endpoint as record
from api.request_errors import NoSuchRecord
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from ids import is_id
from notifications import addresses, endpoints
from notifications.models import WebhookEndpoint
from notifications.outbox import endpoints_of
from partners.tags import by_public_id
from web import negotiation
from xml_schemas.reader import BodyFaults, Fault


class WebhookEndpointResource(PartnerResource):
    """A partner's webhook endpoints. Where the path names none, it is about the first."""

    called = "webhook endpoint"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("WebhookEndpoint")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "put", "delete"]
        first_allowed_methods = ["get", "put", "delete"]
        rotate_allowed_methods = ["post"]
        test_allowed_methods = ["post"]
        redeliver_allowed_methods = ["post"]

    def stored(self, public_id: str) -> WebhookEndpoint | None:
        return WebhookEndpoint.objects.filter(**by_public_id(public_id)).first() if is_id(public_id) else None

    def is_gone(self, endpoint: WebhookEndpoint) -> bool:
        return endpoint.removed_at is not None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, PAGING)
        own = self.authorized_read_list(WebhookEndpoint.objects.all(), self.build_bundle(request=request))
        page, more = page_of(endpoints_of(partner_of(request).pk), own, given)
        content: dict[str, Any] = {"WebhookEndpoint": [record.content(endpoint) for endpoint in page]}
        if more:
            content["Next"] = url_of("WebhookEndpoints", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("WebhookEndpoints", content))

    def post_list(self, request: HttpRequest) -> HttpResponse:
        """Another one; its secret is in this answer and never again, not when the same Idempotency-Key comes again either."""
        partner = partner_of(request)

        def check() -> None:
            _check_address(record.read(self.body_node(request)))
            endpoints.check_one_more_can_be(partner)

        def make(record_id: str) -> HttpResponse:
            known = endpoints_of(partner.pk).filter(public_id=record_id).first()
            if known is not None:
                return self.answer(request, known, status=201)
            return self._created(request, record.read(self.body_node(request)), public_id=record_id)

        return self.make_once(request, make, check)

    def get_first(self, request: HttpRequest) -> HttpResponse:
        return self._read(request, self._first(request))

    def put_first(self, request: HttpRequest) -> HttpResponse:
        stored = endpoints.endpoint_of(partner_of(request))
        if stored is not None:
            return self._replace(request, stored)
        only_validates = negotiation.validates_only(request)
        wish = record.read(self.body_node(request))
        if only_validates:
            _check_address(wish)
            return self.valid(request)
        with self.stale_told(request, lambda: self._first(request)) as ways:  # another request may have made one just now
            ways.append(lambda now: differing.in_webhook_endpoint(wish, now))
            return self._created(request, wish, first=True)

    def delete_first(self, request: HttpRequest) -> HttpResponse:
        return self._remove(request, self._first(request))

    def get_detail(self, request: HttpRequest, endpoint_id: str) -> HttpResponse:
        return self._read(request, self.own(request, endpoint_id))

    def put_detail(self, request: HttpRequest, endpoint_id: str) -> HttpResponse:
        return self._replace(request, self.own(request, endpoint_id))

    def delete_detail(self, request: HttpRequest, endpoint_id: str) -> HttpResponse:
        return self._remove(request, self.own(request, endpoint_id))

    def _first(self, request: HttpRequest) -> WebhookEndpoint:
        """Raises NoSuchRecord."""
        endpoint = endpoints.endpoint_of(partner_of(request))
        if endpoint is None:
            raise NoSuchRecord("You have no webhook endpoint: PUT one.")
        return endpoint

    def _named(self, request: HttpRequest, endpoint_id: str) -> WebhookEndpoint:
        endpoint: WebhookEndpoint = self.own(request, endpoint_id) if endpoint_id else self._first(request)
        return endpoint

    def _read(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        negotiation.arguments(request)
        return self.answer(request, endpoint)

    def _created(self, request: HttpRequest, wish: record.EndpointWish, **how: Any) -> HttpResponse:
        wanted: dict[str, Any] = {"event_types": wish.event_types, "message_format": wish.message_format}
        with _bad_addresses_are_faults():
            endpoint, secret = endpoints.create(partner_of(request), wish.url, **wanted, **how)
        return self.answer(request, endpoint, secret=secret, status=201)

    def _replace(self, request: HttpRequest, stored: WebhookEndpoint) -> HttpResponse:
        only_validates = negotiation.validates_only(request)
        wish = record.read(self.body_node(request), stored)
        with self.stale_told(request, lambda: self.own(request, stored.public_id)) as ways:
            ways.append(lambda now: differing.in_webhook_endpoint(wish, now))
            current = (self.tag(stored), self.called, stored.version)
            by_tag = conditions.check_version(request, *current, wish.version, endpoints.StaleEndpoint)
            if only_validates:
                _check_address(wish)
                return self.valid(request)
            wanted: dict[str, Any] = {"event_types": wish.event_types, "message_format": wish.message_format}
            with _bad_addresses_are_faults(), conditions.one_that_moves_meanwhile(endpoints.StaleEndpoint, by_tag=by_tag):
                replaced = endpoints.replace(stored, wish.url, **wanted)
        return self.answer(request, replaced)

    def _remove(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, endpoint.public_id)):
            conditions.check_if_match(request, self.tag(endpoint))
        endpoints.remove(endpoint)
        return HttpResponse(status=204)

    def post_rotate(self, request: HttpRequest, endpoint_id: str = "") -> HttpResponse:
        """A new secret, shown in this answer and never again: not when the same Idempotency-Key comes again either."""
        endpoint = self._named(request, endpoint_id)

        def check() -> None:
            self.check_no_body(request)
            with self.stale_told(request, lambda: self.own(request, endpoint.public_id)):
                conditions.check_if_match(request, self.tag(endpoint))

        def make(record_id: str) -> HttpResponse:
            check()
            return self.answer(request, endpoint, secret=endpoints.rotate(endpoint))

        return self.make_once(request, make, check)

    def post_test(self, request: HttpRequest, endpoint_id: str = "") -> HttpResponse:
        negotiation.arguments(request)
        endpoint = self.own(request, endpoint_id) if endpoint_id else endpoints.endpoint_of(partner_of(request))

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            sent = endpoints.send_test(endpoint)
            return self.create_response(request, Document("Event", event.content(sent)), status=202)

        return answer_once(request, make)

    def post_redeliver(self, request: HttpRequest, endpoint_id: str = "") -> HttpResponse:
        """All that was given up there is on its way again."""
        endpoint = self._named(request, endpoint_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            endpoints.send_again_what_was_given_up(endpoint)
            return self.answer(request, endpoint, status=202)

        return answer_once(request, make)

    def tag(self, endpoint: WebhookEndpoint) -> str:
        return record.tag(endpoint)

    def document(self, request: HttpRequest, endpoint: WebhookEndpoint) -> Document:
        return Document("WebhookEndpoint", record.content(endpoint))

    def answer(
        self, request: HttpRequest, endpoint: WebhookEndpoint, *, secret: str | None = None, status: int = 200
    ) -> HttpResponse:
        """The endpoint; its secret only where it was made this moment, and not in what is kept of the answer."""
        document = Document("WebhookEndpoint", record.content(endpoint, secret))
        first = request.path.rstrip("/").endswith("/WebhookEndpoint")
        where = url_of("WebhookEndpoint") if first else url_of("WebhookEndpoints", endpoint.public_id)
        location = where if status == 201 else ""
        response = self.create_response(request, document, tag=record.tag(endpoint), status=status, location=location)
        if secret is not None:
            response.kept_content = self.answer(request, endpoint).content  # type: ignore[attr-defined]
        return response


def _check_address(wish: record.EndpointWish) -> None:
    """Raises BodyFaults."""
    with _bad_addresses_are_faults():
        addresses.check(wish.url)


@contextmanager
def _bad_addresses_are_faults() -> Iterator[None]:
    """Where a URL leads is found out by the room below; a client is told as of any fault in its body."""
    try:
        yield
    except addresses.BadAddress as error:
        raise BodyFaults([Fault("WebhookEndpoint/URL", f"URL {record.without_subject(error)}.")]) from None
