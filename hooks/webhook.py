"""/providers/{provider}/webhook: what a webhook event says is not believed. It is verified, and then the provider is asked."""

import logging
from collections.abc import Mapping

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

import security_log
from contributions import charges, disputes, refunds
from contributions.causes import Cause
from contributions.models import Checkout
from contributions.payees import PayeeNotChecked, host_of
from contributions.payees import check as check_payee
from contributions.sync import sync_checkout
from givers import due as standing_permissions
from givers.sync import sync as sync_permission
from goals import payees
from partners.tags import partner_of
from providers import registry
from providers.base import InvalidSignature, Provider, ProviderNotOffered, ProviderUnavailable, WebhookEvent
from web import places
from web.negotiation import body_of
from web.problems import RETRY_AFTER_SECONDS, BodyTooLarge

log = logging.getLogger(__name__)


@csrf_exempt
def hear(request: HttpRequest, provider: str) -> HttpResponse:
    """Forged, or cut off: 400. About a payment that is not ours: 200, and logged. The provider silent when asked: 503."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    adapters = registry.webhook_adapters(provider)
    if not adapters:
        return HttpResponse(status=404)
    try:
        with places.place(request, f"webhooks of {provider}", host=f"certificates of {provider}"):
            return _heard(request, provider, adapters)
    except places.NoPlace as full:
        return _come_again(full.seconds)


def _heard(request: HttpRequest, provider: str, adapters: list[Provider]) -> HttpResponse:
    try:
        adapter, event = _proven(adapters, body_of(request), request.headers)
    except (InvalidSignature, BodyTooLarge, UnreadablePostError) as error:
        log.warning("webhook refused", extra={"provider": provider, "error": str(error)})
        if isinstance(error, InvalidSignature):
            security_log.tell("webhook_refused", provider=provider, reason=str(error))
        return HttpResponse(status=400)
    except ProviderUnavailable as error:
        log.warning("webhook not verified", extra={"provider": provider, "error": str(error)})
        return _come_again()
    about = {"provider": provider, "event": event.event_id}
    if event.payee or event.payee_reference:
        return _about_payees(request, event, adapter, about)
    if event.permission or event.permission_reference:
        return _about_a_permission(request, event, adapter, about)
    if not (event.checkout_id or event.payment_reference or event.reference):
        log.info("webhook heard", extra=about)
        return HttpResponse(status=200)
    checkout = _meant(event, registry.adapters_sharing_account(adapter.key))
    if checkout is None or not _may_tell_of(checkout, adapter.key, provider):
        log.warning("webhook about an unknown checkout", extra=about)
        return HttpResponse(status=200)
    places.ask(request, checkout.host)
    if event.dispute_reference:
        disputes.remember(checkout.contribution, event.dispute_reference)
    if checkout.permission_id is not None:
        charges.named_by_an_event(checkout, event.checkout_id or event.payment_reference)
    result = sync_checkout(checkout, cause=Cause.WEBHOOK)
    silent = result.silent
    if event.refund_reference and not silent:
        silent = not refunds.sync_told_refund(result.contribution, checkout, event.refund_reference, cause=Cause.WEBHOOK)
    about = about | {"contribution": result.contribution.public_id}
    if silent:
        log.warning("webhook not looked into", extra=about)
        return _come_again()
    log.info("webhook heard", extra=about)
    return HttpResponse(status=200)


def _proven(adapters: list[Provider], body: bytes, headers: Mapping[str, str]) -> tuple[Provider, WebhookEvent]:
    """Whose event it is, of the live account or of the test one, and what it is about: both send theirs here.

    Raises InvalidSignature where it is neither's; ProviderUnavailable where it may be one's that cannot be asked now.
    """
    refused: list[InvalidSignature] = []
    silent: list[ProviderUnavailable] = []
    for adapter in adapters:
        try:
            return adapter, adapter.parse_webhook(body, headers)
        except InvalidSignature as error:
            refused.append(error)
        except ProviderUnavailable as error:
            silent.append(error)
    raise silent[0] if silent else InvalidSignature("; ".join(dict.fromkeys(str(error) for error in refused)))


def _about_payees(request: HttpRequest, event: WebhookEvent, adapter: Provider, about: dict[str, str]) -> HttpResponse:
    """The provider is asked about every payee that it may mean."""
    providers, is_test = registry.providers_sharing_account(adapter.key), registry.is_for_test(adapter)
    found = payees.found_by(providers, is_test=is_test, credentials=event.payee, public_id=event.payee_reference)
    for payee in found:
        places.ask(request, host_of(payee))
        try:
            check_payee(payee)
        except PayeeNotChecked:
            return _come_again()
        except ProviderNotOffered:
            continue  # kept from a time when it was
    log.info("webhook heard", extra=about | {"payment_accounts": len(found)})
    return HttpResponse(status=200)


def _about_a_permission(request: HttpRequest, event: WebhookEvent, adapter: Provider, about: dict[str, str]) -> HttpResponse:
    """The provider is asked about it; one that is not ours is nobody's trouble."""
    permission = standing_permissions.named(
        event.permission, event.permission_reference, registry.adapters_sharing_account(adapter.key)
    )
    if permission is None:
        log.warning("webhook about an unknown permission", extra=about)
        return HttpResponse(status=200)
    places.ask(request, permission.host)
    if sync_permission(permission, heard=True).silent:
        return _come_again()
    log.info("webhook heard", extra=about | {"permission": permission.public_id})
    return HttpResponse(status=200)


def _may_tell_of(checkout: Checkout, adapter_key: str, provider: str) -> bool:
    """Where one adapter plays several providers, what is told in one's name is not about another's."""
    return checkout.adapter != adapter_key or checkout.provider.lower() == provider


def _meant(event: WebhookEvent, adapter_keys: frozenset[str]) -> Checkout | None:
    """The checkout that an event leads to: by its id, else by the payment, else by a refund that is known, else by our own id
    of the contribution or of its refund."""
    ours = Checkout.objects.filter(adapter__in=adapter_keys).select_related("account", "contribution__goal")
    of_whom = partner_of(event.reference)
    if of_whom is not None:
        ours = ours.filter(partner_id=of_whom)
    of_the_refund = F("contribution__refunds__checkout_number")
    for named in (
        event.checkout_id and Q(provider_checkout_id=event.checkout_id),
        event.payment_reference and Q(payment_reference=event.payment_reference),
        event.payment_reference and Q(provider_checkout_id=event.payment_reference),  # where a payment is its own checkout
        event.refund_reference and Q(contribution__refunds__provider_reference=event.refund_reference, number=of_the_refund),
        event.reference and Q(contribution__public_id=event.reference, current_of__isnull=False),
        event.reference and Q(contribution__refunds__public_id=event.reference, number=of_the_refund),
    ):
        if named and (found := ours.filter(named).first()):
            return found if _is_paid_to(found, event) else None
    return None


def _is_paid_to(checkout: Checkout, event: WebhookEvent) -> bool:
    """Where an event can be about one payee's payments only: whether this is one of them."""
    account = checkout.account
    return not event.paid_to or (account is not None and account.credentials == event.paid_to)


def _come_again(seconds: int = RETRY_AFTER_SECONDS) -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": str(seconds)})
