"""How a payment is shared between the payee and the operator: destination charges, application fees.

https://docs.stripe.com/connect/destination-charges, read in November 2026: the payee is transferred the whole payment, the
application fee comes back from it to the platform, and Stripe's own fees, refunds and disputes are the platform's to pay.
"""

from typing import Any

from django.conf import settings

from providers.base import Payment, PaymentRequest
from providers.kit.reading import Json, an_object, text
from providers.stripe import names
from providers.stripe.amounts import minor_of, step_minor, units_of

PLATFORM_FEE_EXPANDED = [("expand[]", "charge.application_fee")]


def of_a_new_payment(request: PaymentRequest, *, own: bool) -> list[tuple[str, str]]:
    """The members of a new PaymentIntent that say who gets what of it, and what the giver's statement shows.
    `own`: the operator's own account is paid, and nothing is shared.

    on_behalf_of makes the payee the merchant of record, which it has to be where its country is another than the platform's;
    it needs the capability card_payments then. https://docs.stripe.com/connect/destination-charges#settlement-merchant
    """
    members = [] if own else [("transfer_data[destination]", request.payee)]
    if settings.STRIPE_ON_BEHALF_OF and not own:
        members.append(("on_behalf_of", request.payee))
    if suffix := names.statement_suffix(request.brand):
        members.append(("statement_descriptor_suffix", suffix))
    if request.platform_fee_minor and not own:
        members.append(("application_fee_amount", str(units_of(request.platform_fee_minor, request.currency))))
    return members


def within(name: str, members: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same members inside an object: within("a", [("b[c]", "1")]) is [("a[b][c]", "1")]."""
    parts = [(*member.partition("["), value) for member, value in members]
    return [(f"{name}[{first}]{bracket}{rest}", value) for first, bracket, rest, value in parts]


def back_with_refund(request: PaymentRequest) -> list[tuple[str, str]]:
    """What is asked of Stripe with a refund: whether the fee goes back with it, in proportion, as Stripe reckons that."""
    if not request.platform_fee_minor:
        return []
    back = "true" if request.platform_fee_back_minor else "false"
    return [("refund_application_fee", back), *PLATFORM_FEE_EXPANDED]


def platform_fee_of(charge: Json, currency: str) -> tuple[int | None, int | None]:
    """What the operator kept of a charge, and what it has given back of that; None where Stripe does not say.

    Of the second Stripe can say more than we can write: a share of a fee in ISK need not be a whole number of them.
    """
    fee = an_object(charge.get("application_fee"))
    if not fee and "application_fee" in charge and charge.get("application_fee") is None:
        return 0, 0
    if text(fee.get("currency")).upper() != currency:
        return None, None
    return _minor_or_none(fee.get("amount"), currency), _minor_or_none(fee.get("amount_refunded"), currency)


def _minor_or_none(units: Any, currency: str) -> int | None:
    try:
        return minor_of(units, currency)
    except ValueError:
        return None


def given_back_by(refund: Json, request: PaymentRequest, before: Payment, charge_before: Json) -> int | None:
    """What a refund has given back of the fee: by the sum before it and the sum after, which is its share of the fee to a step.

    None where it is anything else, or where more was refunded between the two than this. 0 where it was to give nothing back.
    """
    if request.platform_fee_minor and not request.platform_fee_back_minor:
        return 0
    charge = an_object(refund.get("charge"))
    kept, after = platform_fee_of(charge, before.currency)
    had = before.platform_fee_back_minor
    if kept is None or after is None or had is None or not before.taken_minor:
        return None
    if not _is_all_that_was_refunded(refund, charge, charge_before):
        return None
    share = kept * minor_of(refund.get("amount"), before.currency) // before.taken_minor
    given_back = after - had
    return given_back if not given_back or abs(given_back - share) <= step_minor(before.currency) else None


def _is_all_that_was_refunded(refund: Json, charge: Json, charge_before: Json) -> bool:
    """Whether the charge has been given back by this refund more than it had, and by no other."""
    amounts = refund.get("amount"), charge.get("amount_refunded"), charge_before.get("amount_refunded")
    amount, after, before = (one if isinstance(one, int) else None for one in amounts)
    return amount is not None and after is not None and before is not None and after - before == amount
