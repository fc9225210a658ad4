"""A saving goal as its events show it: as in GET, but its Contributions are empty, of which there may be any number."""

from collections.abc import Sequence
from typing import Any

import clock
from contributions import room
from contributions.content import metadata_content, utc_text
from goals.models import PaymentAccount, SavingGoal
from goals.rules import live_accounts
from goals.state import standing_of
from money import text_of


def goal_content(goal: SavingGoal) -> dict[str, Any]:
    """A SavingGoal, its elements in the order of the wire contract."""
    standing = standing_of(goal, room.reserved_now(goal), now=clock.now())
    elements = {
        "Id": goal.public_id,
        "ExternalItemId": goal.external_item_id,
        "Name": goal.name,
        "StartingAmount": text_of(goal.starting_minor, goal.currency),
        "GoalAmount": text_of(goal.goal_minor, goal.currency),
        "CurrentAmount": text_of(goal.current_minor, goal.currency),
        "EndDate": end_date(goal),
        "Contributions": {"Contribution": []},
        "PaymentProviders": {"PaymentProvider": [_paid_at(account) for account in live_accounts(goal)]},
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
        "MinimumAmount": _amount_or_none(goal.minimum_minor, goal.currency),
        "MaximumAmount": _amount_or_none(goal.maximum_minor, goal.currency),
        "SuggestedAmounts": suggested_content(goal),
        "Description": goal.description,
        "ImageURL": goal.image_url or None,
        "Metadata": metadata_content(goal.metadata),
        "Test": goal.partner.is_test or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def suggested_content(goal: SavingGoal) -> dict[str, Any] | None:
    """The element SuggestedAmounts; None, so that it is left out, where there are none."""
    suggested: Sequence[int] = goal.suggested_minor
    return {"Amount": [text_of(minor, goal.currency) for minor in suggested]} if suggested else None


def _amount_or_none(minor: int | None, currency: str) -> str | None:
    return None if minor is None else text_of(minor, currency)


def end_date(goal: SavingGoal) -> str | None:
    """The EndDate as it was given: a day, or a moment."""
    if goal.ends_at is None:
        return None
    return goal.ends_at.date().isoformat() if goal.ends_with_the_day else utc_text(goal.ends_at)


def _paid_at(account: PaymentAccount) -> dict[str, Any]:
    payee = account.payee
    return {"ProviderName": account.provider, **({"PaymentAccountId": payee.public_id} if payee else {})}
