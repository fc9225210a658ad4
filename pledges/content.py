"""A pledge as clients see it: in answers, and in the events that tell of it."""

from typing import Any

from clock import utc_text
from money import text_of
from pledges.models import Pledge
from pledges.states import ACTIVE


def pledge_content(pledge: Pledge, *, for_event: bool = False) -> dict[str, Any]:
    """A Pledge, its elements in the order of the schema. An event says nothing of who gives but the ids: an event stays."""
    elements: dict[str, Any] = {
        "Id": pledge.public_id,
        "SavingGoalId": pledge.goal.public_id,
        "GiverId": pledge.giver.public_id,
        "PermissionId": pledge.permission.public_id,
        "Amount": text_of(pledge.amount_minor, pledge.currency),
        "Currency": pledge.currency,
        "Every": pledge.every,
        "StartDate": pledge.start_date.isoformat(),
        "EndDate": None if pledge.end_date is None else pledge.end_date.isoformat(),
        "TimeZone": pledge.zone_name,
        **({} if for_event else _as_the_client_said(pledge)),
        "State": pledge.state,
        "StateReason": pledge.state_reason or None,
        **_what_is_next(pledge),
        "GiftsMade": pledge.gifts_made,
        "GiftsSkipped": pledge.gifts_skipped,
        "Date": utc_text(pledge.created_at),
        "RecordVersionNumber": pledge.version,
        "Test": pledge.giver.partner.is_test or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def _what_is_next(pledge: Pledge) -> dict[str, Any]:
    is_next = pledge.state == ACTIVE and not pledge.is_out
    return {
        "NextNumber": pledge.number if pledge.state == ACTIVE else None,
        "NextDate": utc_text(pledge.next_at) if is_next else None,
        "FailedTries": pledge.tries or None,
        "FailureReason": pledge.failure or None,
    }


def _as_the_client_said(pledge: Pledge) -> dict[str, Any]:
    return {
        "Contributor": pledge.contributor,
        "Message": pledge.message,
        "Anonymous": pledge.is_anonymous or None,
        "Reference": pledge.reference or None,
    }
