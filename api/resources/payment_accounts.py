"""/api/PaymentAccounts and /api/PaymentAccount/{id}: payees of their own, used by many goals."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authentication import partner_of
from api.idempotency import answer_once
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import differing
from api.records import payment_account as record
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from contributions import payees as asking
from goals import payees
from goals.models import Payee
from ids import is_id
from partners import newest
from partners.tags import by_public_id
from web import negotiation, places


class PaymentAccountResource(PartnerResource):
    """A partner's payees."""

    called = "payment account"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("PaymentAccount")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "put", "patch", "delete"]
        check_allowed_methods = ["post"]
        onboarding_allowed_methods = ["post"]
        asks_provider = frozenset({"post_check", "post_onboarding"})

    def stored(self, public_id: str) -> Payee | None:
        return Payee.objects.select_related("partner").filter(**by_public_id(public_id)).first() if is_id(public_id) else None

    def is_gone(self, payee: Payee) -> bool:
        return payee.deleted_at is not None

    def get_list(self, request: HttpRequest) -> HttpResponse:
        given = negotiation.arguments(request, PAGING)
        own = self.authorized_read_list(Payee.objects.all(), self.build_bundle(request=request))
        found = newest.of_partner(Payee.objects.filter(deleted_at=None), partner_of(request).pk)
        page, more = page_of(found.select_related("partner"), own, given, order=newest.ORDER)
        content: dict[str, Any] = {"PaymentAccount": [record.content(one) for one in page]}
        if more:
            content["Next"] = url_of("PaymentAccounts", **given_without_key(given), after=page[-1].public_id)
        return self.create_response(request, Document("PaymentAccounts", content))

    def post_list(self, request: HttpRequest) -> HttpResponse:
        partner = partner_of(request)

        def asked() -> record.PayeeWish:
            return record.read(self.body_node(request), is_test=partner.is_test)

        def make(record_id: str) -> HttpResponse:
            wish = asked()
            payee = payees.create(partner, wish.provider, wish.credentials or "", public_id=record_id)
            return self.answer(request, payee, status=201)

        return self.make_once(request, make, asked)

    def get_detail(self, request: HttpRequest, account_id: str) -> HttpResponse:
        payee = self.own(request, account_id)
        negotiation.arguments(request)
        return self.answer(request, payee)

    def put_detail(self, request: HttpRequest, account_id: str) -> HttpResponse:
        return self._edit(request, account_id, partial=False)

    def patch_detail(self, request: HttpRequest, account_id: str) -> HttpResponse:
        return self._edit(request, account_id, partial=True)

    def _edit(self, request: HttpRequest, account_id: str, *, partial: bool) -> HttpResponse:
        payee = self.own(request, account_id)
        only_validates = negotiation.validates_only(request)
        wish = record.read(self.body_node(request), is_test=payee.partner.is_test, stored=payee, partial=partial)
        with self.stale_told(request, lambda: self.own(request, account_id)) as ways:
            ways.append(lambda now: differing.in_payment_account(wish, now))
            current = (self.tag(payee), self.called, payee.version)
            by_tag = conditions.check_version(request, *current, wish.version, payees.StalePayee)
            if only_validates:
                return self.valid(request)
            with conditions.one_that_moves_meanwhile(payees.StalePayee, by_tag=by_tag):
                activity = payee.activity if by_tag else None
                payee = payees.edit(payee, wish.credentials, is_partial=partial, activity=activity)
        return self.answer(request, payee)

    def delete_detail(self, request: HttpRequest, account_id: str) -> HttpResponse:
        payee = self.own(request, account_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, account_id)):
            by_tag = conditions.check_if_match(request, self.tag(payee))
            with conditions.one_that_moves_meanwhile(payees.StalePayee, by_tag=True):
                payees.delete(payee, activity=payee.activity if by_tag else None)
        return HttpResponse(status=204)

    def post_check(self, request: HttpRequest, account_id: str) -> HttpResponse:
        """/api/PaymentAccount/{id}/Check: ask the provider, now."""
        payee = self.own(request, account_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            places.ask(request, asking.host_of(payee))
            return self.answer(request, asking.check(payee))

        return answer_once(request, make)

    def post_onboarding(self, request: HttpRequest, account_id: str) -> HttpResponse:
        """/api/PaymentAccount/{id}/Onboarding: a fresh link, for the payee alone."""
        payee = self.own(request, account_id)
        negotiation.arguments(request)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            places.ask(request, asking.host_of(payee))
            return self.answer(request, payee, onboarding_url=asking.onboarding_url(payee))

        return answer_once(request, make)

    def tag(self, payee: Payee) -> str:
        return record.tag(payee)

    def document(self, request: HttpRequest, payee: Payee) -> Document:
        return Document("PaymentAccount", record.content(payee))

    def answer(self, request: HttpRequest, payee: Payee, *, onboarding_url: str = "", status: int = 200) -> HttpResponse:
        """The payee; its onboarding link only where it was made this moment."""
        document = Document("PaymentAccount", record.content(payee, onboarding_url))
        where = url_of("PaymentAccount", payee.public_id) if status == 201 else ""
        return self.create_response(request, document, tag=record.tag(payee), status=status, location=where)
