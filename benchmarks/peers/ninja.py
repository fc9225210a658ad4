"""django-ninja: an API with a key, a schema, and a renderer."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from benchmarks.peers import records
from benchmarks.peers.representation import document, gift_elements
from partners.models import Partner


class Key(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Partner | None:
        return records.partner_of(token)


class XMLRenderer(BaseRenderer):
    media_type = "application/xml"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return document("Contribution", {name: text for name, text in data.items() if text is not None})


class Gift(Schema):
    Id: str
    Amount: str
    Date: str
    Contributor: str
    Message: str | None = None
    Status: str
    ProviderName: str
    ProviderURL: str
    RecordVersionNumber: str
    Currency: str
    RefundedAmount: str
    StatusReason: str | None = None
    SavingGoalId: str
    ProviderReference: str | None = None
    SettledDate: str | None = None
    Test: str | None = None


api = NinjaAPI(auth=Key(), renderer=XMLRenderer(), openapi_url=None)


@api.get("/Contribution/{gift_id}", response=Gift)
def gift(request: HttpRequest, response: HttpResponse, gift_id: str) -> Any:
    found = records.gift_of(request.auth, gift_id)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    tag = records.tag(found)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response["ETag"] = tag
    return gift_elements(found)


urlpatterns = [path("api/", api.urls)]
