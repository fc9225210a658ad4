"""Gifts that are paid under a giver's standing permission: asked for in the giver's place, and what they take of its limit."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace

from django.db import transaction

import leases
from contributions import pace, provider_requests
from contributions.decision_types import Charge, Operation, Refusal, Told
from contributions.models import Checkout, ProviderRequest
from contributions.payment_requests import payment_request_for
from contributions.status import Stage
from givers import permissions
from givers.models import Permission
from givers.states import ACTIVE
from ownership import row_key
from providers import registry
from providers.base import Payment, PaymentRequest, PaymentState, Provider, ProviderRefused, ProviderUnavailable
from providers.permissions import check_keeps_permissions

PAID = frozenset({PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.PENDING, PaymentState.REVERSED})
"""The money was taken, is held, or may be yet."""


def standing_of(checkout: Checkout) -> Charge | None:
    """How the charge stands; None where there is none, or where the provider has named its payment, or refused it."""
    permission = checkout.permission
    if permission is None or checkout.provider_checkout_id or checkout.stage != Stage.RECORDED:
        return None
    is_out = provider_requests.charge_is_out(checkout)
    if _may_be_used(permission, is_out=is_out):
        return Charge.OUT if is_out else Charge.DUE
    return Charge.WAITS if is_out else Charge.VOID


def _may_be_used(permission: Permission, *, is_out: bool) -> bool:
    """Whether its token may be sent. One that was taken back only with an order that is out, whose outcome nobody knows, and
    once the provider has confirmed that it takes it no more: then it can but repeat itself."""
    # invariant: a-token-is-not-used-after-it-was-taken-back
    return permission.state == ACTIVE or (is_out and permission.told_at is not None)


def is_unknown(checkout: Checkout) -> bool:
    """Whether it may be paid yet without its giver, or has been paid and nobody has heard of it."""
    return standing_of(checkout) is not None  # invariant: no-other-checkout-beside-a-charge


def may_be_asked_for(checkout: Checkout) -> bool:
    """Whether the order may be sent, in the transaction that stores it: the permission cannot be taken back meanwhile."""
    rows = Permission.objects.filter(checkouts=checkout, partner_id=checkout.partner_id)
    permission = rows.select_for_update(no_key=True, of=("self",)).get()
    return _may_be_used(permission, is_out=provider_requests.charge_is_out(checkout))


def take_room(checkout: Checkout, permission: Permission, amount_minor: int) -> None:
    """Of the permission, for a checkout that is about to be inserted; the worker goes on should we die before it is paid.

    Raises NoRoom.
    """
    permissions.reserve(permission, amount_minor)
    checkout.permission, checkout.permission_minor = permission, amount_minor
    checkout.due_at = pace.next_try_at(0)


def make(checkout: Checkout, stored: ProviderRequest, provider: Provider, request: PaymentRequest) -> Payment:
    """Have it paid under the stored request id, and ask what came of it. No transaction may be open.

    Raises ProviderRefused, PayerActionRequired, ProviderUnavailable, UnreadableSecret.
    """
    if checkout.permission is None:
        raise RuntimeError(f"{checkout} is not paid under a permission")
    adapter = check_keeps_permissions(checkout.provider, provider)
    try:
        charge = replace(request, charged_since=stored.created_at)
        opened = provider_requests.ask(stored, adapter.open_with_permission, charge, checkout.permission.token)
    except ProviderRefused:
        permissions.look_soon(checkout.permission)  # it may be over there
        raise
    named = {"provider_checkout_id": opened.checkout_id, "payee_id": opened.payee_id, "expires_at": opened.expires_at}
    with transaction.atomic():
        leases.held(checkout).update(**named)
        provider_requests.close(stored, opened)
    vars(checkout).update(named)
    try:
        return adapter.find(replace(request, checkout_id=opened.checkout_id, payee_id=opened.payee_id))
    except ProviderRefused as error:  # it has just made it
        raise ProviderUnavailable(f"the provider does not know what it has just made: {error}") from error


def named_by_an_event(checkout: Checkout, provider_checkout_id: str) -> None:
    """An event about the gift names a payment, and what the provider answered to the charge was lost: it is the charge's where
    the provider says that it is this gift's, and was paid. Else nothing changes. No transaction may be open.

    Some forget the charge's request id before anybody has come to ask again: then only this tells what came of it.
    """
    if not provider_checkout_id or not is_unknown(checkout) or not provider_requests.charge_is_out(checkout):
        return
    wanted = payment_request_for(checkout.contribution, checkout)
    try:
        told = registry.adapter(checkout.adapter).find(replace(wanted, checkout_id=provider_checkout_id))
    except (ProviderRefused, ProviderUnavailable):
        return
    asked = (wanted.reference, wanted.payee, wanted.amount_minor, wanted.currency)
    if told.state not in PAID or (told.reference, told.payee, told.amount_minor, told.currency) != asked:
        return
    with transaction.atomic():
        unnamed = Checkout.objects.filter(**row_key(checkout), provider_checkout_id="")
        if unnamed.update(provider_checkout_id=provider_checkout_id):
            provider_requests.close_charge(checkout, told.correlation_id)


def leaves_it_to_the_payer(answer: Told | None, order: Operation) -> bool:
    """Whether nothing is taken before the giver has done something, after an order that was to take or hold the money."""
    if order is Operation.CHARGE:
        return isinstance(answer, Refusal) or (isinstance(answer, Payment) and answer.state is PaymentState.DECLINED)
    return isinstance(answer, Refusal) and answer.payer_can_act


def write_down(checkout: Checkout, learnt: Mapping[str, object]) -> None:
    """What was learnt of a checkout that is leased to us, without a move; and what follows for its permission."""
    with transaction.atomic() if checkout.permission_id else nullcontext():
        if leases.held(checkout).update(**learnt):
            follow(checkout, learnt["stage"])


def follow(checkout: Checkout, stage: object) -> None:
    """What it takes of its permission's limit, now that it is in this stage. In the transaction that writes the stage."""
    if checkout.permission_id is None:
        return
    if stage is Stage.OVER:
        _give_room_back(checkout)
    elif stage in {Stage.HELD, Stage.TAKEN} and checkout.permission_minor is None:
        _take_again(checkout)


def _take_again(checkout: Checkout) -> None:
    """It was called over, and the provider has taken it all the same: it counts, whatever is left."""
    amount_minor = checkout.contribution.amount_minor
    mine = Checkout.objects.filter(**row_key(checkout), permission_minor=None)
    if mine.update(permission_minor=amount_minor):
        permissions.give_back(checkout.permission_id or 0, checkout.partner_id, -amount_minor)
    checkout.permission_minor = amount_minor


def _give_room_back(checkout: Checkout) -> None:
    """What the checkout took of its permission's limit is left again, once, since nothing was taken in it."""
    if checkout.permission_minor is None or checkout.permission_id is None:
        return
    mine = Checkout.objects.filter(**row_key(checkout), permission_minor__isnull=False)
    if mine.update(permission_minor=None):  # invariant: room-is-given-back-once
        permissions.give_back(checkout.permission_id, checkout.partner_id, checkout.permission_minor)
    checkout.permission_minor = None
