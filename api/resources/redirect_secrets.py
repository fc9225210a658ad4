"""/api/RedirectSecret: what the addresses that givers come back to are signed with. A partner has one at most."""

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authentication import partner_of
from api.links import url_of
from api.records import redirect_secret as record
from api.request_errors import NoSuchRecord
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from partners import redirect_secrets
from partners.models import Partner
from partners.redirect_secrets import StaleRedirectSecret
from web import negotiation


class RedirectSecretResource(PartnerResource):
    """The partner's redirect secret, made by POST and shown in that answer alone."""

    called = "redirect secret"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("RedirectSecret")
        detail_allowed_methods = ["get", "post", "delete"]
        rotate_allowed_methods = ["post"]

    def get_detail(self, request: HttpRequest) -> HttpResponse:
        negotiation.arguments(request)
        return self.answer(request, self._owner(request))

    def post_detail(self, request: HttpRequest) -> HttpResponse:
        """Not shown again when the same Idempotency-Key comes again either."""
        partner = partner_of(request)

        def check() -> None:
            self.check_no_body(request)
            redirect_secrets.check_has_none(partner)

        def make(record_id: str) -> HttpResponse:
            self.check_no_body(request)
            return self.answer(request, partner, secret=redirect_secrets.create(partner), status=201)

        return self.make_once(request, make, check)

    def delete_detail(self, request: HttpRequest) -> HttpResponse:
        partner = self._owner(request)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self._read_anew(request)):
            by_tag = conditions.check_if_match(request, self.tag(partner))
            with conditions.one_that_moves_meanwhile(StaleRedirectSecret, by_tag=by_tag):
                redirect_secrets.remove(partner)
        return HttpResponse(status=204)

    def post_rotate(self, request: HttpRequest) -> HttpResponse:
        """A new secret, which signs from this moment on; shown in this answer and never again."""
        partner = partner_of(request)

        def check() -> bool:
            self.check_no_body(request)
            self._owner(request)
            with self.stale_told(request, lambda: self._read_anew(request)):
                return conditions.check_if_match(request, self.tag(partner))

        def make(record_id: str) -> HttpResponse:
            by_tag = check()
            moves_meanwhile = conditions.one_that_moves_meanwhile(StaleRedirectSecret, by_tag=by_tag)
            with self.stale_told(request, lambda: self._read_anew(request)), moves_meanwhile:
                secret = redirect_secrets.rotate(partner)
            return self.answer(request, partner, secret=secret)

        return self.make_once(request, make, check)

    def _owner(self, request: HttpRequest) -> Partner:
        """The partner, where it has a secret. Raises NoSuchRecord."""
        partner = partner_of(request)
        if not redirect_secrets.has_secret(partner):
            raise NoSuchRecord("You have no redirect secret: POST /api/RedirectSecret makes one.")
        return partner

    def _read_anew(self, request: HttpRequest) -> Partner:
        """As it is now that another request has changed it. Raises NoSuchRecord."""
        partner_of(request).refresh_from_db()
        return self._owner(request)

    def tag(self, partner: Partner) -> str:
        return record.tag(partner)

    def document(self, request: HttpRequest, partner: Partner) -> Document:
        return Document("RedirectSecret", record.content(partner))

    def answer(self, request: HttpRequest, partner: Partner, *, secret: str | None = None, status: int = 200) -> HttpResponse:
        """The secret's record; the secret itself only where it was made this moment, and not in what is kept of the answer."""
        document = Document("RedirectSecret", record.content(partner, secret))
        location = url_of("RedirectSecret") if status == 201 else ""
        response = self.create_response(request, document, tag=record.tag(partner), status=status, location=location)
        if secret is not None:
            response.kept_content = self.answer(request, partner).content  # type: ignore[attr-defined]
        return response
