"""A gift and a goal as XML, as the service writes them: of the elements those that the gifts of a benchmark can have."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings

XML = "application/xml; charset=utf-8"
START = "<?xml version='1.0' encoding='UTF-8'?>\n"


def gift_elements(gift: Any) -> dict[str, str]:
    """Of a Contribution that was read with its goal and its checkout."""
    currency = gift.currency
    elements = {
        "Id": gift.public_id,
        "Amount": amount(gift.amount_minor),
        "Date": moment(gift.created_at),
        "Contributor": gift.contributor,
        "Message": gift.message,
        "Status": gift.status,
        "ProviderName": gift.checkout.account.provider,
        "ProviderURL": f"{settings.PUBLIC_BASE_URL}/pay/{gift.public_id}",
        "RecordVersionNumber": str(gift.version),
        "Currency": currency,
        "RefundedAmount": amount(gift.refunded_minor),
        "StatusReason": gift.status_reason or None,
        "SavingGoalId": gift.goal.public_id,
        "ProviderReference": gift.provider_reference or None,
        "SettledDate": moment(gift.settled_at) if gift.settled_at else None,
        "Test": "true" if gift.goal.partner.is_test else None,
    }
    return {name: text for name, text in elements.items() if text is not None}


def amount(minor: int) -> str:
    """In a currency with two decimals."""
    return f"{minor // 100}.{minor % 100:02d}"


def moment(at: datetime) -> str:
    """RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def element(name: str, elements: dict[str, str]) -> str:
    """An element with these children, in this order."""
    return f"<{name}>{''.join(f'<{child}>{escape(text)}</{child}>' for child, text in elements.items())}</{name}>"


def document(name: str, elements: dict[str, str]) -> bytes:
    """The same as a whole document."""
    return (START + element(name, elements)).encode()


def savings_document(goals: Iterable[tuple[Any, list[Any], list[Any]]]) -> bytes:
    """Goals, each with its live accounts and its newest gifts."""
    return (START + f"<Savings>{''.join(_goal(*each) for each in goals)}</Savings>").encode()


def _goal(goal: Any, accounts: list[Any], gifts: list[Any]) -> str:
    collected = goal.starting_minor + goal.collected_minor
    paid_at = "".join(element("PaymentProvider", {"ProviderName": account.provider}) for account in accounts)
    before = {
        "Id": goal.public_id,
        "ExternalItemId": goal.external_item_id,
        "Name": goal.name,
        "StartingAmount": amount(goal.starting_minor),
        "GoalAmount": amount(goal.goal_minor),
        "CurrentAmount": amount(collected),
    }
    after = {
        "RecordVersionNumber": str(goal.version),
        "RecordOwner": goal.partner.name,
        "Currency": goal.currency,
        "CapturePolicy": goal.capture_policy,
        "AuthorizedAmount": amount(goal.authorized_minor),
        "State": "Reached" if collected >= goal.goal_minor else "Open",
        "AcceptsGifts": "true",
        "Overfunding": goal.overfunding,
        "RemainingAmount": amount(max(0, goal.goal_minor - collected)),
        "Test": "true",
    }
    inner = "".join(element("Contribution", gift_elements(gift)) for gift in gifts)
    nested = f"<Contributions>{inner}</Contributions>" if inner else "<Contributions/>"
    members = [f"<{name}>{escape(text)}</{name}>" for name, text in before.items()]
    members += [nested, f"<PaymentProviders>{paid_at}</PaymentProviders>"]
    members += [f"<{name}>{escape(text)}</{name}>" for name, text in after.items()]
    return f"<SavingGoal>{''.join(members)}</SavingGoal>"
