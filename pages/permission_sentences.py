"""THE table of what our pages say of a standing permission: by its state, and why it came to it.

Pure: no Django, no clock, no database. Strangers' text stands isolated in the sentences, as in sentences.py.
"""

from dataclasses import dataclass

from givers.states import ACTIVE, EXPIRED, REQUESTED, REVOKED, PermissionState
from money import text_of
from pages.sentence_types import Then
from web.strangers import isolated


@dataclass(frozen=True)
class Agreement:
    """What the sentences depend on. Sums are in minor units of `currency`."""

    state: PermissionState
    reason: str
    partner: str
    provider: str
    currency: str
    maximum: int
    total: int | None
    used: int
    until: str = ""
    """Its last day or moment, in words; empty where it has none."""
    was_agreed: bool = False
    came_back: bool = False
    """The giver has just come from the provider's page."""


@dataclass(frozen=True)
class Row:
    """`reasons`: those that it is for; none: all that no other row of the state is for."""

    state: PermissionState
    heading: str
    sentences: tuple[str, ...]
    reasons: frozenset[str] = frozenset()
    then: Then = Then.NOTHING
    came_back: bool = False


@dataclass(frozen=True)
class Said:
    """What a page says."""

    heading: str
    sentences: tuple[str, ...]
    then: Then


_NOTHING_WAS_TAKEN = "Nothing was charged."
_NO_MORE = "No further gift is taken under it. Gifts that you have given already stay as they are."
_LIMITS = "{partner} may take gifts of up to {maximum} each from you, without asking you at {provider} each time."
_ASK_ANEW = "If you would still like to, go back to {partner} and begin anew."
_IS_OVER = "This permission is over"

TABLE: tuple[Row, ...] = (
    Row(
        REQUESTED, "One moment, please",
        ("{provider} has not confirmed yet that you agreed.", "There is nothing more for you to do here."),
        then=Then.LOOK_AGAIN, came_back=True,
    ),
    Row(
        REQUESTED, "You have not agreed yet",
        (
            "{partner} asks you to agree at {provider}, once, to gifts of up to {maximum} each.",
            "Nothing is charged before you give something.",
        ),
        then=Then.GO_ON,
    ),
    Row(ACTIVE, "You have agreed", (_LIMITS, "You can take this back at any time.")),
    Row(REVOKED, _IS_OVER, ("You have taken this permission back.", _NO_MORE), frozenset({"giver_revoked"})),
    Row(REVOKED, _IS_OVER, ("{partner} has taken this permission back.", _NO_MORE), frozenset({"client_revoked"})),
    Row(REVOKED, _IS_OVER, ("This permission was taken back at {provider}.", _NO_MORE), frozenset({"revoked_at_provider"})),
    Row(REVOKED, _IS_OVER, ("{partner} does not know you any more.", _NO_MORE), frozenset({"giver_erased"})),
    Row(REVOKED, "This was not agreed to", ("{provider} did not take your agreement.", _NOTHING_WAS_TAKEN, _ASK_ANEW)),
    Row(EXPIRED, _IS_OVER, ("You did not agree in time.", _NOTHING_WAS_TAKEN, _ASK_ANEW), frozenset({"not_agreed"})),
    Row(EXPIRED, _IS_OVER, ("This permission has ended.", _NO_MORE)),
)  # fmt: skip
"""The first row that fits is said."""


def said_of(agreement: Agreement) -> Said:
    """What a page says of the permission."""
    row = next(one for one in TABLE if _fits(one, agreement))
    sentences = row.sentences
    if row.state is ACTIVE:
        sentences = (sentences[0], *_further_limits(agreement), *sentences[1:])
    words = _words(agreement)
    return Said(row.heading, tuple(one.format(**words) for one in sentences), row.then)


def _fits(row: Row, agreement: Agreement) -> bool:
    if row.state is not agreement.state or (row.reasons and agreement.reason not in row.reasons):
        return False
    return agreement.came_back or not row.came_back


def _further_limits(agreement: Agreement) -> list[str]:
    limits = []
    if agreement.total is not None:
        limits.append("Together they are {total} at most, of which {used} is used.")
    if agreement.until:
        limits.append("It ends on {until}.")
    return limits


def _words(agreement: Agreement) -> dict[str, str]:
    sums = {"maximum": agreement.maximum, "total": agreement.total or 0, "used": agreement.used}
    return {name: f"{text_of(minor, agreement.currency)} {agreement.currency}" for name, minor in sums.items()} | {
        "partner": isolated(agreement.partner),
        "provider": agreement.provider,
        "until": agreement.until,
    }
