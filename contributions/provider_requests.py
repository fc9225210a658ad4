"""Money calls, stored before they are made: the same request id for as long as the outcome is not a definite no."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

import clock
import log_context
import prepared
from contributions.decision_types import BETWEEN_US_AND_PAYEES, Operation
from contributions.entries import Kind
from contributions.models import Checkout, LedgerEntry, ProviderRequest
from contributions.status import SUBMITTED, Status
from ids import new_id
from ownership import row_key
from providers.base import OpenedCheckout, Payment, ProviderRefund, ProviderRefused

Answer = TypeVar("Answer", Payment, OpenedCheckout, ProviderRefund)
Outcome = ProviderRequest.Outcome

OPEN_CHECKOUT = "open"
MOST_TOKENS = 10
"""How many tokens may be tried for one contribution: enough for a giver with many cards, too few for who tries stolen ones."""


def store(checkout: Checkout, operation: str) -> ProviderRequest:
    """Write down that this operation is about to be tried: under a new request id, or under that of the tries before."""
    return _tried_again(checkout, operation) or store_new(checkout, operation)


def store_new(checkout: Checkout, operation: str) -> ProviderRequest:
    """As `store`, where it has most likely not been tried before."""
    request = ProviderRequest(
        partner_id=checkout.partner_id,
        contribution_id=checkout.contribution_id,
        checkout_number=checkout.number,
        operation=operation,
        request_id=f"{operation.partition(':')[0]}-{new_id()}",
        created_at=clock.now(),
        attempts=1,
    )
    if prepared.insert_if_absent(request):
        return request
    found = _tried_again(checkout, operation)
    if found is None:
        raise RuntimeError(f"{operation} of {checkout} was stored by somebody else, and is gone again")
    return found


def _tried_again(checkout: Checkout, operation: str) -> ProviderRequest | None:
    """The request that was stored for it and has not been refused, with one more try."""
    mine = {"partner_id": checkout.partner_id, "contribution_id": checkout.contribution_id, "checkout_number": checkout.number}
    live = mine | {"operation": operation, "outcome": prepared.Not(Outcome.REFUSED)}
    found: ProviderRequest | None = prepared.update_one(ProviderRequest, live, {"attempts": prepared.Plus(1)})
    return found


def send(request: ProviderRequest, provider_call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """Make one call to the provider under a stored request id and store how it went. No transaction may be open.

    Raises what the call raises: ProviderRefused closes the request, so that a later try is a new one; after
    anything else (ProviderUnavailable, a crash) the outcome stays unknown and the id is used again.
    """
    answer = ask(request, provider_call, *arguments, **named)
    close(request, answer)
    return answer


def ask(request: ProviderRequest, provider_call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """As `send`, but that an answer is not stored yet: whoever calls closes the request with what follows from the answer.

    Until then the outcome is unknown, as if the answer had been lost.
    """
    try:
        with log_context.bound(provider_request_id=request.request_id):
            # invariant: same-request-id-for-every-try
            return provider_call(*arguments, request_id=request.request_id, **named)
    except ProviderRefused as refusal:
        _close(request, Outcome.REFUSED, refusal.correlation_id)
        raise


def close(request: ProviderRequest, answer: Payment | OpenedCheckout | ProviderRefund) -> None:
    """It was answered."""
    _close(request, Outcome.ANSWERED, answer.correlation_id)


def name_of(order: Operation, checkout: Checkout, amount_minor: int, token: str) -> str:
    """What the request is stored as: what would be another order must not replay this one, and the same one must."""
    if order in BETWEEN_US_AND_PAYEES:
        return _name_between_us_and_payee(checkout, order, amount_minor)
    if order is Operation.AUTHORIZE:
        return _name_of_hold(checkout)
    if order is Operation.RENEW:
        return f"renew:{checkout.hold_expires_at:%Y%m%d%H%M%S}"
    if order is Operation.PAY:  # nobody could find the token by this, and the same token is the same try
        return f"pay:{hashlib.sha256(token.encode()).hexdigest()[:32]}"  # invariant: another-card-is-another-order
    return order


def _name_between_us_and_payee(checkout: Checkout, operation: str, amount_minor: int) -> str:
    """What such an order is stored as: a new one after each that was answered, the same one for as long as it is not."""
    before = _of(checkout).filter(outcome=Outcome.ANSWERED, operation__regex="^(pull_back|send_again):")
    return f"{operation}:{before.count()}:{amount_minor}"


def _name_of_hold(checkout: Checkout) -> str:
    """What an order to hold the money is stored as: a new one after each hold that is over by our books."""
    held_before = LedgerEntry.objects.filter(
        partner_id=checkout.partner_id,
        contribution_id=checkout.contribution_id,
        checkout_number=checkout.number,
        kind=Kind.VOID,
    ).count()
    return f"authorize:{held_before}" if held_before else "authorize"  # invariant: another-hold-is-another-order


def order_is_out(checkout: Checkout, status: Status) -> bool:
    """Whether the provider was told to take or hold the money and it is not written down yet whether it did."""
    of_taking = Q(operation__in=["capture", "charge"]) | Q(operation__startswith="authorize")
    orders = _of(checkout).filter(of_taking, attempts__gt=0)
    if status == SUBMITTED:  # answered, and whoever heard the answer died before the move
        return orders.exclude(outcome=Outcome.REFUSED).exists()
    return orders.filter(outcome=Outcome.UNKNOWN).exists()


def charge_is_out(checkout: Checkout) -> bool:
    """Whether the provider was told to pay it under a permission, and has not refused."""
    return _of(checkout).filter(operation=Operation.CHARGE).exclude(outcome=Outcome.REFUSED).exists()


def close_charge(checkout: Checkout, correlation_id: str) -> None:
    """What came of the charge was learnt without its answer."""
    for request in _of(checkout).filter(operation=Operation.CHARGE, outcome=Outcome.UNKNOWN):
        _close(request, Outcome.ANSWERED, correlation_id)


def token_is_out(checkout: Checkout) -> bool:
    """Whether a giver's token was sent to the provider, who has not refused it: it may have been paid with."""
    sent = _of(checkout).filter(operation__startswith="pay:", attempts__gt=0)
    return sent.exclude(outcome=Outcome.REFUSED).exists()


def has_tokens_left(checkout: Checkout) -> bool:
    """Whether the giver may try to pay the contribution with another token."""
    tried = ProviderRequest.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, operation__startswith="pay:"
    )
    return tried.count() < MOST_TOKENS  # invariant: only-so-many-cards


def opened_under(checkout: Checkout) -> str:
    """The request id under which the checkout was opened; empty where nobody has tried to."""
    opening = _of(checkout).filter(operation=OPEN_CHECKOUT).order_by("-pk").first()
    return opening.request_id if opening else ""


def _of(checkout: Checkout) -> QuerySet[ProviderRequest]:
    return ProviderRequest.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, checkout_number=checkout.number
    )


def _close(request: ProviderRequest, outcome: str, correlation_id: str) -> None:
    learnt = {"outcome": outcome, "correlation_id": correlation_id, "answered_at": clock.now()}
    prepared.update(ProviderRequest, row_key(request), learnt)
