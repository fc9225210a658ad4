"""Domain objects <-> what stands on the wire. XML and JSON are made from, and read into, the same structures."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from contributions.content import contribution_content, utc_text
from contributions.models import Contribution, Refund
from goals.models import PaymentAccount, SavingGoal
from money import text_of
from notifications.models import DeliveryAttempt, Event, WebhookEndpoint
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


def refund_content(refund: Refund, contribution: Contribution) -> dict[str, Any]:
    """A Refund of this contribution."""
    return {
        "Id": refund.public_id,
        "Amount": text_of(refund.amount_minor, contribution.currency),
        **({"Reason": refund.reason} if refund.reason is not None else {}),
        "Status": refund.status,
        "Date": utc_text(refund.created_at),
    }


def deliveries_content(event: Event, shown: Sequence[DeliveryAttempt]) -> dict[str, Any]:
    """How the delivery of an event stands, and its tries."""
    return {
        "State": event.delivery,
        **({"NextTry": utc_text(event.next_attempt_at)} if event.next_attempt_at else {}),
        "Delivery": [_delivery_content(one) for one in shown],
    }


def _delivery_content(attempt: DeliveryAttempt) -> dict[str, Any]:
    return {
        "Number": attempt.number,
        "Date": utc_text(attempt.at),
        "URL": attempt.url,
        "Seconds": f"{attempt.seconds:.3f}",
        **({"StatusCode": attempt.answer} if attempt.answer is not None else {}),
        **({"Failure": attempt.failure} if attempt.failure else {}),
    }


def endpoint_content(endpoint: WebhookEndpoint, secret: str | None = None) -> dict[str, Any]:
    """A partner's webhook endpoint; its secret only when it was made this moment."""
    state = "Off" if endpoint.off_since else "Failing" if endpoint.failing_since else "On"
    return {
        "URL": endpoint.url,
        "EventTypes": {"EventType": endpoint.event_types.split()},
        "Format": endpoint.format,
        "State": state,
        **({"Secret": secret} if secret else {}),
        "RecordVersionNumber": endpoint.version,
        "Date": utc_text(endpoint.created_at),
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
    return ends_at.date().isoformat() if with_the_day else utc_text(ends_at)
