"""What the operator keeps of a gift: a percentage and a fixed sum, in minor units of the gift's currency.

Computed once, when a checkout is recorded, and stored with it: what is agreed with a partner later changes no gift.
"""

from django.conf import settings
from django.db.models import QuerySet, Sum

from contributions.entries import CAPTURES
from contributions.models import Checkout, LedgerEntry, Refund
from goals.models import PaymentAccount
from money import decimals_of
from partners.fees import FeeRule
from partners.models import Partner
from providers import registry
from providers.base import Payment
from providers.shares import takes_platform_fees


def rule_of(partner: Partner) -> FeeRule:
    """What was agreed with the partner, part by part; else what the settings say for all."""
    percent = settings.PLATFORM_FEE_PERCENT if partner.fee_percent is None else partner.fee_percent
    fixed = settings.PLATFORM_FEE_FIXED if partner.fee_fixed is None else partner.fee_fixed
    return FeeRule(percent, fixed)


def fee_minor(rule: FeeRule, amount_minor: int, currency: str, *, step_minor: int = 1) -> int:
    """The fee of one gift in minor units: both parts are added exactly, their sum is rounded down once.

    `step_minor`: by how much one amount differs from the next at the provider. Never more than the amount.
    """
    percent, fixed = (int(part.scaleb(4)) for part in (rule.percent, rule.fixed))  # in ten-thousandths: they have four decimals
    exact = int((amount_minor * percent + fixed * 100 * 10 ** decimals_of(currency)) // 1_000_000)
    fee = min(exact, amount_minor)
    return fee - fee % step_minor


def share_minor(whole_minor: int, part_minor: int, of_minor: int, *, step_minor: int = 1) -> int:
    """The share of a fee that goes with the first `part_minor` of `of_minor`, rounded down; all of it goes with all.

    What goes with parts that follow each other are differences of this, so that they add up to the fee to the last unit.
    """
    if part_minor >= of_minor:
        return whole_minor
    share = whole_minor * part_minor // of_minor
    return share - share % step_minor


def told_beyond_books(checkout: Checkout, told: Payment) -> tuple[int | None, ...]:
    """What the provider says of its fee, the payee's net and our fee, less what the books have of it: for one more entry."""
    gift = checkout.contribution
    is_first = gift.checkout_id == checkout.pk and gift.settled_minor is None
    before = [] if is_first else list(_entries_of(checkout).filter(kind__in=CAPTURES))
    beyond: list[int | None] = []
    for name in ("fee_minor", "net_minor", "platform_fee_minor"):
        in_all, booked = getattr(told, name), [getattr(entry, name) for entry in before]
        unknown = in_all is None or None in booked or in_all < sum(booked)
        beyond.append(None if unknown else in_all - sum(booked))
    return tuple(beyond)


def _entries_of(checkout: Checkout) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, checkout_number=checkout.number
    )


def fee_going_back(checkout: Checkout, amount_minor: int, *, besides: int = 0) -> int:
    """What the operator gives back of its fee with a refund of so much: 0 where it keeps the fee. `besides`: a refund's key.

    Together with the refunds that are done or on their way, never more than the share of what has gone back.
    """
    adapter = registry.adapter(checkout.adapter)
    if not (settings.PLATFORM_FEE_REFUND and takes_platform_fees(adapter)):
        return 0
    taken = _entries_of(checkout).filter(kind__in=CAPTURES)
    sums = taken.aggregate(amount=Sum("amount_minor"), fee=Sum("platform_fee_minor"))
    kept = checkout.platform_fee_minor if sums["fee"] is None else sums["fee"]
    if not (kept and sums["amount"]):
        return 0
    alive = Refund.objects.filter(
        partner_id=checkout.partner_id, contribution_id=checkout.contribution_id, checkout_number=checkout.number
    )
    alive = alive.exclude(status=Refund.Status.FAILED).exclude(pk=besides)
    back = alive.aggregate(amount=Sum("amount_minor"), fee=Sum("platform_fee_minor"))
    step = adapter.fee_step_minor(checkout.contribution.currency)
    share = share_minor(kept, (back["amount"] or 0) + amount_minor, sums["amount"], step_minor=step)
    return max(share - (back["fee"] or 0), 0)


def fee_for(partner: Partner, account: PaymentAccount | None, amount_minor: int, currency: str) -> int:
    """The fee of a gift to this account: 0 where nobody is picked yet, and where the provider cannot keep one for us."""
    adapter = registry.adapter_offered(account.provider, is_test=partner.is_test) if account else None
    if adapter is None or not takes_platform_fees(adapter):
        return 0
    return fee_minor(rule_of(partner), amount_minor, currency, step_minor=adapter.fee_step_minor(currency))
