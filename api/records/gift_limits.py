"""What a SavingGoal may say of its gifts: their least and greatest amount, and the amounts that it suggests."""

from typing import Any

from api.records import rules
from api.records.reading import Members, items_of
from goals.models import SavingGoal
from money import text_of
from xml_schemas.reader import Fault

MOST_SUGGESTED = 6


def read_suggested(members: Members, currency: str, faults: list[Fault]) -> list[int]:
    """The amounts, in minor units; empty where there are none."""
    container = members.by_name["SuggestedAmounts"]
    items, amounts = list(items_of(container, "Amount", faults)), []
    for node in items:
        minor = members.read_node(node, rules.amount(currency), name="Amount", number=True)
        if minor is not None:
            amounts.append(minor)
    if len(items) > MOST_SUGGESTED:
        members.fault(container, f"SuggestedAmounts must hold at most {MOST_SUGGESTED} Amounts; it has {len(items)}.")
    return amounts


def check_together(members: Members, values: dict[str, Any], currency: str, stored: SavingGoal | None) -> None:
    """A fault where what is given does not go with the rest, given or stored."""
    least, most = (values.get(key, getattr(stored, key) if stored else None) for key in ("minimum_minor", "maximum_minor"))
    suggested = values.get("suggested_minor", stored.suggested_minor if stored else [])
    named = [name for name in ("MinimumAmount", "MaximumAmount", "SuggestedAmounts") if name in members]
    if not named:
        return
    node = members.by_name[named[-1]]
    if least is not None and most is not None and least > most:
        members.fault(node, "MinimumAmount must not be more than MaximumAmount: no gift could be made.")
    elif any((least is not None and one < least) or (most is not None and one > most) for one in suggested):
        span = [f"at least {text_of(least, currency)}"] if least is not None else []
        span += [f"at most {text_of(most, currency)}"] if most is not None else []
        members.fault(node, f"Each Amount of SuggestedAmounts must be one that can be given: {' and '.join(span)}.")


def require_anew(members: Members, stored: SavingGoal) -> None:
    """Stored amounts would mean something else in another currency: a fault for each that is not given with it."""
    names = {
        "MinimumAmount": stored.minimum_minor,
        "MaximumAmount": stored.maximum_minor,
        "SuggestedAmounts": stored.suggested_minor,
    }
    members.require(*(name for name, value in names.items() if value))
