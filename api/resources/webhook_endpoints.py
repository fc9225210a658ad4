"""/api/WebhookEndpoint and what is below it: where a partner listens. Each has one at most, so it needs no Id."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from tastypie.bundle import Bundle

from api import conditions
from api.authentication import partner_of
from api.errors import NoSuchRecord
from api.idempotency import answer_once
from api.links import url_of
from api.records import event
from api.records import webhook_endpoint as record
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from notifications import addresses, endpoints
from notifications.models import WebhookEndpoint
from web import negotiation
from xml_schemas.reader import BodyFaults, Fault


class WebhookEndpointResource(PartnerResource):
    """The caller's own webhook endpoint; there is no way to name another's."""

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("WebhookEndpoint")
        detail_allowed_methods = ["get", "put", "delete"]
        rotate_allowed_methods = ["post"]
        test_allowed_methods = ["post"]

    def obj_get(self, bundle: Bundle, **kwargs: str) -> WebhookEndpoint:
        """Raises NoSuchRecord."""
        endpoint = endpoints.endpoint_of(partner_of(bundle.request))
        if endpoint is None:
            raise NoSuchRecord("You have no webhook endpoint: PUT one.")
        return endpoint

    def get_detail(self, request: HttpRequest) -> HttpResponse:
        endpoint = self.obj_get(self.build_bundle(request=request))
        negotiation.arguments(request)
        return self.answer(request, endpoint)

    def put_detail(self, request: HttpRequest) -> HttpResponse:
        only_validates = negotiation.validates_only(request)
        stored = endpoints.endpoint_of(partner_of(request))
        wish = record.read(self.body_node(request))
        wanted: dict[str, Any] = {"event_types": wish.event_types, "message_format": wish.message_format}
        if stored is not None:
            self._check_version(request, stored, wish.version)
        if only_validates:
            with _bad_addresses_are_faults():
                addresses.check(wish.url)
            return self.valid(request)
        if stored is None:
            with _bad_addresses_are_faults():
                endpoint, secret = endpoints.create(partner_of(request), wish.url, **wanted)
            return self.answer(request, endpoint, secret=secret, status=201)
        with _bad_addresses_are_faults():
            return self.answer(request, endpoints.replace(stored, wish.url, **wanted))

    def _check_version(self, request: HttpRequest, stored: WebhookEndpoint, given: int | None) -> None:
        """Raises StaleEntityTag, VersionNotNamed, StaleEndpoint."""
        by_tag = conditions.check_if_match(request, str(stored.version), stored.version)
        conditions.check_a_version_is_named("webhook endpoint", stored.version, given, by_tag=by_tag)
        if given is not None and given != stored.version:
            raise endpoints.StaleEndpoint(f"The webhook endpoint is at version {stored.version} now: read it again.")

    def delete_detail(self, request: HttpRequest) -> HttpResponse:
        endpoint = self.obj_get(self.build_bundle(request=request))
        negotiation.arguments(request)
        conditions.check_if_match(request, str(endpoint.version), endpoint.version)
        endpoints.remove(endpoint)
        return HttpResponse(status=204)

    def dispatch_rotate(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("rotate", request, **kwargs)

    def post_rotate(self, request: HttpRequest) -> HttpResponse:
        """A new secret, shown in this answer and never again: not when the same Idempotency-Key comes again either."""
        endpoint = self.obj_get(self.build_bundle(request=request))
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            secret = endpoints.rotate(endpoint)
            answer = self.answer(request, endpoint, secret=secret)
            answer.kept_content = self.answer(request, endpoint).content  # type: ignore[attr-defined]
            return answer

        return answer_once(request, make)

    def dispatch_test(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.dispatch("test", request, **kwargs)

    def post_test(self, request: HttpRequest) -> HttpResponse:
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            sent = endpoints.send_test(partner_of(request))
            return self.create_response(request, Document("Event", event.content(sent)), status=202)

        return answer_once(request, make)

    def answer(
        self, request: HttpRequest, endpoint: WebhookEndpoint, *, secret: str | None = None, status: int = 200
    ) -> HttpResponse:
        """The endpoint; its secret only where it was made this moment."""
        document = Document("WebhookEndpoint", record.content(endpoint, secret))
        where = url_of("WebhookEndpoint") if status == 201 else ""
        return self.create_response(request, document, tag=record.tag(endpoint), status=status, location=where)


@contextmanager
def _bad_addresses_are_faults() -> Iterator[None]:
    """Where a URL leads is found out by the room below; a client is told as of any fault in its body."""
    try:
        yield
    except addresses.BadAddress as error:
        raise BodyFaults([Fault("WebhookEndpoint/URL", f"URL {record.without_subject(error)}.")]) from None
