"""Domain objects <-> what stands on the wire. XML and JSON are made from, and read into, the same structures."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from contributions.models import Contribution
from goals.models import PaymentAccount, SavingGoal
from money import text_of
from xml_schemas.writer import write_xml

NESTED_CONTRIBUTIONS = 50
"""How many of a goal's contributions stand within it."""


def url_of(*parts: str, **query: str) -> str:
    """An absolute address of ours; never with a key in it."""
    return f"{settings.PUBLIC_BASE_URL}/api/{'/'.join(parts)}" + (f"?{urlencode(query)}" if query else "")


def goal_content(
    goal: SavingGoal, accounts: Sequence[PaymentAccount], newest: Sequence[Contribution], **query: str
) -> dict[str, Any]:
    """A SavingGoal. `newest`: its newest visible contributions, one more than are shown where there are more.

    `query`: the arguments that the address of the further ones takes along.
    """
    more = len(newest) > NESTED_CONTRIBUTIONS
    return {
        "Id": goal.public_id,
        "ExternalItemId": goal.external_item_id,
        "Name": goal.name,
        "StartingAmount": text_of(goal.starting_minor, goal.currency),
        "GoalAmount": text_of(goal.goal_minor, goal.currency),
        "CurrentAmount": text_of(goal.current_minor, goal.currency),
        **({"EndDate": _end_date(goal.ends_at, goal.ends_with_the_day)} if goal.ends_at else {}),
        "Contributions": contributions_content(goal, newest[:NESTED_CONTRIBUTIONS], more=more, **query),
        "PaymentProviders": {"PaymentProvider": [{"ProviderName": account.provider} for account in accounts]},
        **({"ConfirmationURL": goal.confirmation_url} if goal.confirmation_url else {}),
        **({"CancelURL": goal.cancel_url} if goal.cancel_url else {}),
        "RecordVersionNumber": goal.version,
        "RecordOwner": goal.partner.name,
        "Currency": goal.currency,
        "CapturePolicy": goal.capture_policy,
        "AuthorizedAmount": text_of(goal.authorized_minor, goal.currency),
    }


def contributions_content(goal: SavingGoal, shown: Sequence[Contribution], *, more: bool, **query: str) -> dict[str, Any]:
    """A Contributions list, with the address of the next page where there is more."""
    content: dict[str, Any] = {"Contribution": [contribution_content(one, goal) for one in shown]}
    if more:
        content["Next"] = url_of("SavingGoal", goal.public_id, "Contributions", **query, after=shown[-1].public_id)
    return content


def contribution_content(contribution: Contribution, goal: SavingGoal) -> dict[str, Any]:
    """A Contribution of this goal."""
    return {
        "Id": contribution.public_id,
        "Amount": text_of(contribution.amount_minor, contribution.currency),
        "Date": _utc(contribution.created_at),
        "Contributor": contribution.contributor,
        **({"Message": contribution.message} if contribution.message is not None else {}),
        "Status": contribution.status,
        "ProviderName": contribution.account.provider,
        "ProviderURL": contribution.provider_url,
        "RecordVersionNumber": contribution.version,
        "Currency": contribution.currency,
        "RefundedAmount": text_of(contribution.refunded_minor, contribution.currency),
        **({"StatusReason": contribution.status_reason} if contribution.status_reason else {}),
        "SavingGoalId": goal.public_id,
    }


def document(name: str, content: dict[str, Any], *, as_json: bool) -> bytes:
    """The whole document, UTF-8. In XML a list's `Next` is an attribute of its element."""
    if as_json:
        return json.dumps(content, ensure_ascii=False).encode()
    return write_xml(name, _with_attributes(content))


def goal_tag(goal: SavingGoal) -> str:
    """What the ETag of a goal says of it, in any format: its client's edits and everything else that moves."""
    return f"{goal.version}.{goal.activity}"


def contribution_tag(contribution: Contribution) -> str:
    """What the ETag of a contribution says of it, in any format."""
    return str(contribution.version)


def _with_attributes(content: Any) -> Any:
    if isinstance(content, dict):
        renamed = {"@Next" if name == "Next" else name: value for name, value in content.items()}
        return {name: _with_attributes(value) for name, value in renamed.items()}
    return [_with_attributes(item) for item in content] if isinstance(content, list) else content


def _end_date(ends_at: datetime, with_the_day: bool) -> str:
    return ends_at.date().isoformat() if with_the_day else _utc(ends_at)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
