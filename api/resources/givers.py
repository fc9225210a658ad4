"""/api/Givers and /api/Giver/{id}, with .../Pin and .../Rotate: givers whom a partner knows again."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authentication import partner_of
from api.idempotency import answer_once
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import giver as record
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from givers import people, pins, private_page
from givers.models import Giver
from givers.people import StaleGiver
from ids import is_id
from partners import newest
from partners.tags import by_public_id
from pledges import erasing
from web import negotiation


class GiverResource(PartnerResource):
    """A partner's givers."""

    called = "giver"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Giver")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "patch", "delete"]
        rotate_allowed_methods = ["post"]

    def stored(self, public_id: str) -> Giver | None:
        return Giver.objects.select_related("partner").filter(**by_public_id(public_id)).first() if is_id(public_id) else None

    def is_gone(self, giver: Giver) -> bool:
        return giver.erased_at is not None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, ("ExternalId", *PAGING))
        own = self.authorized_read_list(Giver.objects.all(), self.build_bundle(request=request))
        found = newest.of_partner(Giver.objects.filter(erased_at=None), partner_of(request).pk)
        if "ExternalId" in given:
            found = found.filter(external_id=given["ExternalId"])
        page, more = page_of(found.select_related("partner"), own, given, order=newest.ORDER)
        content: dict[str, Any] = {"Giver": [record.content(one) for one in page]}
        if more:
            content["Next"] = url_of("Givers", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("Givers", content))

    def post_list(self, request: HttpRequest) -> HttpResponse:
        partner = partner_of(request)

        def check() -> None:
            wish = record.read(self.body_node(request))
            people.check_is_free(partner, wish.values["external_id"])

        def make(record_id: str) -> HttpResponse:
            wish = record.read(self.body_node(request))
            return self.answer(request, people.create(partner, wish.values, public_id=record_id), status=201)

        return self.make_once(request, make, check)

    def get_detail(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        giver = self.own(request, giver_id)
        negotiation.arguments(request)
        return self.answer(request, giver)

    def patch_detail(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        giver = self.own(request, giver_id)
        only_validates = negotiation.validates_only(request)
        wish = record.read(self.body_node(request), stored=giver)
        with self.stale_told(request, lambda: self.own(request, giver_id)) as ways:
            ways.append(lambda now: record.differing(wish, now))
            current = (self.tag(giver), self.called, giver.version)
            by_tag = conditions.check_version(request, *current, wish.version, StaleGiver)
            if only_validates:
                if "external_id" in wish.values:
                    people.check_is_free(giver.partner, wish.values["external_id"], beside=giver)
                return self.valid(request)
            with conditions.one_that_moves_meanwhile(StaleGiver, by_tag=by_tag):
                giver = people.edit(giver, wish.values)
        return self.answer(request, giver)

    def delete_detail(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        """Erase the person; amounts stay. What is left to be done is done by the worker."""
        giver = self.own(request, giver_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, giver_id)):
            conditions.check_if_match(request, self.tag(giver))
        erasing.begin(giver)
        return HttpResponse(status=204)

    def post_rotate(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        """Another GiverURL; the one that was given out is over."""
        giver = self.own(request, giver_id)

        def check() -> None:
            self.check_no_body(request)
            with self.stale_told(request, lambda: self.own(request, giver_id)):
                conditions.check_if_match(request, self.tag(giver))

        def make(record_id: str) -> HttpResponse:
            check()
            private_page.replace_page(giver)
            return self.answer(request, giver)

        return self.make_once(request, make, check)

    def tag(self, giver: Giver) -> str:
        return record.tag(giver)

    def document(self, request: HttpRequest, giver: Giver) -> Document:
        return Document("Giver", record.content(giver))

    def answer(self, request: HttpRequest, giver: Giver, *, status: int = 200) -> HttpResponse:
        """The giver; where they have just been made, with their address."""
        where = url_of("Giver", giver.public_id) if status == 201 else ""
        return self.create_response(request, self.document(request, giver), tag=self.tag(giver), status=status, location=where)


class GiverPinResource(PartnerResource):
    """A giver's PIN: POST sets, checks or replaces it, DELETE takes it away. It is never shown, nor anything made of it."""

    called = "giver"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("GiverPin")
        detail_allowed_methods = ["post", "delete"]

    givers = GiverResource()

    def post_detail(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        giver = self.givers.own(request, giver_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            wish = record.read_pin(self.body_node(request))
            if wish.pin is None:
                pins.check(giver, wish.verify)
            now = giver if wish.pin is None else pins.replace(giver, wish.pin, old=wish.verify)
            return self.create_response(request, Document("GiverPin", record.pin_content(now)))

        return answer_once(request, make)

    def delete_detail(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        """For a giver who does not know it any more, and whom the partner knows otherwise."""
        giver = self.givers.own(request, giver_id)
        negotiation.arguments(request)
        pins.remove(giver)
        return HttpResponse(status=204)
