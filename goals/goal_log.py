"""What the audit log tells of goals: to whom they are paid, and where their givers are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goals.models import PaymentAccount, SavingGoal
from partners import audit_log

_URLS = {"confirmation_url": "ConfirmationURL", "cancel_url": "CancelURL"}


@dataclass(frozen=True)
class PaidOtherwise:
    """The accounts that a change of a goal has retired, and those that it has made."""

    retired: Sequence[PaymentAccount]
    made: Sequence[PaymentAccount]


def tell_made(goal: SavingGoal, paid: PaidOtherwise) -> None:
    """A goal was made. To be called in its transaction."""
    after = {printed: getattr(goal, name) for name, printed in _URLS.items() if getattr(goal, name)}
    audit_log.record("goal.made", goal.public_id, partner_id=goal.partner_id, after=after | _paid(paid.made))


def tell_changed(goal: SavingGoal, values: Mapping[str, Any], paid: PaidOtherwise | None) -> None:
    """`goal`, as it was read, has got these values and accounts. Nothing is told where neither an address nor an account
    is another one. To be called in the transaction of the change."""
    moved = [name for name in _URLS if values.get(name, getattr(goal, name)) != getattr(goal, name)]
    before: dict[str, Any] = {_URLS[name]: getattr(goal, name) for name in moved}
    after: dict[str, Any] = {_URLS[name]: values[name] for name in moved}
    if paid and (paid.retired or paid.made):
        before, after = before | _paid(paid.retired), after | _paid(paid.made)
    if before or after:
        audit_log.record("goal.changed", goal.public_id, partner_id=goal.partner_id, before=before, after=after)


def _paid(accounts: Sequence[PaymentAccount]) -> dict[str, Any]:
    return {"PaymentProviders": {account.provider: _named(account) for account in accounts}}


def _named(account: PaymentAccount) -> str:
    """The kept payee by its id, and by what is stored with the goal alone, its fingerprint."""
    fingerprint = audit_log.fingerprint(account.readable_credentials)
    return f"{account.payee.public_id} {fingerprint}".strip() if account.payee else fingerprint
