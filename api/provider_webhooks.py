"""/providers/{provider}/webhook: a provider's report is a doorbell. It is verified, and then the provider is asked."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from api.errors import BodyTooLarge
from api.negotiation import body_of
from contributions.causes import Cause
from contributions.checkout import follow_up
from contributions.models import Contribution
from providers import registry
from providers.base import ForgedReport, Report

log = logging.getLogger(__name__)


@csrf_exempt
def hear(request: HttpRequest, provider: str) -> HttpResponse:
    """Forged: 400. About a checkout that is not ours: 200, and logged. The provider silent when asked: 503."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        report = _report(request, provider)
    except (ForgedReport, BodyTooLarge) as error:
        log.warning("report refused", extra={"provider": provider, "error": str(error)})
        return HttpResponse(status=400)
    if report is None:
        return HttpResponse(status=404)
    contribution = Contribution.objects.filter(checkout_id=report.checkout_id).select_related("account").first()
    if contribution is None or contribution.account.provider.lower() != provider:
        log.warning("report about an unknown checkout", extra={"provider": provider, "report": report.report_id})
        return HttpResponse(status=200)
    contribution = follow_up(contribution, cause=Cause.REPORT)
    log.info("report heard", extra={"report": report.report_id, "contribution": contribution.public_id})
    return HttpResponse(status=200)


def _report(request: HttpRequest, provider: str) -> Report | None:
    """The verified report; None where nobody stands behind this provider's name. Raises ForgedReport, BodyTooLarge."""
    adapter = registry.reporting_adapter(provider)
    return adapter.read_report(body_of(request), request.headers) if adapter else None
