"""The visitor whom the shop knows again: by a cookie of its own, as a giver at the service with an id made of that cookie.

The cookie is all that tells one visitor from another. Forms that do something in a visitor's name carry a token made of it, so
that no other site can send them.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from whipround import Client, GiftCertificate, Giver, Permission

from demo.pages import leads_to_a_provider

COOKIE = "demo_visitor"
NO_COOKIE = "Your browser has sent no cookie, or this page is an old one. Send it once more: the shop knows you by a cookie."
SECONDS = 365 * 24 * 3600
_VALUE = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Visitor:
    """Who looks at the page: `giver` where they are remembered, `permission` where they have agreed."""

    cookie: str
    giver: Giver | None = None
    permission: Permission | None = None
    certificates: tuple[GiftCertificate, ...] = ()
    """Those that they have claimed."""

    @property
    def external_id(self) -> str:
        """The shop's own id of them. The cookie cannot be made of it: whoever reads the shop's lists is not let in by them."""
        return "visitor-" + _made_of(self.cookie, "demo giver")

    @property
    def token(self) -> str:
        """For the forms of their pages; empty for whoever has no cookie, in whose name nothing can be done."""
        return _made_of(self.cookie, "demo form") if self.cookie else ""

    def has_sent(self, request: HttpRequest) -> bool:
        """Whether a form comes from a page that was shown to them."""
        return bool(self.cookie) and constant_time_compare(request.POST.get("token", ""), self.token)

    def balance(self) -> Decimal:
        """What is left on their certificates, which are all in the currency of the shop's goal."""
        return sum((one.balance for one in self.certificates), Decimal(0))

    def agreed(self) -> bool:
        return self.permission is not None and self.permission.state == "Active"


def visitor_of(request: HttpRequest, client: Client) -> Visitor:
    """Who sends this request, as the service knows them."""
    cookie = request.COOKIES.get(COOKIE, "")
    if not _VALUE.fullmatch(cookie):
        return Visitor("")
    giver = client.find_giver(Visitor(cookie).external_id)
    if giver is None:
        return Visitor(cookie)
    permissions = list(client.list_permissions(giver.id))
    newest = next(iter(permissions), None)
    permission = next((one for one in permissions if one.state == "Active"), newest)
    return Visitor(cookie, giver, permission, tuple(client.list_gift_certificates(giver_id=giver.id)))


def new_visitor() -> Visitor:
    return Visitor(secrets.token_urlsafe(24))


def page_with_cookie(
    request: HttpRequest, template: str, visitor: Visitor, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page with forms that are sent in the visitor's name; whoever has no cookie yet gets one with it."""
    known = visitor if visitor.cookie else new_visitor()
    page = leads_to_a_provider(render(request, template, context | {"visitor": known}, status=status))
    if not visitor.cookie:
        give_cookie(page, known)
    return page


def give_cookie(page: HttpResponse, visitor: Visitor) -> None:
    """For this shop alone: where there is no Path a browser takes the folder of the page."""
    page.set_cookie(
        COOKIE,
        visitor.cookie,
        max_age=SECONDS,
        path="",
        secure=settings.PUBLIC_BASE_URL.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )


def take_cookie(page: HttpResponse) -> None:
    """The visitor is forgotten."""
    page.set_cookie(COOKIE, "", max_age=0, path="", httponly=True, samesite="Lax")


def _made_of(cookie: str, purpose: str) -> str:
    return base64.urlsafe_b64encode(salted_hmac(purpose, cookie, algorithm="sha256").digest()[:24]).decode()
