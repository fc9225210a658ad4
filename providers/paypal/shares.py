"""How a payment is shared between PayPal, the payee and the operator, as its captures and refunds tell it.

The payee bears PayPal's fee: net_amount is gross_amount less paypal_fee less platform_fees.
https://developer.paypal.com/docs/api/payments/v2/, read in November 2026
"""

from collections.abc import Sequence

from providers.kit.reading import Json, an_object, minor_of_decimal, objects


def shares_of(captures: Sequence[Json], currency: str) -> tuple[int | None, int | None, int | None]:
    """PayPal's fee, the payee's net and the operator's fee of all captures together; None where one does not tell it."""
    breakdowns = [one.get("seller_receivable_breakdown") for one in captures]
    fees = [_minor(an_object(one).get("paypal_fee"), currency) for one in breakdowns]
    nets = [_minor(an_object(one).get("net_amount"), currency) for one in breakdowns]
    return _sum(fees), _sum(nets), _sum([platform_fee_in(one, currency) for one in breakdowns])


def platform_fee_in(breakdown: object, currency: str) -> int | None:
    """The operator's part in a breakdown: 0 where it names none; None where there is no breakdown, or another currency."""
    if not isinstance(breakdown, dict):
        return None
    return _sum([_minor(one.get("amount"), currency) for one in objects(breakdown.get("platform_fees"))] or [0])


def fee_given_back(breakdown: object, currency: str) -> int | None:
    """What a refund gave back of PayPal's own fee: `paypal_fee` in the refund's breakdown. None where it does not say."""
    return _minor(an_object(breakdown).get("paypal_fee"), currency)


def _sum(parts: Sequence[int | None]) -> int | None:
    told = [part for part in parts if part is not None]
    return sum(told) if parts and len(told) == len(parts) else None


def _minor(amount: object, currency: str) -> int | None:
    told = an_object(amount)
    try:
        return minor_of_decimal(told.get("value"), currency) if told.get("currency_code") == currency else None
    except ValueError:
        return None
