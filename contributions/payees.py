"""Providers are asked about payees: whether they can be paid, and for links at which they become able to be.

What would make something at a provider is stored before it is asked for: the request id of an account, the number of a link.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, Q

import clock
import log_context
from bigint import bigint
from contributions import advice, attention
from goals import payees
from goals.models import Payee, PaymentAccount
from ids import new_id
from ownership import row_key
from providers import registry
from providers.base import ProviderNotOffered, ProviderRefused, ProviderUnavailable
from providers.payees import OnboardingNotOffered, PayeeRequest, PayeeStanding, PayeeState, check_onboarding, checks_payees

log = logging.getLogger(__name__)

TOKEN_SECONDS = 24 * 3600
"""For so long a link that is over can be had anew by whoever came from it: a payee who went to look for a passport."""

LOOKS_AT_ONBOARDING, ONBOARDING_TAKES_AT_MOST = timedelta(hours=6), timedelta(days=30)
LOOKS_AT_RESTRICTED = timedelta(days=1)

_ALL = Q()


class PayeeNotChecked(Exception):
    """The provider is silent: nobody knows how the payee stands."""


class OnboardingRefused(Exception):
    """The provider gives no link for this payee."""

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(
            f"{provider} gives no onboarding link for this payee ({reason}). {advice.when_no_link_is_given(reason)}"
        )
        self.reason = reason


def check(payee: Payee) -> Payee:
    """Ask the provider how the payee stands, and write it down. Raises PayeeNotChecked, ProviderNotOffered."""
    try:
        standing = _asked(payee)
    except ProviderUnavailable as error:
        raise _not_checked(payee, error) from error
    with transaction.atomic():  # or else a restriction could stand there that nobody ever looks at again
        moved = payees.record(payee, standing)
        _tell_a_person(payee)
        Payee.objects.filter(**row_key(payee)).update(due_at=_next_look(payee))
    if moved:
        told = {
            "payment_account": payee.public_id,
            "provider": payee.provider,
            "state": payee.state,
            "reason": payee.state_reason,
        }
        log.info("payee stands otherwise", extra=told)
    return payee


def _not_checked(payee: Payee, error: ProviderUnavailable) -> PayeeNotChecked:
    """Logged, and told in words for the client."""
    about = {"payment_account": payee.public_id, "provider": payee.provider, "error": str(error)}
    log.warning("payee not looked into", extra=about)
    return PayeeNotChecked(f"{payee.provider} does not answer at this moment: ask again.")


def _asked(payee: Payee) -> PayeeStanding:
    """Raises ProviderUnavailable, ProviderNotOffered."""
    adapter = registry.adapter_offered(payee.provider, is_test=payee.partner.is_test)
    nameless = not payee.credentials_encrypted
    if not checks_payees(adapter) or (nameless and not payee.links):
        state = PayeeState.ONBOARDING_NEEDED if nameless else PayeeState.UNCHECKED
        return PayeeStanding(state, "" if nameless else "provider_does_not_say")
    standing = adapter.check_payee(request_for(payee))
    if nameless and not standing.credentials:
        return PayeeStanding(PayeeState.ONBOARDING_NEEDED, standing.reason)
    return standing


def onboarding_url(payee: Payee) -> str:
    """A fresh link at the provider; an account is made there first for a payee who has none.

    Raises OnboardingNotOffered, OnboardingRefused, PayeeNotChecked, ProviderNotOffered.
    """
    adapter = check_onboarding(payee.provider, registry.adapter_offered(payee.provider, is_test=payee.partner.is_test))
    if not payee.credentials_encrypted:
        Payee.objects.filter(**row_key(payee), request_id="").update(request_id=new_id())
    Payee.objects.filter(**row_key(payee)).update(links=F("links") + bigint(1), due_at=clock.now() + LOOKS_AT_ONBOARDING)
    payee.refresh_from_db()
    try:
        if not payee.credentials_encrypted:
            made = adapter.make_payee(request_for(payee), request_id=payee.request_id)
            if made:
                payees.take_credentials(payee, made)
        return adapter.onboarding_url(request_for(payee), request_id=f"{payee.public_id}-link-{payee.links}")
    except OnboardingNotOffered:
        _forget_the_request(payee)
        raise
    except ProviderRefused as refusal:
        _forget_the_request(payee)
        about = {"payment_account": payee.public_id, "provider": payee.provider, "error": str(refusal)}
        log.warning("onboarding refused", extra=about)
        raise OnboardingRefused(payee.provider, refusal.reason) from refusal
    except ProviderUnavailable as error:
        raise _not_checked(payee, error) from error


def _forget_the_request(payee: Payee) -> None:
    """Under the same id some providers would repeat a refusal after its cause has gone."""
    Payee.objects.filter(**row_key(payee), credentials_encrypted="").update(request_id="")


def request_for(payee: Payee) -> PayeeRequest:
    """The payee as its provider is asked."""
    door = f"{settings.PUBLIC_BASE_URL}/providers/{payee.provider.lower()}"
    return PayeeRequest(
        provider=payee.provider,
        reference=payee.public_id,
        credentials=payee.credentials,
        return_url=f"{door}/onboarded/{payee.public_id}",
        refresh_url=f"{door}/onboarding/{payee.public_id}?token={_tokens().sign(payee.public_id).partition(':')[2]}",
    )


def may_have_another_link(payee: Payee, token: str) -> bool:
    """Whether the token is of a link that this payee was given in the last day."""
    try:
        _tokens().unsign(f"{payee.public_id}:{token}", max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return False
    return True


def _tokens() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="contributions.payees.onboarding")


def host_of(payee: Payee) -> str:
    """Whose servers are asked about the payee: see providers.registry.host_of; empty where its provider is not offered."""
    return registry.host_to_open(payee.provider, is_test=payee.partner.is_test)


def look_soon(account: PaymentAccount) -> None:
    """The provider has refused to pay this payee: the worker asks why."""
    if account.payee_id is not None:
        Payee.objects.filter(pk=account.payee_id, partner_id=account.partner_id, deleted_at=None).update(due_at=clock.now())


def check_all_due(condition: Q = _ALL, stopped: Callable[[], bool] = lambda: False) -> int:
    """Ask about every payee whose time has come, and who is one of these; returns how many there were.

    One that goes wrong waits a day. Once `stopped` says so, no further one is begun.
    """
    is_due = Q(due_at__lte=clock.now(), deleted_at=None)
    due = list(Payee.objects.select_related("partner").filter(is_due & condition).order_by("due_at")[:100])
    for payee in due:
        if stopped():
            break
        Payee.objects.filter(**row_key(payee)).update(due_at=clock.now() + LOOKS_AT_RESTRICTED)  # should we die of it
        with log_context.bound(request_id=log_context.new_request_id()):
            try:
                check(payee)
            except (PayeeNotChecked, ProviderNotOffered):
                continue
            except Exception:  # the next one must not pay for it
                log.exception("payee check failed", extra={"payment_account": payee.public_id})
    return len(due)


def _next_look(payee: Payee) -> datetime | None:
    """When to ask again unbidden; None: nothing is waited for."""
    now = clock.now()
    if payee.state == PayeeState.ONBOARDING_NEEDED and payee.links and now < payee.created_at + ONBOARDING_TAKES_AT_MOST:
        return now + LOOKS_AT_ONBOARDING
    if payee.state == PayeeState.RESTRICTED and payees.live_accounts_of(payee).exists():
        return now + LOOKS_AT_RESTRICTED
    return None


def _tell_a_person(payee: Payee) -> None:
    if payee.state == PayeeState.RESTRICTED and payees.live_accounts_of(payee).exists():
        attention.arise("payee_restricted", payee, detail=f"{payee.provider}: {payee.state_reason}")
    else:
        attention.solve(payee, "payee_restricted")
