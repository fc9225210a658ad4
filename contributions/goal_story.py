"""What the books say of one goal, as data: its totals beside the sums of its entries, who is paid, and every entry."""

from dataclasses import dataclass
from typing import Any

from contributions.audit import with_ledger_sums
from contributions.audit_of_matches import with_marked_sums
from contributions.models import LedgerEntry
from goals.models import PaymentAccount, SavingGoal
from money import text_of
from ownership import row_key

MOST_ROWS = 200
"""Of entries and accounts, the newest."""


@dataclass(frozen=True)
class GoalStory:
    """Amounts as text, in the goal's currency; rows in the order in which they came to be."""

    goal: dict[str, Any]
    accounts: list[dict[str, Any]]
    entries: list[dict[str, Any]]


def find_goal(word: str) -> list[SavingGoal]:
    """By its Id; else the newest with this ExternalItemId."""
    by_id = list(SavingGoal.objects.select_related("partner").filter(public_id=word))
    if by_id:
        return by_id
    named = SavingGoal.objects.select_related("partner").filter(partner__isnull=False, external_item_id=word)
    return list(named.order_by("-pk")[:20])


def goal_story_of(goal: SavingGoal) -> GoalStory:
    """Everything that its totals come from."""
    sums: Any = with_marked_sums(with_ledger_sums(SavingGoal.objects.filter(**row_key(goal)))).get()
    entries = LedgerEntry.objects.filter(goal=goal).select_related("contribution").order_by("-pk")[:MOST_ROWS]
    accounts = PaymentAccount.objects.filter(goal=goal).select_related("payee").order_by("-pk")[:MOST_ROWS]
    return GoalStory(
        goal={
            "id": goal.public_id,
            "name": goal.name,
            "external_item_id": goal.external_item_id,
            "partner": goal.partner.name,
            "mode": "test" if goal.partner.is_test else "live",
            "currency": goal.currency,
            "settled": text_of(goal.collected_minor, goal.currency),
            "settled_by_the_ledger": text_of(sums.collected_sum, goal.currency),
            "of_it_offline": text_of(goal.offline_minor, goal.currency),
            "of_it_offline_by_the_ledger": text_of(sums.offline_minor_sum, goal.currency),
            "of_it_matches": text_of(goal.matched_minor, goal.currency),
            "of_it_matches_by_the_ledger": text_of(sums.matched_minor_sum, goal.currency),
            "authorized": text_of(goal.authorized_minor, goal.currency),
            "authorized_by_the_ledger": text_of(sums.authorized_sum, goal.currency),
        },
        accounts=[_account(one) for one in reversed(accounts)],
        entries=[_entry(one) for one in reversed(entries)],
    )


def _account(account: PaymentAccount) -> dict[str, Any]:
    payee = account.payee.public_id if account.payee else ""
    return {"provider": account.provider, "payee": payee, "made": account.created_at, "retired": account.retired_at}


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "kind": entry.kind,
        "gift": entry.contribution.public_id,
        "settled": text_of(entry.collected_delta_minor, entry.currency),
        "authorized": text_of(entry.authorized_delta_minor, entry.currency),
        "currency": entry.currency,
        "provider_reference": entry.provider_reference,
    }
