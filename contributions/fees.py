"""What the operator keeps of each gift: the platform fee, by the settings or by the partner's own terms."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from money import decimals_of
from partners.models import Partner


def platform_fee_minor(partner: Partner, amount_minor: int, currency: str) -> int:
    """So many percent of the amount and so much besides, in minor units; never more than the amount.

    A half of the smallest unit is rounded up, once, after both are added.
    """
    percent = settings.PLATFORM_FEE_PERCENT if partner.fee_percent is None else partner.fee_percent
    fixed = settings.PLATFORM_FEE_FIXED if partner.fee_fixed is None else partner.fee_fixed
    wanted = amount_minor * Decimal(percent) / 100 + Decimal(fixed).scaleb(decimals_of(currency))
    return min(int(wanted.to_integral_value(ROUND_HALF_UP)), amount_minor)


def share_of(fee_minor: int, part_minor: int, whole_minor: int) -> int:
    """What of a fee belongs to a part of the payment, rounded down, so that all parts together give no more than the fee."""
    return fee_minor * part_minor // whole_minor
