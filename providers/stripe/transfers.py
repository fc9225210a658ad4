"""What the payee was transferred of a disputed payment: pulled back while the dispute takes it, sent again once it is won.

Stripe takes a disputed destination charge from the platform, as soon as there is a dispute; the transfer to the payee stays
until it is reversed. https://docs.stripe.com/connect/disputes and .../api/transfer_reversals, read in November 2026
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.base import Payment, PaymentRequest, ProviderRefused, ProviderUnavailable
from providers.kit.reading import Json, an_object, text
from providers.stripe.amounts import carried_minor, minor_of, units_of
from providers.stripe.mapping import REFUND
from providers.stripe.shares import platform_fee_of

CONTRIBUTION, GROSS = "contribution", "gross"
"""Our metadata on what is sent again: our id of the gift, and in Stripe's units what it makes good with the fee."""

UNDONE = frozenset({"failed", "canceled"})


@dataclass(frozen=True)
class AccountWithPayee:
    """In minor units: what was reversed of the transfer by no refund that holds, what the payee owes if nothing was sent
    again, and what refunds and disputes have taken of the payment."""

    pulled_minor: int
    owed_minor: int
    gone_minor: int


def may_differ(refunds: Sequence[dict[str, Any]], disputes: Sequence[dict[str, Any]] | None) -> bool:
    """Whether a payee may have more or less of a payment than it is due: by disputes, or by refunds that did not take from it
    just what they gave back. What the operator has reversed by hand is not our business."""
    # invariant: what-a-failed-refund-took-is-sent-again
    return disputes is not None or any(_was_undone(one) if _reverses(one) else _is_ours(one) for one in refunds)


def account_with_payee(payment: Payment, charge: Json, refunds: Sequence[dict[str, Any]]) -> AccountWithPayee | None:
    """None where nothing was transferred to anybody, or in another currency: that is for the dashboard.

    A refund that fails, or is canceled, leaves what it had reversed with the operator, who has to transfer it again:
    https://docs.stripe.com/connect/destination-charges#issue-refunds (2026-11).
    """
    transfer, currency = an_object(charge.get("transfer")), payment.currency
    if text(transfer.get("currency")).upper() != currency or not payment.taken_minor:
        return None
    alive = [one for one in refunds if not _was_undone(one)]
    sent, reversed_minor = _read(transfer.get("amount"), currency), _read(transfer.get("amount_reversed"), currency)
    by_refunds = sum(_read(one.get("amount"), currency) for one in alive if _reverses(one))
    refunded = sum(_read(one.get("amount"), currency) for one in alive if _reverses(one) or _is_ours(one))

    def share(minor: int) -> int:
        return sent * min(minor, payment.taken_minor or 0) // (payment.taken_minor or 1)

    left = sent - share(refunded)
    due = left - min(share(payment.lost_minor or 0), left)
    gone = refunded + (payment.lost_minor or 0)
    return AccountWithPayee(max(reversed_minor - share(by_refunds), 0), sent - reversed_minor - due, gone)


def can_be_reversed(charge: Json, units: int) -> bool:
    """Whether so much of the payment's own transfer is still with the payee, in Stripe's units."""
    transfer = an_object(charge.get("transfer"))
    amount, back = transfer.get("amount"), transfer.get("amount_reversed")
    return not (isinstance(amount, int) and isinstance(back, int) and amount - back < units)


def _was_undone(refund: Json) -> bool:
    return refund.get("status") in UNDONE


def _reverses(refund: Json) -> bool:
    return bool(refund.get("transfer_reversal"))


def _is_ours(refund: Json) -> bool:
    return not _was_undone(refund) and bool(an_object(refund.get("metadata")).get(REFUND))


def in_group(charge: Json) -> list[tuple[str, str]]:
    """By what a payment's further transfers are found."""
    return [("transfer_group", text(charge.get("transfer_group")) or f"group_{text(charge.get('payment_intent'))}")]


def of_the_gift(transfers: Sequence[dict[str, Any]], reference: str) -> list[dict[str, Any]]:
    """Those of them that we have made for this contribution."""
    return [one for one in transfers if text(an_object(one.get("metadata")).get(CONTRIBUTION)) == reference]


