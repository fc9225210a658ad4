"""Every bad day that a partner can rehearse. docs/partners.md shows this table."""

from collections.abc import Mapping
from types import MappingProxyType

SCENARIOS: Mapping[str, str] = MappingProxyType(
    {
        "open_refused": "the provider refuses to open the checkout: 502",
        "open_silent": "the provider does not answer when the checkout is opened: 503",
        "call_lost": "the first order to take or hold the money never reaches the provider: Pending, then Settled",
        "answer_lost": "the money is taken, then the answer is lost: Pending, then Settled",
        "error_500": "the provider answers the first order with an error of its own: Pending, then Settled",
        "slow": "the provider takes three seconds for each order",
        "declined": "the giver approves, and the instrument is declined: Failed",
        "review_passed": "the provider reviews the payment, then lets it pass: Pending, then Settled",
        "review_denied": "the provider reviews the payment, then denies it: Pending, then Failed",
        "amount_differs": "the provider says that another amount was approved: Failed, nothing is taken",
        "currency_differs": "the provider says that another currency was approved: Failed, nothing is taken",
        "report_first": "the provider's webhook comes before the giver does",
        "report_twice": "the provider's webhook comes twice",
        "report_never": "the provider's webhook never comes",
        "refund_refused": "a refund is refused",
        "refund_pending": "a refund takes its time: Pending, then Completed",
        "chargeback": "the giver's bank takes the money back after it was settled: Reversed",
        "chargeback_won": "the same, but the dispute is won: Reversed, then Settled",
    }
)
"""Name: what happens."""

MAGIC_WHOLE_PART = 4040
"""An amount of 4040.01 plays the first scenario, 4040.02 the second, and so on, in any currency with decimals."""


def scenario_of(amount_minor: int, decimals: int) -> str:
    """The scenario that an amount asks for; empty for every ordinary amount."""
    if decimals < 2:
        return ""
    hundredths, rest = divmod(amount_minor, int(f"1{'0' * (decimals - 2)}"))
    whole, number = divmod(hundredths, 100)
    if whole != MAGIC_WHOLE_PART or rest or not 1 <= number <= len(SCENARIOS):
        return ""
    return list(SCENARIOS)[number - 1]
