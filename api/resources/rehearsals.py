"""/api/Rehearsal: bad days, played by the worker against what a partner in test has built."""

from django.http import HttpRequest, HttpResponse

from api.authentication import partner_of
from api.links import url_of
from api.records import rehearsal as record
from api.request_errors import TestKeyNeeded
from api.resources.base import PartnerResource
from api.serializer import Document, StrictSerializer
from ids import is_id
from partners.tags import by_public_id
from rehearsals import play
from rehearsals.models import Rehearsal
from web import negotiation


class RehearsalResource(PartnerResource):
    """A partner's rehearsals. POST only asks for one: it takes longer than a request may."""

    called = "rehearsal"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Rehearsal")
        list_allowed_methods = ["post"]
        detail_allowed_methods = ["get"]

    def stored(self, public_id: str) -> Rehearsal | None:
        found = Rehearsal.objects.select_related("partner").filter(**by_public_id(public_id))
        return found.first() if is_id(public_id) else None

    def post_list(self, request: HttpRequest) -> HttpResponse:
        partner = partner_of(request)
        if not partner.is_test:
            raise TestKeyNeeded("A rehearsal is played with a test key: nothing of it may touch live records.")

        def asked_for() -> record.RehearsalWish:
            return record.read(self.body_node(request), partner) if self.has_body(request) else record.RehearsalWish()

        def check() -> None:
            asked_for()
            play.check(partner)

        def make(record_id: str) -> HttpResponse:
            wish = asked_for()
            asked = play.begin(partner, confirmation_url=wish.confirmation_url, cancel_url=wish.cancel_url, public_id=record_id)
            return self.answer(request, asked, status=202)

        return self.make_once(request, make, check)

    def get_detail(self, request: HttpRequest, rehearsal_id: str) -> HttpResponse:
        rehearsal = self.own(request, rehearsal_id)
        negotiation.arguments(request)
        return self.answer(request, rehearsal)

    def answer(self, request: HttpRequest, rehearsal: Rehearsal, *, status: int = 200) -> HttpResponse:
        """The sheet as far as it has been played."""
        where = url_of("Rehearsal", rehearsal.public_id) if status == 202 else ""
        return self.create_response(request, Document("Rehearsal", record.content(rehearsal)), status=status, location=where)
