"""/api/GiftCertificates and /api/GiftCertificate/{id} with .../Claim: gift certificates, bought, claimed and spent."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import claim_limits, conditions
from api.authentication import partner_of
from api.authorization import OwnRecords
from api.idempotency import is_repeated
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import gift_certificate as record
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from certificates import books, buying, claiming
from certificates.models import GiftCertificate
from contributions import deletion
from contributions.models import Contribution
from contributions.status import Status
from ids import is_id
from lookups import one_or_none
from partners import newest
from partners.models import Partner
from partners.tags import by_public_id
from providers import registry, scenario_header
from web import negotiation, places
from web.problems import BadArgument


class GiftCertificateResource(PartnerResource):
    """A partner's gift certificates."""

    called = "gift certificate"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("GiftCertificate")
        authorization = OwnRecords("purchase__goal__partner")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        asks_provider = frozenset({"post_list", "delete_detail"})

    def stored(self, public_id: str) -> GiftCertificate | None:
        return one_or_none(books.whole().filter(**by_public_id(public_id))) if is_id(public_id) else None

    def is_gone(self, certificate: GiftCertificate) -> bool:
        return certificate.purchase.deleted_at is not None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, ("GiverId", "Status", *PAGING))
        mine = GiftCertificate.objects.filter(partner=partner_of(request).pk)
        found = newest.of_partner(books.not_deleted(), partner_of(request).pk)
        if "GiverId" in given:
            found = found.filter(giver__public_id=given["GiverId"].strip())
        if "Status" in given:
            if given["Status"] not in list(Status):
                raise BadArgument(f"Status must be one of {', '.join(Status)}.")
            found = found.filter(status=given["Status"])
        whole = books.whole().filter(partner=partner_of(request).pk)
        page, more = page_of(found, mine, given, order=newest.ORDER, whole=whole)
        content: dict[str, Any] = {"GiftCertificate": [record.content(one) for one in page]}
        if more:
            content["Next"] = url_of("GiftCertificates", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("GiftCertificates", content))

    def post_list(self, request: HttpRequest) -> HttpResponse:
        partner = partner_of(request)

        def make(record_id: str) -> HttpResponse:
            wish = self._wish(request, partner)
            opens = _may_ask(request, wish.payee.provider, is_test=partner.is_test)
            bought = buying.buy(partner, wish, public_id=record_id, opens=opens, is_repeated=is_repeated(request))
            return self.answer(request, bought, status=201)

        return self.make_once(request, make, lambda: buying.check(partner, self._wish(request, partner)))

    def _wish(self, request: HttpRequest, partner: Partner) -> buying.Wish:
        wish = record.read(self.body_node(request), partner)
        return replace(wish, scenario=scenario_header.read(request.headers, wish.payee.provider, is_test=partner.is_test))

    def get_detail(self, request: HttpRequest, certificate_id: str) -> HttpResponse:
        certificate = self.own(request, certificate_id)
        negotiation.arguments(request)
        return self.answer(request, certificate)

    def delete_detail(self, request: HttpRequest, certificate_id: str) -> HttpResponse:
        """As of a contribution: what is not paid yet is called off."""
        certificate = self.own(request, certificate_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, certificate_id)):
            conditions.check_if_match(request, self.tag(certificate))
            purchase = Contribution.objects.whole().get(pk=certificate.purchase_id, partner_id=certificate.partner_id)
            places.ask(request, purchase.current_checkout.host)
            deletion.delete_contribution(purchase)
        return HttpResponse(status=204)

    def tag(self, certificate: GiftCertificate) -> str:
        return record.tag(certificate)

    def document(self, request: HttpRequest, certificate: GiftCertificate) -> Document:
        """With its code in answers to GET alone: others may be kept, or are for who may write and not read."""
        return Document("GiftCertificate", record.content(certificate, with_code=request.method in {"GET", "HEAD"}))

    def answer(self, request: HttpRequest, certificate: GiftCertificate, *, status: int = 200) -> HttpResponse:
        """The certificate; where it has just been made, with its address."""
        where = url_of("GiftCertificate", certificate.public_id) if status == 201 else ""
        document = self.document(request, certificate)
        return self.create_response(request, document, tag=self.tag(certificate), status=status, location=where)


class ClaimResource(PartnerResource):
    """A certificate is claimed for a giver: one that the path names, or the one that has the code."""

    called = "gift certificate"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Claim")
        list_allowed_methods = ["post"]
        detail_allowed_methods = ["post"]

    certificates = GiftCertificateResource()

    def post_list(self, request: HttpRequest) -> HttpResponse:
        return self._claim(request, None)

    def post_detail(self, request: HttpRequest, certificate_id: str) -> HttpResponse:
        return self._claim(request, self.certificates.own(request, certificate_id))

    def _claim(self, request: HttpRequest, named: GiftCertificate | None) -> HttpResponse:
        def found() -> tuple[GiftCertificate, record.ClaimWish]:
            wish = record.read_claim(self.body_node(request), partner_of(request), needs_code=named is None)
            return (named if wish.code is None and named is not None else self._with_code(request, named, wish)), wish

        def make(record_id: str) -> HttpResponse:
            certificate, wish = found()
            return self.certificates.answer(request, claiming.claim(certificate, wish.giver))

        def check() -> None:
            certificate, wish = found()
            claiming.check(certificate, wish.giver)

        return self.make_once(request, make, check)

    def _with_code(self, request: HttpRequest, named: GiftCertificate | None, wish: record.ClaimWish) -> GiftCertificate:
        """Raises WrongCode, TooManyRequests."""
        claim_limits.check(request, wish.giver)
        try:
            certificate = claiming.with_code(partner_of(request), wish.code or "")
            if named is not None and certificate.pk != named.pk:
                raise claiming.WrongCode
        except claiming.WrongCode:
            claim_limits.count_wrong(request, wish.giver)
            raise
        return certificate


def _may_ask(request: HttpRequest, provider: str, *, is_test: bool) -> bool:
    """Whether the provider is asked for a checkout now; where too many ask it, it is opened when somebody comes to pay."""
    try:
        places.ask(request, registry.host_to_open(provider, is_test=is_test))
    except places.ProviderBusy:
        return False
    return True
