"""A saving goal as clients see it: in answers, and in the events that tell of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import clock
from contributions import room
from contributions.content import amount_or_none, metadata_content, utc_text
from goals.models import PaymentAccount, SavingGoal
from goals.rules import live_accounts
from goals.state import Standing, standing_of
from money import text_of


def goal_content(goal: SavingGoal) -> dict[str, Any]:
    """As in GET, but its Contributions are empty, of which there may be any number: for an event."""
    standing = standing_of(goal, room.reserved_now(goal), now=clock.now())
    return content_of(goal, standing, live_accounts(goal), contributions={"Contribution": []})


def content_of(
    goal: SavingGoal, standing: Standing, accounts: Iterable[PaymentAccount], *, contributions: Mapping[str, Any]
) -> dict[str, Any]:
    """A SavingGoal, its elements in the order of the wire contract. `contributions`: what it shows of its newest ones."""
    elements: dict[str, Any] = {
        "Id": goal.public_id,
        "ExternalItemId": goal.external_item_id,
        "Name": goal.name,
        "StartingAmount": text_of(goal.starting_minor, goal.currency),
        "GoalAmount": text_of(goal.goal_minor, goal.currency),
        "CurrentAmount": text_of(goal.current_minor, goal.currency),
        "EndDate": _end_date(goal),
        "Contributions": contributions,
        "PaymentProviders": {"PaymentProvider": [_paid_at(account) for account in accounts]},
        "ConfirmationURL": goal.confirmation_url or None,
        "CancelURL": goal.cancel_url or None,
        "RecordVersionNumber": goal.version,
        "RecordOwner": goal.partner.name,
        "Currency": goal.currency,
        "CapturePolicy": goal.capture_policy,
        "AuthorizedAmount": text_of(goal.authorized_minor, goal.currency),
        "State": standing.state,
        "AcceptsGifts": standing.accepts_gifts,
        "Overfunding": goal.overfunding,
        "RemainingAmount": text_of(standing.remaining_minor, goal.currency),
        "MinimumAmount": amount_or_none(goal.minimum_minor, goal.currency),
        "MaximumAmount": amount_or_none(goal.maximum_minor, goal.currency),
        "SuggestedAmounts": _suggested(goal),
        "Description": goal.description,
        "ImageURL": goal.image_url or None,
        "Metadata": metadata_content(goal.metadata),
        "Test": goal.partner.is_test or None,
        "OfflineAmount": _if_any(goal.offline_minor, goal.currency),
        "MatchedAmount": _if_any(goal.matched_minor, goal.currency),
    }
    return {name: value for name, value in elements.items() if value is not None}


def _if_any(minor: int, currency: str) -> str | None:
    return text_of(minor, currency) if minor else None


def _suggested(goal: SavingGoal) -> dict[str, Any] | None:
    suggested: Sequence[int] = goal.suggested_minor
    return {"Amount": [text_of(minor, goal.currency) for minor in suggested]} if suggested else None


def _end_date(goal: SavingGoal) -> str | None:
    """As it was given: a day, or a moment."""
    if goal.ends_at is None:
        return None
    return goal.ends_at.date().isoformat() if goal.ends_with_the_day else utc_text(goal.ends_at)


def _paid_at(account: PaymentAccount) -> dict[str, Any]:
    payee = account.payee
    return {"ProviderName": account.provider, **({"PaymentAccountId": payee.public_id} if payee else {})}
