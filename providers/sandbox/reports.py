"""The simulated provider's webhooks: owed when something happens, delivered by the worker over HTTP like anybody's."""

import json
import logging

import requests
from django.conf import settings

import clock
from providers.sandbox.adapter import owe_report, sign_report
from providers.sandbox.models import SandboxCheckout, SandboxReport

log = logging.getLogger(__name__)

MOST_TRIES = 5
TIMEOUT_SECONDS = 10


def deliver_reports() -> int:
    """Send every report that is owed, each once; returns how many arrived. What fails is tried in the next round."""
    owed = SandboxReport.objects.filter(delivered_at=None, tries__lt=MOST_TRIES).select_related("checkout")
    return sum(deliver(report) for report in owed.order_by("pk")[:100])


def deliver(report: SandboxReport) -> bool:
    """Let happen what the report is about, and tell the service."""
    tried = SandboxReport.objects.filter(pk=report.pk, tries=report.tries).update(tries=report.tries + 1)
    if not tried:
        return False  # another worker has it
    _let_it_happen(report)
    body = json.dumps({"id": report.report_id, "checkout_id": report.checkout.checkout_id, "what": report.what}).encode()
    address = f"{settings.PUBLIC_BASE_URL}/providers/{report.checkout.provider.lower()}/webhook"
    headers = {"Content-Type": "application/json", "Sandbox-Signature": sign_report(body)}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(address, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("simulated report not delivered", extra={"report": report.report_id, "error": type(error).__name__})
        return False
    if not answer.ok:
        log.warning("simulated report not taken", extra={"report": report.report_id, "status": answer.status_code})
        return False
    SandboxReport.objects.filter(pk=report.pk).update(delivered_at=clock.now())
    if report.what == "chargeback_won":
        owe_report(report.checkout, "dispute_won")
    return True


def _let_it_happen(report: SandboxReport) -> None:
    checkout = SandboxCheckout.objects.filter(pk=report.checkout_id)
    if report.what in {"chargeback", "chargeback_won"}:
        checkout.filter(state=SandboxCheckout.State.CAPTURED).update(state=SandboxCheckout.State.REVERSED)
    if report.what == "dispute_won":
        checkout.filter(state=SandboxCheckout.State.REVERSED).update(state=SandboxCheckout.State.CAPTURED)
