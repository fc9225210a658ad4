"""What mails to givers say, in plain text. Pure: no Django, no clock, no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pledges.schedule import Every

LONGEST_SUBJECT = 120


@dataclass(frozen=True)
class Facts:
    """What a mail is made of; sums and days are in words, the days the giver's own."""

    partner: str
    goal: str
    amount: str
    every: Every
    giver_url: str
    name: str = ""
    next_day: str = ""
    """Of the first gift, or of the next try; empty: nothing more is tried."""
    reason: str = ""
    pay_url: str = ""
    """Where the giver can pay the gift that has failed; empty: nowhere."""
    is_test: bool = False


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "instrument_declined": "Your card or account was declined.",
        "authentication_required": "Your bank wants you to confirm the payment yourself.",
        "permission_used_up": "What you have agreed to does not cover another gift.",
    }
)
"""By the reason; any other is left out."""

_EACH = {Every.WEEK: "every week", Every.MONTH: "every month"}


def of_first(facts: Facts) -> Text:
    """Before the first gift."""
    return _text(
        facts,
        f"Your gifts for {one_line(facts.goal)} begin on {facts.next_day}",
        f"You have pledged {facts.amount} {_EACH[facts.every]} for {one_line(facts.goal)}, at {one_line(facts.partner)}.",
        f"The first gift is taken on {facts.next_day}. There is nothing for you to do.",
    )


def of_failure(facts: Facts) -> Text:
    """After a gift that could not be taken."""
    then = (
        f"It is tried again on {facts.next_day}."
        if facts.next_day
        else "Nothing more is tried: your pledge is paused, and no gift is taken meanwhile."
    )
    pay = [f"You can also pay it yourself:\n{facts.pay_url}"] if facts.pay_url else []
    return _text(
        facts,
        f"Your gift for {one_line(facts.goal)} could not be taken",
        f"Your gift of {facts.amount} for {one_line(facts.goal)}, at {one_line(facts.partner)}, could not be taken. "
        f"{BECAUSE.get(facts.reason, '')}".strip(),
        then,
        *pay,
    )


def _text(facts: Facts, subject: str, *paragraphs: str) -> Text:
    hello = f"Hello {one_line(facts.name)}," if facts.name else "Hello,"
    stop = (
        f"You can see your pledge, and end it at any time, here:\n{facts.giver_url}\n"
        "The link is for you alone: please do not pass it on."
    )
    test = "[Test] " if facts.is_test else ""
    body = "\n\n".join([hello, *paragraphs, stop, one_line(facts.partner)])
    return Text((test + subject)[:LONGEST_SUBJECT], body + "\n")


def one_line(text: str) -> str:
    """Strangers' text without line breaks or invisible characters: it can add neither a header nor a paragraph."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
