"""/api/Giver/{id}/Permissions and /api/Permission/{id}: what givers have agreed to once and for all."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from api import conditions
from api.authorization import OwnRecords
from api.idempotency import is_repeated
from api.links import url_of
from api.paging import PAGING, given_without_key, page_of
from api.records import permission as record
from api.resources.base import PartnerResource
from api.resources.givers import GiverResource
from api.serializer import Document, StrictSerializer
from givers import permissions
from givers.models import Giver, Permission
from givers.permissions import Wish
from ids import is_id
from partners.tags import by_public_id
from providers import registry, scenario_header
from web import negotiation, places


class PermissionResource(PartnerResource):
    """The standing permissions of a partner's givers."""

    called = "permission"

    class Meta(PartnerResource.Meta):
        serializer = StrictSerializer("Permission")
        authorization = OwnRecords("giver__partner")
        list_allowed_methods = ["get", "post"]
        detail_allowed_methods = ["get", "delete"]
        asks_provider = frozenset({"post_list", "delete_detail"})

    givers = GiverResource()

    def stored(self, public_id: str) -> Permission | None:
        everything = Permission.objects.select_related("giver__partner")
        return everything.filter(**by_public_id(public_id)).first() if is_id(public_id) else None

    def get_list(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        giver = self.givers.own(request, giver_id)
        given = negotiation.arguments(request, PAGING)
        every = Permission.objects.select_related("giver__partner").filter(giver=giver)
        page, more = page_of(every, every, given)
        content: dict[str, Any] = {"Permission": [record.content(one) for one in page]}
        if more:
            rest = {**given_without_key(given), "after": page[-1].public_id}
            content["Next"] = url_of("Giver", giver.public_id, "Permissions", **rest)
        return self.create_response(request, Document("Permissions", content))

    def post_list(self, request: HttpRequest, giver_id: str) -> HttpResponse:
        giver = self.givers.own(request, giver_id)

        def wish() -> Wish:
            asked = record.read(self.body_node(request), giver)
            scenario = scenario_header.read(request.headers, asked.provider, is_test=giver.partner.is_test)
            return replace(asked, scenario=scenario)

        def make(record_id: str) -> HttpResponse:
            asked = wish()
            opens = _may_ask(request, giver, asked)
            how = {"opens": opens, "is_repeated": is_repeated(request)}
            return self.answer(request, permissions.ask(giver, asked, public_id=record_id, **how), status=201)

        return self.make_once(request, make, lambda: permissions.check(giver, wish()))

    def get_detail(self, request: HttpRequest, permission_id: str) -> HttpResponse:
        permission = self.own(request, permission_id)
        negotiation.arguments(request)
        return self.answer(request, permission)

    def delete_detail(self, request: HttpRequest, permission_id: str) -> HttpResponse:
        """Take it back. It can be read all the same: it is Revoked from then on."""
        permission = self.own(request, permission_id)
        negotiation.arguments(request)
        with self.stale_told(request, lambda: self.own(request, permission_id)):
            conditions.check_if_match(request, self.tag(permission))
        places.ask(request, permission.host)
        permissions.revoke(permission, "client_revoked")
        return HttpResponse(status=204)

    def tag(self, permission: Permission) -> str:
        return record.tag(permission)

    def document(self, request: HttpRequest, permission: Permission) -> Document:
        return Document("Permission", record.content(permission))

    def answer(self, request: HttpRequest, permission: Permission, *, status: int = 200) -> HttpResponse:
        """The permission; where it has just been made, with its address."""
        where = url_of("Permission", permission.public_id) if status == 201 else ""
        document = self.document(request, permission)
        return self.create_response(request, document, tag=self.tag(permission), status=status, location=where)


def _may_ask(request: HttpRequest, giver: Giver, asked: Wish) -> bool:
    """Whether the provider is asked now; where too many ask it, the page is opened when the giver comes to PermissionURL."""
    try:
        places.ask(request, registry.host_to_open(asked.provider, is_test=giver.partner.is_test))
    except places.ProviderBusy:
        return False
    return True
