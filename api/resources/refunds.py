"""/api/Contribution/{id}/Refunds"""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api.idempotency import is_repeated
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import refund as record
from api.resources.base import PartnerResource
from api.resources.contributions import ContributionResource
from api.resources.gift_certificates import GiftCertificateResource
from api.serializer import Document, StrictSerializer
from contributions import refunds
from contributions.models import Contribution
from partners.scopes import REFUND
from web import negotiation, places


class RefundResource(PartnerResource):
    """What was given back of one contribution."""

    path = "Contribution"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Refund")
        list_allowed_methods = ["get", "post"]
        from_replica = frozenset({"get_list"})
        asks_provider = frozenset({"post_list"})
        scopes = {"post_list": REFUND}

    contributions = ContributionResource()

    def contribution(self, request: HttpRequest, contribution_id: str) -> Contribution:
        """The one that the path names. Raises as `own` does."""
        found: Contribution = self.contributions.own(request, contribution_id)
        return found

    def get_list(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = self.contribution(request, contribution_id)
        given = negotiation.arguments(request, PAGING)
        every = contribution.refunds.all()
        page, more = page_of(every, every, given)
        content: dict[str, Any] = {"Refund": [record.content(one) for one in page]}
        if more:
            taken_along = given_without_key(given)
            content["Next"] = url_of(self.path, contribution.public_id, "Refunds", **taken_along, after=page[-1].public_id)
        return self.create_response(request, Document("Refunds", content))

    def post_list(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = self.contribution(request, contribution_id)

        def check() -> None:
            refunds.check(contribution, amount_minor=record.read(self.body_node(request), contribution).amount_minor)

        def make(record_id: str) -> HttpResponse:
            wish = record.read(self.body_node(request), contribution)
            places.ask(request, contribution.current_checkout.host)
            refund = refunds.ask(
                contribution,
                amount_minor=wish.amount_minor,
                reason=wish.reason,
                public_id=record_id,
                is_repeated=is_repeated(request),
            )
            refund.contribution = contribution  # which its answer names
            where = url_of(self.path, contribution.public_id, "Refunds")
            return self.create_response(request, Document("Refund", record.content(refund)), status=201, location=where)

        return self.make_once(request, make, check)


class CertificateRefundResource(RefundResource):
    """What was given back of what was paid for a gift certificate. Its purchase has the certificate's Id."""

    path = "GiftCertificate"
    certificates = GiftCertificateResource()

    def get_list(self, request: HttpRequest, certificate_id: str) -> HttpResponse:
        return super().get_list(request, certificate_id)

    def post_list(self, request: HttpRequest, certificate_id: str) -> HttpResponse:
        return super().post_list(request, certificate_id)

    def contribution(self, request: HttpRequest, contribution_id: str) -> Contribution:
        certificate = self.certificates.own(request, contribution_id)
        return Contribution.objects.whole().get(pk=certificate.purchase_id, partner_id=certificate.partner_id)
