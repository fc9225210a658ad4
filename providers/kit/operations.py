"""What every adapter's operations have in common: their time, what is checked first, and which states they may end in."""

from collections.abc import Callable

from providers.base import (
    AmountRefused,
    CredentialsRefused,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    Provider,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
)
from providers.kit.refusals import Refused

OPERATION_SECONDS = 25.0
"""All calls of one operation together: twice this and a database's patience fit into the lease of a contribution."""

TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.PENDING, PaymentState.REVERSED})
HELD = frozenset({PaymentState.AUTHORIZED, *TAKEN})
LET_GO = frozenset({PaymentState.VOIDED})
"""What a capture, an authorization and a void may end in."""

OVER = frozenset({
    PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.LAPSED, PaymentState.CAPTURED, PaymentState.REVERSED,
})  # fmt: skip


def check_request(adapter: Provider, request: PaymentRequest) -> None:
    """Raises ProviderRefused where the provider cannot carry the request, before anybody is asked."""
    try:
        adapter.check_credentials(request.payee)
        adapter.check_amount(request.amount_minor, request.currency, payee=request.payee)
    except CredentialsRefused:
        raise ProviderRefused("payee_cannot_receive", "the stored credentials name no payee of this provider") from None
    except AmountRefused as error:
        raise ProviderRefused(error.reason, str(error)) from None


def check_refund_amount(amount_minor: int) -> None:
    """Raises ProviderRefused."""
    if amount_minor < 1:
        raise ProviderRefused("refund_amount_refused", "nothing cannot be given back")


def expected(payment: Payment, operation: str, states: frozenset[PaymentState]) -> Payment:
    """The payment where the operation has led to one of these states.

    Raises ProviderRefused where it is over otherwise, so that a later try is a new request; ProviderUnavailable where it is
    not, though the provider has answered as if it had carried out the operation.
    """
    if payment.state in states:
        return payment
    if payment.state not in OVER:
        raise ProviderUnavailable(f"{operation}: answered as if it were done, and yet the payment is {payment.state}")
    raise not_possible(payment, operation)


def shown_after(
    refusal: ProviderRefused | ProviderUnavailable, payment: Payment, operation: str, states: frozenset[PaymentState]
) -> Payment:
    """The payment as it was found after an order was refused, where it shows that the order was carried out all the same.

    Raises the refusal otherwise: no is no. Where the payment is over the refusal is told by how it has ended; where the giver
    has not approved it, PayerActionRequired.
    """
    if payment.state in states:
        return payment
    if payment.state in OVER:
        raise not_possible(payment, operation) from refusal
    if payment.state is PaymentState.OPEN and isinstance(refusal, ProviderRefused):
        raise PayerActionRequired("not_approved", str(refusal), correlation_id=refusal.correlation_id) from refusal
    raise refusal


def refund_in_payment(
    refusal: Refused, find: Callable[[PaymentRequest], Payment], request: PaymentRequest, provider_reference: str
) -> ProviderRefund:
    """The refund where the provider does not know its id, but lists it with the payment.

    Raises ProviderRefused where it knows the payment and no such refund: then there is none. Raises ProviderUnavailable where
    the refusal says something else, or the payment is unknown too: other keys may see neither.
    """
    if refusal.http_status != 404:
        raise ProviderUnavailable(f"get refund: {refusal}") from refusal
    try:
        listed = find(request).refunds
    except ProviderRefused as no:
        raise ProviderUnavailable(f"get refund: neither it nor its payment is known: {no}") from no
    if found := [one for one in listed if one.provider_reference == provider_reference]:
        return found[0]
    raise ProviderRefused("unknown_refund", str(refusal), correlation_id=refusal.correlation_id) from refusal


def not_possible(payment: Payment, operation: str) -> ProviderRefused:
    """The refusal of an operation that the payment's state does not allow."""
    why = payment.reason or f"cannot_{operation}"
    return ProviderRefused(why, f"{operation}: the payment is {payment.state}", correlation_id=payment.correlation_id)


def not_held(operation: str, state: PaymentState, correlation_id: str) -> ProviderRefused:
    """The refusal of an operation on money that is held, where none is."""
    return ProviderRefused(f"cannot_{operation}", f"nothing is held: the payment is {state}", correlation_id=correlation_id)