def made_good_minor(others: Sequence[dict[str, Any]], currency: str) -> int:
    """What the payee has of transfers that were sent again, with the fee that was kept of them."""
    return sum(_made_good(one, currency) for one in others)


def _made_good(transfer: Json, currency: str) -> int:
    amount = _read(transfer.get("amount"), currency)
    gross = _read(_number(text(an_object(transfer.get("metadata")).get(GROSS)) or "0"), currency) or amount
    return gross * _left(transfer, currency) // amount if amount else 0


def _left(transfer: Json, currency: str) -> int:
    """What of it was not reversed."""
    return _read(transfer.get("amount"), currency) - _read(transfer.get("amount_reversed"), currency)


def _read(units: object, currency: str) -> int:
    """Stripe's units in minor units. Raises ProviderUnavailable."""
    try:
        return minor_of(units, currency)
    except ValueError:
        raise ProviderUnavailable("a transfer without an amount that can be read") from None


def _number(written: str) -> int | None:
    """What our metadata has as text; None where it is no whole number."""
    try:
        return int(written)
    except ValueError:
        return None


def reversal(
    request: PaymentRequest, charge: Json, others: Sequence[dict[str, Any]], amount_minor: int
) -> tuple[str, list[tuple[str, str]]]:
    """Path and form that pull so much back: of what was sent again first (`others`), else of the payment's transfer.

    Raises ProviderRefused where there is no transfer of ours to reverse.
    """
    other, sum_minor = what_can_be_pulled(others, amount_minor, request.currency)
    transfer_id = text((other or an_object(charge.get("transfer"))).get("id"))
    if not transfer_id:
        raise ProviderRefused("cannot_pull_back", "nothing was transferred")
    form = [("amount", str(units_of(sum_minor, request.currency)))]
    if other is None and request.platform_fee_minor:
        form.append(("refund_application_fee", "true" if request.platform_fee_back_minor else "false"))
    return f"/v1/transfers/{transfer_id}/reversals", form


def what_can_be_pulled(others: Sequence[dict[str, Any]], amount_minor: int, currency: str) -> tuple[dict[str, Any] | None, int]:
    """Of which of the transfers that were sent again, None: of the payment's own, and how much. 0: less than Stripe carries."""
    for other in others:
        made_good = _made_good(other, currency)
        if made_good > 0:
            return other, carried_minor(_left(other, currency) * min(amount_minor, made_good) // made_good, currency)
    return None, carried_minor(amount_minor, currency)


def without_the_fee(payment: Payment, charge: Json, others: Sequence[dict[str, Any]], gone_minor: int, owed_minor: int) -> int:
    """What is sent to a payee who is owed so much: less the operator's fee of it, as far as that has gone back meanwhile.

    Stripe tells how much of its fee has gone back, and not with what. Refunds and disputes that hold are taken to have
    given back their share, and what was sent again before (`others`) to have kept its own: in doubt the payee gets it.
    """
    fee_minor, back_minor = platform_fee_of(charge, payment.currency)

    def share(minor: int) -> int:
        return (fee_minor or 0) * min(minor, payment.taken_minor or 0) // (payment.taken_minor or 1)

    kept_again = sum(_made_good(one, payment.currency) - _left(one, payment.currency) for one in others)
    with_what_was_undone = max((back_minor or 0) - share(gone_minor) - kept_again, 0)
    return carried_minor(owed_minor - min(with_what_was_undone, share(owed_minor)), payment.currency)


def another_transfer(request: PaymentRequest, charge: Json, amount_minor: int, sent_minor: int) -> list[tuple[str, str]]:
    """The form that sends the payee `sent_minor`, which with the operator's fee makes good `amount_minor`."""
    return [
        ("amount", str(units_of(sent_minor, request.currency))),
        ("currency", request.currency.lower()),
        ("destination", request.payee),
        *in_group(charge),
        (f"metadata[{CONTRIBUTION}]", request.reference),
        (f"metadata[{GROSS}]", str(units_of(amount_minor, request.currency))),
    ]
