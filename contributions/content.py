"""A contribution as clients see it: in answers, and in the events that tell of it."""

from collections.abc import Sequence
from typing import Any, TypeGuard

from clock import utc_text as utc_text
from contributions.models import Contribution
from goals.models import SavingGoal
from money import text_of


def contribution_content(contribution: Contribution, goal: SavingGoal) -> dict[str, Any]:
    """A Contribution of this goal, its elements in the order of the wire contract."""
    settled, lost = contribution.settled_minor, contribution.reversed_minor
    elements = {
        "Id": contribution.public_id,
        "Amount": text_of(contribution.amount_minor, contribution.currency),
        "Date": utc_text(contribution.created_at),
        "Contributor": contribution.contributor,
        "Message": contribution.message,
        "Status": contribution.status,
        "ProviderName": contribution.provider or None,
        "ProviderURL": contribution.pay_url,
        "RecordVersionNumber": contribution.version,
        "Currency": contribution.currency,
        "RefundedAmount": text_of(contribution.refunded_minor, contribution.currency),
        "StatusReason": contribution.status_reason or None,
        "SavingGoalId": goal.public_id,
        "SettledAmount": text_of(settled, contribution.currency) if _is_a_part(settled, contribution) else None,
        "ReversedAmount": text_of(lost, contribution.currency) if lost else None,
        **_as_the_client_said(contribution),
        **_who_kept_what(contribution),
        "Metadata": metadata_content(contribution.metadata),
        "Test": goal.partner.is_test or None,
        "GiverId": contribution.giver_public_id,
        "MatchOf": contribution.match_of,
        "PledgeId": contribution.pledge_public_id,
    }
    return {name: value for name, value in elements.items() if value is not None}


def _as_the_client_said(contribution: Contribution) -> dict[str, Any]:
    return {
        "Reference": contribution.reference or None,
        "Memo": contribution.memo,
        "Anonymous": contribution.is_anonymous or None,
        "ConfirmationURL": contribution.confirmation_url or None,
        "CancelURL": contribution.cancel_url or None,
        "Language": contribution.language or None,
    }


def _who_kept_what(contribution: Contribution) -> dict[str, str | None]:
    settled_at = contribution.settled_at
    return {
        "ProviderReference": contribution.provider_reference or None,
        "Fee": amount_or_none(contribution.fee_minor, contribution.currency),
        "Net": amount_or_none(contribution.net_minor, contribution.currency),
        "PlatformFee": amount_or_none(contribution.platform_fee_minor, contribution.currency),
        "SettledDate": None if settled_at is None else utc_text(settled_at),
    }


def amount_or_none(minor: int | None, currency: str) -> str | None:
    """The amount as it is printed; None, so that its element is left out, where there is none."""
    return None if minor is None else text_of(minor, currency)


def metadata_content(pairs: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """A Metadata element of pairs of a name and a value; None where there is none."""
    return {"Item": [{"Name": name, "Value": value} for name, value in pairs]} if pairs else None


def _is_a_part(settled_minor: int | None, contribution: Contribution) -> TypeGuard[int]:
    """Whether something else was taken than was promised."""
    return settled_minor is not None and settled_minor != contribution.amount_minor
