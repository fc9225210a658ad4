"""The simulator's checkout page: where a giver would log in at the provider, four buttons instead."""

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ids import is_id
from lookups import one_or_none
from providers.sandbox.models import SandboxCheckout
from providers.sandbox.scenarios import SCENARIOS
from providers.sandbox.webhooks import deliver, owe_webhook

State = SandboxCheckout.State

OUTCOMES: dict[str, dict[str, Any]] = {
    "approve": {"state": State.APPROVED, "will_be_reviewed": False},
    "pending": {"state": State.APPROVED, "will_be_reviewed": True},
    "decline": {"state": State.DECLINED},
    "cancel": {},
}
"""What each button does to a payment that has gone no further; `cancel` leaves it open, as at PayPal."""

STILL_THE_GIVERS = (State.OPEN, State.APPROVED, State.DECLINED)
"""Until the service has acted the giver may still change their mind, or try again after a decline."""

ADVANCED = {name: scenario for name, scenario in SCENARIOS.items() if not name.startswith("open_")}
"""What can still go wrong once the page is open."""

WEBHOOK_FIRST_SECONDS = 5
"""How long the giver is kept at the provider while its webhook overtakes them."""


@require_http_methods(["GET", "HEAD", "POST"])
def checkout_page(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """The page (GET), and the giver's choice (POST with outcome=approve|cancel|decline|pending).

    `scenario`, where it is posted too, is what the checkout plays from then on: a name, or nothing for nothing special.
    """
    checkout = one_or_none(SandboxCheckout.objects.filter(checkout_id=checkout_id)) if is_id(checkout_id) else None
    if checkout is None:
        return render(request, "sandbox/not_found.html", status=404)
    if request.method != "POST":
        return _page(request, checkout)
    outcome, scenario = request.POST.get("outcome", ""), request.POST.get("scenario")
    if outcome not in OUTCOMES:
        return _page(request, checkout, status=400, fault=f"outcome must be one of {', '.join(sorted(OUTCOMES))}.")
    if scenario and scenario not in ADVANCED:
        return _page(request, checkout, status=400, fault=f"scenario must be one of {', '.join(ADVANCED)}.")
    choose(checkout, outcome, scenario)
    back = checkout.cancel_url if outcome == "cancel" else checkout.return_url
    arguments = {"token": checkout.checkout_id} | ({} if outcome == "cancel" else {"PayerID": "SIMULATEDGIVER"})
    separator = "&" if "?" in back else "?"
    return HttpResponse(status=303, headers={"Location": back + separator + urlencode(arguments)})


def choose(checkout: SandboxCheckout, outcome: str, scenario: str | None) -> None:
    """What a button of the page does. `scenario` None: it plays on what it plays."""
    change = OUTCOMES[outcome] | ({} if scenario is None else {"scenario": scenario})
    if not OUTCOMES[outcome]:
        return
    with transaction.atomic():
        if not SandboxCheckout.objects.filter(pk=checkout.pk, state__in=STILL_THE_GIVERS).update(**change):
            return
        checkout.refresh_from_db()
        webhooks = owe_webhook(checkout, outcome)
    if checkout.scenario == "report_first":
        for webhook in webhooks:
            deliver(webhook, timeout_seconds=WEBHOOK_FIRST_SECONDS)


def _page(request: HttpRequest, checkout: SandboxCheckout, *, status: int = 200, fault: str = "") -> HttpResponse:
    context = {
        "checkout": checkout,
        "open": checkout.state in STILL_THE_GIVERS,
        "fault": fault,
        "scenarios": ADVANCED.items(),
    }
    page = render(request, "sandbox/checkout.html", context, status=status)
    # The form's answer leads on to the partner's own site, and a browser holds a form's redirects to form-action too.
    page.allow_form_redirects = True  # type: ignore[attr-defined]
    return page
