"""The simulator's page of a standing permission: where a giver would log in at the provider and agree, buttons instead."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ids import is_id
from lookups import one_or_none
from providers.sandbox.models import SandboxPermission
from providers.sandbox.permissions import CHOICES, choose
from providers.sandbox.scenarios import SCENARIOS

_OF_SETTING_UP = {"open_refused", "open_silent"}
ADVANCED = {name: scenario for name, scenario in SCENARIOS.items() if name not in _OF_SETTING_UP}
"""What can go wrong with the gifts under it."""


@require_http_methods(["GET", "HEAD", "POST"])
def permission_page(request: HttpRequest, setup_id: str) -> HttpResponse:
    """The page (GET), and the giver's choice (POST with outcome=agree|decline|cancel|revoke), then back to the service.

    `scenario`, where it is posted too, is what gifts under the permission play from then on.
    """
    found = SandboxPermission.objects.filter(setup_id=setup_id)
    permission = one_or_none(found) if is_id(setup_id) else None
    if permission is None:
        return render(request, "sandbox/not_found.html", status=404)
    if request.method != "POST":
        return _page(request, permission)
    outcome, scenario = request.POST.get("outcome", ""), request.POST.get("scenario")
    if outcome not in CHOICES:
        return _page(request, permission, status=400, fault=f"outcome must be one of {', '.join(sorted(CHOICES))}.")
    if scenario and scenario not in ADVANCED:
        return _page(request, permission, status=400, fault=f"scenario must be one of {', '.join(ADVANCED)}.")
    choose(permission, outcome, scenario)
    if outcome == "revoke":  # as in the account at the provider: nobody is waited for
        return _page(request, permission)
    back = permission.cancel_url if outcome == "cancel" else permission.return_url
    separator = "&" if "?" in back else "?"
    return HttpResponse(status=303, headers={"Location": back + separator + urlencode({"token": permission.setup_id})})


def _page(request: HttpRequest, permission: SandboxPermission, *, status: int = 200, fault: str = "") -> HttpResponse:
    state = SandboxPermission.State
    context = {
        "permission": permission,
        "open": permission.state == state.OPEN,
        "active": permission.state == state.ACTIVE,
        "fault": fault,
        "scenarios": ADVANCED.items(),
    }
    page = render(request, "sandbox/permission.html", context, status=status)
    # The form's answer leads on to the partner's own site, and a browser holds a form's redirects to form-action too.
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page
