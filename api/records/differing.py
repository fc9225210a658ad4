"""What a change that a client has sent would alter in the record as it is now: the names of the elements, in their order.

By what they mean, not by how they are written: 250 and 250.00 are the same amount.
"""

from api.records import goal, payment_account, webhook_endpoint
from goals import rules
from goals.models import Payee, SavingGoal
from notifications.models import WebhookEndpoint

_OF_COLUMNS = {
    "ends_at": "EndDate",
    "ends_with_the_day": "EndDate",
    "confirmation_url": "ConfirmationURL",
    "cancel_url": "CancelURL",
    "currency": "Currency",
    "suggested_minor": "SuggestedAmounts",
    "description": "Description",
    "metadata": "Metadata",
} | {element.key: element.name for element in goal.ELEMENTS if element.key}
"""The goal's element that is kept in each column."""


def in_goal(change: rules.GoalChange, now: SavingGoal) -> list[str]:
    """Of a SavingGoal. With a PUT also what was left out and would go back to its default."""
    names = {_OF_COLUMNS[column] for column, value in change.values.items() if getattr(now, column) != value}
    if change.accounts is not None and rules.pays_otherwise(now, change.accounts):
        names.add("PaymentProviders")
    return [element.name for element in goal.ELEMENTS if element.name in names]


def in_payment_account(wish: payment_account.PayeeWish, now: Payee) -> list[str]:
    """Of a PaymentAccount."""
    return ["Credentials"] if wish.credentials is not None and wish.credentials != now.readable_credentials else []


def in_webhook_endpoint(wish: webhook_endpoint.EndpointWish, now: WebhookEndpoint) -> list[str]:
    """Of a WebhookEndpoint. The order of the types says nothing."""
    differs = {
        "URL": wish.url != now.url,
        "EventTypes": set(wish.event_types) != set(now.event_types.split()),
        "Format": wish.message_format != now.format,
    }
    return [name for name, is_so in differs.items() if is_so]
