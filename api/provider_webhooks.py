"""/providers/{provider}/webhook: a provider's report is a doorbell. It is verified, and then the provider is asked."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from api.errors import RETRY_AFTER_SECONDS, BodyTooLarge
from api.negotiation import body_of
from contributions.causes import Cause
from contributions.checkout import follow_up
from contributions.models import Contribution
from providers import registry
from providers.base import ForgedReport

log = logging.getLogger(__name__)


@csrf_exempt
def hear(request: HttpRequest, provider: str) -> HttpResponse:
    """Forged: 400. About a checkout that is not ours: 200, and logged. The provider silent when asked: 503."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    adapter = registry.reporting_adapter(provider)
    if adapter is None:
        return HttpResponse(status=404)
    try:
        report = adapter.read_report(body_of(request), request.headers)
    except (ForgedReport, BodyTooLarge) as error:
        log.warning("report refused", extra={"provider": provider, "error": str(error)})
        return HttpResponse(status=400)
    about = {"provider": provider, "report": report.report_id}
    ours = Contribution.objects.filter(checkout_id=report.checkout_id, adapter=adapter.key).select_related("account")
    contribution = ours.first()
    if contribution is None or contribution.account.provider.lower() != provider:
        log.warning("report about an unknown checkout", extra=about)
        return HttpResponse(status=200)
    contribution = follow_up(contribution, cause=Cause.REPORT)
    if contribution.provider_was_silent:
        log.warning("report not looked into", extra=about | {"contribution": contribution.public_id})
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    log.info("report heard", extra=about | {"contribution": contribution.public_id})
    return HttpResponse(status=200)
