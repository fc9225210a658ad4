"""/providers/{provider}/webhook: a provider's report is a doorbell. It is verified, and then the provider is asked."""

import logging

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from contributions import disputes, refunds
from contributions.causes import Cause
from contributions.checkout import sync
from contributions.models import Contribution
from providers import registry
from providers.base import InvalidSignature, ProviderUnavailable, WebhookEvent
from web.negotiation import body_of
from web.problems import RETRY_AFTER_SECONDS, BodyTooLarge

log = logging.getLogger(__name__)


@csrf_exempt
def hear(request: HttpRequest, provider: str) -> HttpResponse:
    """Forged, or cut off: 400. About a payment that is not ours: 200, and logged. The provider silent when asked: 503."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    adapter = registry.webhook_adapter(provider)
    if adapter is None:
        return HttpResponse(status=404)
    try:
        report = adapter.parse_webhook(body_of(request), request.headers)
    except (InvalidSignature, BodyTooLarge, UnreadablePostError) as error:
        log.warning("report refused", extra={"provider": provider, "error": str(error)})
        return HttpResponse(status=400)
    except ProviderUnavailable as error:
        log.warning("report not verified", extra={"provider": provider, "error": str(error)})
        return _come_again()
    about = {"provider": provider, "report": report.event_id}
    if not (report.checkout_id or report.payment_reference or report.reference):
        log.info("report heard", extra=about)
        return HttpResponse(status=200)
    contribution = _meant(report, registry.adapters_sharing_account(adapter.key))
    if contribution is None or not _may_tell_of(contribution, adapter.key, provider):
        log.warning("report about an unknown checkout", extra=about)
        return HttpResponse(status=200)
    if report.dispute_reference:
        disputes.remember(contribution, report.dispute_reference)
    contribution = sync(contribution, cause=Cause.REPORT)
    silent = contribution.provider_was_silent
    if report.refund_reference and not silent:
        silent = not refunds.look_into(contribution, report.refund_reference, cause=Cause.REPORT)
    if silent:
        log.warning("report not looked into", extra=about | {"contribution": contribution.public_id})
        return _come_again()
    log.info("report heard", extra=about | {"contribution": contribution.public_id})
    return HttpResponse(status=200)


def _may_tell_of(contribution: Contribution, adapter_key: str, provider: str) -> bool:
    """Where one adapter plays several providers, what is reported in one's name is not about another's."""
    return contribution.adapter != adapter_key or contribution.provider.lower() == provider


def _meant(report: WebhookEvent, adapter_keys: frozenset[str]) -> Contribution | None:
    """The contribution that a report leads to: by the checkout, else by the payment, else by our own id of it or its refund."""
    ours = Contribution.objects.filter(adapter__in=adapter_keys).select_related("account")
    for named in (
        report.checkout_id and Q(checkout_id=report.checkout_id),
        report.payment_reference and Q(payment_reference=report.payment_reference),
        report.payment_reference and Q(checkout_id=report.payment_reference),  # where a payment is its own checkout
        report.reference and Q(public_id=report.reference),
        report.reference and Q(refunds__public_id=report.reference),
    ):
        if named and (found := ours.filter(named).first()):
            return found
    return None


def _come_again() -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
