"""The simulator's payees: those whom it was asked to onboard, and whoever else is named in Credentials."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ids import is_id, new_id
from providers.payees import PayeeRequest, PayeeStanding, PayeeState
from providers.sandbox.models import SandboxPayee

OUTCOMES = {"finish": PayeeState.READY, "restrict": PayeeState.RESTRICTED, "later": PayeeState.ONBOARDING_NEEDED}
"""What each button of the onboarding page makes of the payee."""

WORDS = {"restricted": PayeeState.RESTRICTED, "onboarding": PayeeState.ONBOARDING_NEEDED, "unchecked": PayeeState.UNCHECKED}
"""Whoever has such a word in their Credentials is in this state: restricted@example.org."""

REASONS = {
    PayeeState.RESTRICTED: "rejected_by_simulator",
    PayeeState.ONBOARDING_NEEDED: "onboarding_not_finished",
    PayeeState.UNCHECKED: "provider_does_not_say",
}

_SHAPES = {"PayPal": "payee-{}@simulator.invalid"}
_SHAPE = "acct_{}"


def make(payee: PayeeRequest, request_id: str) -> str:
    """The credentials of an account of its own; the same request id makes it once."""
    made, _ = SandboxPayee.objects.get_or_create(
        made_by_request=request_id, defaults={"payee_id": new_id(), "provider": payee.provider}
    )
    return _SHAPES.get(made.provider, _SHAPE).format(made.payee_id)


def link(payee: PayeeRequest) -> str:
    """Where the payee presses buttons."""
    made = (
        _made(payee.credentials)
        or SandboxPayee.objects.get_or_create(
            made_by_request=payee.onboarded_as, defaults={"payee_id": new_id(), "provider": payee.provider}
        )[0]
    )
    SandboxPayee.objects.filter(pk=made.pk).update(return_url=payee.return_url)
    return f"{settings.PUBLIC_BASE_URL}/sandbox/onboarding/{made.payee_id}"


def standing(payee: PayeeRequest) -> PayeeStanding:
    """As the buttons have left it, else by the words in the credentials; whoever bears none of them is Ready."""
    made = _made(payee.credentials) or SandboxPayee.objects.filter(made_by_request=payee.onboarded_as).first()
    if made:
        state = PayeeState(made.state)
    else:
        state = next((one for word, one in WORDS.items() if word in payee.credentials.lower()), PayeeState.READY)
    return PayeeStanding(state, REASONS.get(state, ""))


def _made(credentials: str) -> SandboxPayee | None:
    payee_id = credentials.removeprefix("acct_").removeprefix("payee-").removesuffix("@simulator.invalid")
    return SandboxPayee.objects.filter(payee_id=payee_id).first()


@require_http_methods(["GET", "HEAD", "POST"])
def onboarding_page(request: HttpRequest, payee_id: str) -> HttpResponse:
    """The page (GET), and the payee's choice (POST with outcome=finish|restrict|later): then back to the service."""
    payee = SandboxPayee.objects.filter(payee_id=payee_id).first() if is_id(payee_id) else None
    if payee is None:
        return render(request, "sandbox/not_found.html", status=404)
    outcome = request.POST.get("outcome", "")
    if request.method != "POST" or outcome not in OUTCOMES:
        fault = f"outcome must be one of {', '.join(sorted(OUTCOMES))}." if request.method == "POST" else ""
        return render(request, "sandbox/onboarding.html", {"payee": payee, "fault": fault}, status=400 if fault else 200)
    SandboxPayee.objects.filter(pk=payee.pk).update(state=OUTCOMES[outcome])
    return HttpResponse(status=303, headers={"Location": payee.return_url})
