"""What a giver's private page says of a pledge. Pure: no Django, no clock, no database.

Strangers' text stands isolated in the sentences, as in sentences.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pledges.schedule import Every
from pledges.states import ENDED, PAUSED, PledgeState
from web.strangers import isolated


@dataclass(frozen=True)
class Pledged:
    """What the sentences depend on; sums and days are in words."""

    state: PledgeState
    reason: str
    partner: str
    goal: str
    amount: str
    every: Every
    next_day: str = ""
    """Of the next gift, or try; empty while one is on its way."""
    last_day: str = ""
    """Empty: until the goal is reached."""
    has_failed: bool = False
    """The next try is of a gift that has failed."""


EACH: Mapping[Every, str] = MappingProxyType({Every.WEEK: "every week", Every.MONTH: "every month"})

PAUSED_BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "client_paused": "{partner} has paused it.",
        "instrument_declined": "Your card or account was declined several times, so nothing more is tried.",
        "authentication_required": "Your bank wants you to confirm each payment, which nobody can do in your place.",
        "permission_used_up": "What you have agreed to does not cover another gift.",
    }
)
PAUSED_OTHERWISE = "A gift came to nothing several times, so nothing more is tried."

ENDED_BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "giver_ended": "You have ended it.",
        "client_ended": "{partner} has ended it.",
        "goal_reached": "{goal} is reached.",
        "goal_closed": "{goal} takes no gifts any more.",
        "goal_ended": "{goal} takes no gifts any more.",
        "goal_deleted": "{partner} does not collect for this any more.",
        "permission_revoked": "What you had agreed to was taken back.",
        "permission_expired": "What you had agreed to has ended.",
        "end_date": "Its last day is over.",
    }
)


def sentences_of(pledged: Pledged) -> list[str]:
    """What there is to say, for web.strangers.as_html."""
    words = {"partner": isolated(pledged.partner), "goal": isolated(pledged.goal), "amount": pledged.amount}
    said = ["{amount} " + EACH[pledged.every] + " for {goal}, " + _until(pledged) + ".", *_now(pledged)]
    return [one.format(**words) for one in said]


def _until(pledged: Pledged) -> str:
    return f"until {pledged.last_day}" if pledged.last_day else "until it is reached"


def _now(pledged: Pledged) -> list[str]:
    if pledged.state is ENDED:
        return [ENDED_BECAUSE.get(pledged.reason, "It has ended."), "No further gift is taken."]
    if pledged.state is PAUSED:
        return ["It is paused.", PAUSED_BECAUSE.get(pledged.reason, PAUSED_OTHERWISE), "No gift is taken meanwhile."]
    if not pledged.next_day:
        return ["A gift is on its way."]
    if pledged.has_failed:
        return [f"The last gift could not be taken. It is tried again on {pledged.next_day}."]
    return [f"The next gift is taken on {pledged.next_day}."]
