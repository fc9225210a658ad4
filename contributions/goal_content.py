"""A saving goal as its events show it: as in GET, but without its contributions, of which there may be any number."""

from typing import Any

from contributions.content import utc_text
from goals.models import PaymentAccount, SavingGoal
from goals.rules import live_accounts
from money import text_of


def goal_content(goal: SavingGoal) -> dict[str, Any]:
    """A SavingGoal, its elements in the order of the wire contract."""
    return {
        "Id": goal.public_id,
        "ExternalItemId": goal.external_item_id,
        "Name": goal.name,
        "StartingAmount": text_of(goal.starting_minor, goal.currency),
        "GoalAmount": text_of(goal.goal_minor, goal.currency),
        "CurrentAmount": text_of(goal.current_minor, goal.currency),
        **({"EndDate": end_date(goal)} if goal.ends_at else {}),
        "PaymentProviders": {"PaymentProvider": [_paid_at(account) for account in live_accounts(goal)]},
        **({"ConfirmationURL": goal.confirmation_url} if goal.confirmation_url else {}),
        **({"CancelURL": goal.cancel_url} if goal.cancel_url else {}),
        "RecordVersionNumber": goal.version,
        "RecordOwner": goal.partner.name,
        "Currency": goal.currency,
        "CapturePolicy": goal.capture_policy,
        "AuthorizedAmount": text_of(goal.authorized_minor, goal.currency),
    }


def end_date(goal: SavingGoal) -> str | None:
    """The EndDate as it was given: a day, or a moment."""
    if goal.ends_at is None:
        return None
    return goal.ends_at.date().isoformat() if goal.ends_with_the_day else utc_text(goal.ends_at)


def _paid_at(account: PaymentAccount) -> dict[str, Any]:
    payee = account.payee
    return {"ProviderName": account.provider, **({"PaymentAccountId": payee.public_id} if payee else {})}
