"""Every bad day that a partner can rehearse. docs/guide/sandbox.md shows this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Scenario:
    """One bad day: what happens at the provider, and what a partner then sees, status by status with its reason."""

    what: str
    seen: str


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "open_refused": Scenario("the provider refuses to open the checkout", "502, Failed (provider_refused)"),
        "open_silent": Scenario("the provider does not answer when the checkout is to be opened", "201, Submitted"),
        "call_lost": Scenario(
            "the first order to take or hold the money never reaches the provider",
            "Pending (provider_unreachable), then Settled",
        ),
        "answer_lost": Scenario("the money is taken, then the answer is lost", "Pending (provider_unreachable), then Settled"),
        "error_500": Scenario(
            "the provider answers the first order with an error of its own", "Pending (provider_unreachable), then Settled"
        ),
        "slow": Scenario("the provider takes three seconds for each order", "Settled"),
        "declined": Scenario("the giver approves, and the instrument is declined", "Failed (instrument_declined)"),
        "review_passed": Scenario(
            "the provider reviews the payment, then lets it pass", "Pending (under_review), then Settled"
        ),
        "review_denied": Scenario(
            "the provider reviews the payment, then denies it", "Pending (under_review), then Failed (review_denied)"
        ),
        "amount_differs": Scenario(
            "the provider says that another amount was approved; nothing is taken", "Failed (amount_mismatch)"
        ),
        "currency_differs": Scenario(
            "the provider says that another currency was approved; nothing is taken", "Failed (currency_mismatch)"
        ),
        "report_first": Scenario("the provider's webhook comes before the giver does", "Settled"),
        "report_twice": Scenario("the provider's webhook comes twice", "Settled"),
        "report_never": Scenario("the provider's webhook never comes", "Settled"),
        "refund_refused": Scenario("a refund is refused", "Settled; the refund Failed"),
        "refund_pending": Scenario(
            "a refund takes its time, then is made",
            "Settled; the refund Pending, then Completed: Refunded (refunded)",
        ),
        "refund_denied": Scenario("a refund takes its time, then is refused", "Settled; the refund Pending, then Failed"),
        "refund_answer_lost": Scenario(
            "a refund is made, then the answer is lost",
            "Settled; the refund Pending, then Completed: Refunded (refunded)",
        ),
        "refund_in_dashboard": Scenario(
            "the payee gives the money back at the provider's, without you",
            "Settled; the refund Completed: Refunded (refunded)",
        ),
        "chargeback": Scenario("the giver's bank takes the settled money back", "Settled, then Reversed (chargeback)"),
        "chargeback_won": Scenario(
            "the giver's bank takes the settled money back, then the dispute is won",
            "Settled, then Reversed (chargeback), then Settled",
        ),
        "chargeback_in_part": Scenario(
            "the giver's bank takes a quarter of the settled money back", "Settled, with a ReversedAmount in the end"
        ),
        "refund_undone": Scenario(
            "a refund is made, and then fails after all",
            "Settled; the refund Completed: Refunded (refunded), then Failed: Settled (refund_failed)",
        ),
        "captured_in_part": Scenario(
            "three quarters of what is held are taken at the provider's, without you",
            "where money is held first: Authorized, then Settled, with a SettledAmount",
        ),
        "hold_ended": Scenario(
            "what is held is let go at the provider's, without you",
            "where money is held first: Authorized, then Canceled (voided_by_provider)",
        ),
        "capture_refused": Scenario(
            "the provider holds the money and refuses to let it be taken",
            "where money is held first: Authorized until the hold ends, and `manage.py attention` tells of it",
        ),
        "authentication_required": Scenario(
            "a gift under a standing permission needs the giver, who has to prove who they are; any other is ordinary",
            "Settled",
        ),
        "permission_revoked": Scenario(
            "at a gift under a standing permission the giver has taken that back at the provider; any other is ordinary",
            "Settled",
        ),
    }
)
"""By name, in the order of their magic amounts: a new one goes to the end, as the amounts stand in partners' tests."""

HEADER = "Sandbox-Scenario"
"""The header in which the making of a contribution may name a scenario."""

MAGIC_WHOLE_PART = 4040
"""An amount of 4040.01 plays the first scenario, 4040.02 the second, and so on, in any currency with two or more decimals."""


def scenario_of(amount_minor: int, decimals: int) -> str:
    """The scenario that an amount asks for; empty for every ordinary amount."""
    if decimals < 2:
        return ""
    hundredths, rest = divmod(amount_minor, int(f"1{'0' * (decimals - 2)}"))
    whole, number = divmod(hundredths, 100)
    if whole != MAGIC_WHOLE_PART or rest or not 1 <= number <= len(SCENARIOS):
        return ""
    return list(SCENARIOS)[number - 1]
