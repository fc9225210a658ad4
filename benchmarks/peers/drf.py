"""Django REST framework: an authentication class, a serializer, a renderer, an APIView."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.peers import records
from benchmarks.peers.representation import document, gift_elements
from contributions.models import Contribution
from partners.models import Partner


class Key(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Partner, None]:
        partner = records.partner_of(request.headers.get("Authorization", ""))
        if partner is None:
            raise AuthenticationFailed
        return partner, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasKey(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, Partner)


class GiftSerializer(serializers.BaseSerializer):  # type: ignore[type-arg]
    def to_representation(self, gift: Contribution) -> dict[str, str]:
        return gift_elements(gift)


class XMLRenderer(BaseRenderer):
    media_type, format, charset = "application/xml", "xml", "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return document("Contribution", data) if data else b""


class Gift(APIView):
    authentication_classes = [Key]
    permission_classes = [HasKey]
    renderer_classes = [XMLRenderer]

    def get(self, request: Request, gift_id: str) -> Response:
        gift = records.gift_of(request.user, gift_id)
        if gift is None:
            raise NotFound
        tag = records.tag(gift)
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304, headers={"ETag": tag})
        return Response(GiftSerializer(gift).data, headers={"ETag": tag})


urlpatterns = [path("api/Contribution/<str:gift_id>", Gift.as_view())]
