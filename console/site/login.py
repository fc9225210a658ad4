"""The login, with a limit on guesses, and the logout."""

import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

import security_log
from console import operators
from console.models import Operator
from console.site import sessions
from console.site.doors import door, for_operators, page, see_other
from web import rate_limits
from web.problems import TooManyRequests
from web.rate_limits import Policy

OF_NAME = Policy("console-name", 10, 15 * 60)
OF_ADDRESS = Policy("console-address", 20, 15 * 60)
"""So many failed logins in so many seconds."""

WRONG = "This name and this password do not belong together."
_PAGE_OF_OURS = re.compile(r"/[A-Za-z0-9/_.?=&%+-]{1,300}")


@door
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, request.GET.get("next", ""))
    name, wanted = request.POST.get("name", "").strip(), request.POST.get("next", "")
    try:
        _check_guesses(request, name)
    except TooManyRequests as error:
        security_log.tell("operator_login_refused", account=name[:64], reason="too many failed logins")
        refused = _form(request, wanted, f"Too many failed logins: try again in {error.headers['Retry-After']} s.", 429)
        refused["Retry-After"] = error.headers["Retry-After"]
        return refused
    operator = operators.recognise(name, request.POST.get("password", ""))
    if operator is None:
        rate_limits.count(request, OF_NAME, name[:64])
        rate_limits.count(request, OF_ADDRESS, rate_limits.of_address(request))
        security_log.tell("operator_login_refused", account=name[:64], reason="wrong name or password")
        return _form(request, wanted, WRONG, 403)
    sessions.begin(request, operator)
    security_log.tell("operator_login", account=operator.name)
    return see_other(wanted if _is_ours(wanted) else "")


@for_operators
@require_POST
def logout(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Ends every session of this operator's, also that of a cookie that somebody has copied."""
    operators.end_sessions(operator)
    request.session.flush()
    return see_other("/login")


def _check_guesses(request: HttpRequest, name: str) -> None:
    """Raises TooManyRequests."""
    for policy, who in ((OF_NAME, name[:64]), (OF_ADDRESS, rate_limits.of_address(request))):
        standing = rate_limits.look(policy, who)
        if standing:
            standing.check()


def _is_ours(path: str) -> bool:
    """Of the page that was wanted, below the console's own address; nothing that leads elsewhere."""
    return bool(_PAGE_OF_OURS.fullmatch(path)) and not path.startswith(("//", "/login"))


def _form(request: HttpRequest, wanted: str, fault: str = "", status: int = 200) -> HttpResponse:
    return page(request, "login", {"next": wanted if _is_ours(wanted) else "", "fault": fault}, status=status)
