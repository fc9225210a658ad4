"""The simulator's standing permissions: what givers have agreed to at its page, and the gifts that are paid under it."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.db import transaction

import clock
import encryption
from ids import new_id
from lookups import one_or_none
from money import decimals_of
from providers.base import OpenedCheckout, PayerActionRequired, PaymentRequest, ProviderUnavailable
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold, Standing
from providers.sandbox.models import SandboxCheckout, SandboxPermission, SandboxRequest
from providers.sandbox.operations import (
    LOST,
    State,
    correlation_id,
    first_trouble,
    move,
    opened_checkout,
    refusal,
    request_id_reused,
    take_time,
)
from providers.sandbox.scenarios import SCENARIOS, scenario_of
from providers.sandbox.webhooks import owe_webhook_of

Permitted = SandboxPermission.State

SETUP_LIVES = timedelta(days=1)
"""How long a giver may take to agree, before the page is over."""

_STANDINGS = {
    Permitted.OPEN: Standing.OPEN,
    Permitted.ACTIVE: Standing.ACTIVE,
    Permitted.DECLINED: Standing.DECLINED,
    Permitted.REVOKED: Standing.REVOKED,
    Permitted.EXPIRED: Standing.EXPIRED,
}


def ask(request: PermissionRequest, request_id: str) -> OpenedPermission:
    """The page where the giver agrees; the same request id gives the same one. Raises ProviderRefused, ProviderUnavailable."""
    if request.scenario == "open_refused":
        raise refusal("provider_refused", "the simulator was told to refuse")
    if request.scenario == "open_silent":
        raise ProviderUnavailable("the simulator was told to be silent")
    permission, _ = SandboxPermission.objects.get_or_create(
        asked_by_request=request_id,
        defaults={
            "setup_id": new_id(),
            "provider": request.provider,
            "reference": request.reference,
            "brand": request.brand,
            "currency": request.currency,
            "maximum_minor": request.maximum_minor,
            "total_minor": request.total_minor,
            "ends_at": request.ends_at,
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
            "scenario": request.scenario if request.scenario in SCENARIOS else "",
            "created_at": clock.now(),
        },
    )
    if (permission.reference, permission.maximum_minor) != (request.reference, request.maximum_minor):
        raise request_id_reused()
    url = f"{settings.PUBLIC_BASE_URL}/sandbox/permission/{permission.setup_id}"
    return OpenedPermission(permission.setup_id, url, correlation_id=correlation_id())


def told(request: PermissionRequest) -> PermissionTold:
    """How it stands. Raises ProviderRefused."""
    permission = as_time_has_left_it(_of(request))
    standing, now = _STANDINGS[Permitted(permission.state)], clock.now()
    if standing is Standing.OPEN and permission.created_at + SETUP_LIVES <= now:
        standing = Standing.LAPSED
    token = encryption.decrypt(permission.token_encrypted) if standing is Standing.ACTIVE else ""
    return PermissionTold(standing, token, correlation_id=correlation_id())


def revoke(request: PermissionRequest) -> None:
    """Nothing is taken under it any more. Raises ProviderRefused."""
    living = SandboxPermission.objects.filter(pk=_of(request).pk, state__in=[Permitted.OPEN, Permitted.ACTIVE])
    living.update(state=Permitted.REVOKED)


def as_time_has_left_it(permission: SandboxPermission) -> SandboxPermission:
    """After what happens by itself: its end comes."""
    if permission.state == Permitted.ACTIVE and permission.ends_at is not None and permission.ends_at <= clock.now():
        SandboxPermission.objects.filter(pk=permission.pk, state=Permitted.ACTIVE).update(state=Permitted.EXPIRED)
        permission.refresh_from_db()
    return permission


def _of(request: PermissionRequest) -> SandboxPermission:
    found = one_or_none(SandboxPermission.objects.filter(setup_id=request.setup_id))
    if found is None:
        raise refusal("unknown_permission", "there is no such permission")
    return found


# --- What the giver does at the provider's ---------------------------------------------------------------------------


def _agree(permission: SandboxPermission) -> bool:
    token = "vault_" + secrets.token_urlsafe(24)
    still_open = SandboxPermission.objects.filter(
        pk=permission.pk, state=Permitted.OPEN, created_at__gt=clock.now() - SETUP_LIVES
    )
    columns = {"token_encrypted": encryption.encrypt(token), "token_digest": _digest_of(token)}
    return bool(still_open.update(state=Permitted.ACTIVE, **columns))


def _from_to(before: str, after: str) -> Callable[[SandboxPermission], bool]:
    def change(permission: SandboxPermission) -> bool:
        return bool(SandboxPermission.objects.filter(pk=permission.pk, state=before).update(state=after))

    return change


CHOICES: Mapping[str, Callable[[SandboxPermission], bool]] = MappingProxyType(
    {
        "agree": _agree,
        "decline": _from_to(Permitted.OPEN, Permitted.DECLINED),
        "cancel": lambda permission: False,
        "revoke": _from_to(Permitted.ACTIVE, Permitted.REVOKED),
    }
)
"""What each button of the page does; `cancel` leaves it open. Each says whether anything has changed."""


def choose(permission: SandboxPermission, outcome: str, scenario: str | None) -> None:
    """What a button of the page does, and the webhook that tells of it. `scenario` None: it plays on what it plays."""
    with transaction.atomic():
        if scenario is not None:
            SandboxPermission.objects.filter(pk=permission.pk).update(scenario=scenario, trouble_made=False)
        changed = CHOICES[outcome](permission)
        permission.refresh_from_db()
        if changed:
            owe_webhook_of(permission, outcome)


# --- A gift under it -------------------------------------------------------------------------------------------------


def charge(request: PaymentRequest, token: str, request_id: str) -> OpenedCheckout:
    """Pay in the giver's place, once for each request id. Raises ProviderRefused, PayerActionRequired, ProviderUnavailable."""
    known = one_or_none(SandboxCheckout.objects.filter(opened_by_request=request_id))
    permission = one_or_none(SandboxPermission.objects.filter(token_digest=_digest_of(token)))
    if known is None:
        if permission is None:
            raise refusal("unknown_permission", "there is no such permission")
        known = _begun(request, as_time_has_left_it(permission), request_id)
    if (known.reference, known.amount_minor) != (request.reference, request.amount_minor):
        raise request_id_reused()
    take_time(known)
    trouble = known.scenario if known.scenario in LOST and first_trouble(known) else ""
    if trouble in {"call_lost", "error_500"}:
        raise ProviderUnavailable(LOST[trouble])
    _pay(known.pk, request_id)
    if trouble:
        raise ProviderUnavailable(LOST[trouble])
    return OpenedCheckout(known.checkout_id, "", correlation_id=correlation_id())


