"""A contribution as clients see it: in answers, and in the events that tell of it."""

from datetime import UTC, datetime
from typing import Any, TypeGuard

from contributions.models import Contribution
from goals.models import SavingGoal
from money import text_of


def contribution_content(contribution: Contribution, goal: SavingGoal) -> dict[str, Any]:
    """A Contribution of this goal, its elements in the order of the wire contract."""
    provider, settled, lost = contribution.provider, contribution.settled_minor, contribution.reversed_minor
    return {
        "Id": contribution.public_id,
        "Amount": text_of(contribution.amount_minor, contribution.currency),
        "Date": utc_text(contribution.created_at),
        "Contributor": contribution.contributor,
        **({"Message": contribution.message} if contribution.message is not None else {}),
        "Status": contribution.status,
        **({"ProviderName": provider} if provider else {}),
        "ProviderURL": contribution.pay_url,
        "RecordVersionNumber": contribution.version,
        "Currency": contribution.currency,
        "RefundedAmount": text_of(contribution.refunded_minor, contribution.currency),
        **({"StatusReason": contribution.status_reason} if contribution.status_reason else {}),
        "SavingGoalId": goal.public_id,
        **({"SettledAmount": text_of(settled, contribution.currency)} if _is_a_part(settled, contribution) else {}),
        **({"ReversedAmount": text_of(lost, contribution.currency)} if lost else {}),
        **({"Test": True} if goal.partner.is_test else {}),
    }


def _is_a_part(settled_minor: int | None, contribution: Contribution) -> TypeGuard[int]:
    """Whether something else was taken than was promised."""
    return settled_minor is not None and settled_minor != contribution.amount_minor


def utc_text(moment: datetime) -> str:
    """RFC 3339, UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
