"""What every view of the console is wrapped in: 404 where it is off, the session and the CSRF check, a login, headers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect

import ip_networks
import security_log
from console.models import Operator
from console.site import sessions
from web import proxies

View = Callable[..., HttpResponse]
"""Called with the request, the operator who is logged in, and what the address names."""


def root() -> str:
    """Where the console is, with the path of PUBLIC_BASE_URL: what links and redirects begin with."""
    return f"{urlsplit(settings.PUBLIC_BASE_URL).path}/console"


def see_other(path: str = "") -> HttpResponse:
    """On to another page of the console, by GET."""
    return HttpResponseRedirect(f"{root()}{path}", status=303)


def door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A view without a login: the login itself."""
    guarded = csrf_protect(view)

    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponseBase:
        if not settings.CONSOLE or not _may_come(request):
            raise Http404
        response = cast(HttpResponseBase, SessionMiddleware(lambda asked: guarded(asked, **named))(request))
        # Not no-referrer: a browser would then send a form with `Origin: null`, which cannot be told from a forged one.
        response["Referrer-Policy"] = "same-origin"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return answer


def for_operators(view: View) -> Callable[..., HttpResponseBase]:
    """A view for whoever is logged in; others are sent to the login."""

    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        operator = sessions.operator_of(request)
        if operator is not None:
            return view(request, operator, **named)
        wanted = request.get_full_path().removeprefix("/console") if request.method in {"GET", "HEAD"} else ""
        return see_other(f"/login?next={quote(wanted)}" if wanted.strip("/") else "/login")

    return door(answer)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, operator: Operator | None = None, status: int = 200
) -> HttpResponse:
    """A page of the console."""
    common = {"root": root(), "operator": operator, "told": sessions.told(request)}
    return render(request, f"console/{template}.html", common | context, status=status)


def refused_as_forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. The reason is for the log."""
    security_log.tell("forged_form_refused", detail=reason)
    said = "The form was too old, or not of this page. Nothing was done. Load the page again."
    return page(request, "problem", {"title": "Not done", "detail": said}, status=403)


def _may_come(request: HttpRequest) -> bool:
    networks = settings.CONSOLE_NETWORKS
    return not networks or ip_networks.contain(networks, proxies.address_of(request))