def _begun(request: PaymentRequest, permission: SandboxPermission, request_id: str) -> SandboxCheckout:
    """The payment, nothing of which is taken yet. Raises ProviderRefused, PayerActionRequired, ProviderUnavailable."""
    of_amount = scenario_of(request.amount_minor, decimals_of(request.currency))
    scenario = request.scenario or of_amount or permission.scenario
    if scenario == "open_silent":
        raise ProviderUnavailable("the simulator was told to be silent")
    _check_it_may_be_paid(permission, request, scenario)
    return opened_checkout(request, request_id, scenario, permission=permission)


def _check_it_may_be_paid(permission: SandboxPermission, request: PaymentRequest, scenario: str) -> None:
    if scenario == "permission_revoked":
        choose(permission, "revoke", None)
    if permission.state != Permitted.ACTIVE:
        raise refusal(f"permission_{permission.state}", f"this permission is {permission.state}")
    if permission.currency != request.currency:
        raise refusal("currency_refused", "the permission is for another currency")
    if request.amount_minor > permission.maximum_minor:
        raise refusal("permission_exceeded", "more than the giver has agreed to for one payment")
    if scenario == "open_refused":
        raise refusal("provider_refused", "the simulator was told to refuse")
    if scenario == "declined":
        raise refusal("instrument_declined", "the instrument was declined")
    if scenario == "authentication_required":
        raise PayerActionRequired("authentication_required", "the giver has to prove who they are")


def _pay(pk: int, request_id: str) -> None:
    """Take or hold it, unless that was done under this request id before. Raises ProviderRefused."""
    with transaction.atomic():
        checkout = SandboxCheckout.objects.select_for_update(no_key=True).get(pk=pk)
        if checkout.requests.filter(request_id=request_id).exists():
            return
        # Locked, so that nothing is taken after it was revoked.
        permission = SandboxPermission.objects.select_for_update(no_key=True).get(checkouts=checkout)
        if permission.state != Permitted.ACTIVE:
            raise refusal(f"permission_{permission.state}", f"this permission is {permission.state}")
        to = State.CAPTURED if checkout.capture_at_once else State.AUTHORIZED
        if checkout.scenario in {"review_passed", "review_denied"}:
            to = State.IN_REVIEW
        move(checkout, to)
        SandboxRequest.objects.create(request_id=request_id, checkout=checkout, operation="charge", state_after=to)


def _digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
