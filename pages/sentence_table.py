"""THE table of what our pages say of a gift: by status, reason, what is wanted of it, and what happened to the money.

Each row says who did what, what became of the money, and what can be done now. "Charged" is said only of money that was
really taken: what is held is "reserved".
"""

from collections.abc import Callable

from contributions.status import (
    AUTHORIZED,
    CANCELED,
    FAILED,
    PENDING,
    REFUNDED,
    REVERSED,
    SETTLED,
    SUBMITTED,
    Intent,
    Status,
)
from pages.sentence_types import DECLINED, NOT_THE_GIVERS_FAULT, NOT_YET, WITHDRAWN, Gift, Row, Then

HAS_BEEN_WITHDRAWN = "This gift was withdrawn"
DID_NOT_GO_THROUGH = "The payment did not go through"
THANKS = "Thank you, {giver}!"
IS_WITHDRAWN = "{partner} has withdrawn this gift. Nothing was charged."
IS_BEING_RELEASED = "{amount} is still reserved at {provider} and is being released."
THE_REST = "{left} has arrived for {goal}. Thank you, {giver}!"
ANOTHER_CARD = "You can try again, with another card for example."
ASK_PARTNER = "If you would still like to give, please ask {partner}."
BEGIN_ANEW = "To give after all, go back to {partner} and begin anew."
DAYS = "It can take some days until your bank shows it."
NOT_AGAIN = "There is nothing more for you to do: please do not pay again."


def _withdrawn(gift: Gift) -> bool:
    return gift.intent is Intent.RELEASE and gift.reason in WITHDRAWN


def _unwanted(gift: Gift) -> bool:
    return gift.intent is Intent.RELEASE


def _ends(reason: str) -> Callable[[Gift], bool]:
    return lambda gift: gift.reason == reason


def _always(gift: Gift) -> bool:
    return True


def _only(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_UNPAID, _ENDED, _GIVEN_BACK = _only(SUBMITTED, FAILED, CANCELED), _only(FAILED, CANCELED), _only(CANCELED, SETTLED, REFUNDED)

_CALLED_OFF: tuple[Row, ...] = (
    Row(
        "withdrawn, outcome unknown", _only(PENDING), _withdrawn, HAS_BEEN_WITHDRAWN,
        (
            "{partner} has withdrawn this gift.",
            "{provider} has not said yet whether you were charged. If you were, the money is given back to you.",
            NOT_AGAIN,
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, reserved", _only(AUTHORIZED), _withdrawn, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, IS_BEING_RELEASED), Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, charged and given back", _GIVEN_BACK, lambda gift: _withdrawn(gift) and 0 < gift.settled <= gift.refunded,
        HAS_BEEN_WITHDRAWN,
        ("{partner} has withdrawn this gift. {settled} was charged and has been given back to you.", DAYS),
    ),
    Row(
        "withdrawn, charged", _GIVEN_BACK, lambda gift: _withdrawn(gift) and gift.settled > 0, HAS_BEEN_WITHDRAWN,
        ("{partner} has withdrawn this gift. {settled} was charged and is being given back to you.", DAYS), Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, released", _ENDED, lambda gift: _withdrawn(gift) and gift.was_held, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, "{amount} was reserved and has been released.", ASK_PARTNER),
    ),
    Row(
        "withdrawn", _UNPAID, _withdrawn, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, ASK_PARTNER),
    ),
    Row(
        "unwanted, charged and given back", _GIVEN_BACK - {REFUNDED},
        lambda gift: _unwanted(gift) and 0 < gift.settled <= gift.refunded, "This gift was given back",
        ("This gift had been called off. {settled} was charged all the same and has been given back to you.", DAYS),
    ),
    Row(
        "unwanted, charged", _GIVEN_BACK - {REFUNDED}, lambda gift: _unwanted(gift) and gift.settled > 0,
        "This gift is being given back",
        ("This gift had been called off. {settled} was charged all the same and is being given back to you.", DAYS),
        Then.LOOK_AGAIN,
    ),
    Row(
        "goal not reached, reserved", _only(AUTHORIZED), lambda gift: _unwanted(gift) and gift.reason == "goal_not_reached",
        "The goal was not reached",
        ("{goal} did not reach its goal in time. Nothing was charged.", IS_BEING_RELEASED), Then.LOOK_AGAIN,
    ),
    Row(
        "goal not reached", _only(CANCELED), _ends("goal_not_reached"), "The goal was not reached",
        ("{goal} did not reach its goal in time. Nothing was charged.", "{amount} was only reserved and has been released."),
    ),
    Row(
        "called off, reserved", _only(AUTHORIZED), _unwanted, "Your gift is being released",
        (
            "The {amount} that {provider} has reserved for {goal} cannot be charged any more. Nothing was charged.",
            "The reservation is being released.",
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "hold lapsed", _ENDED, _ends("authorization_lapsed"), "The reservation has ended",
        ("{provider} has released the {amount} that was reserved for {goal}. Nothing was charged.", ASK_PARTNER),
    ),
)  # fmt: skip
"""What nobody wants any more: looked through first."""

_WAITING: tuple[Row, ...] = (
    Row(
        "does not match", _only(PENDING), lambda gift: gift.reason.endswith("_mismatch"), "Your gift is being checked",
        (
            "What {provider} says of your gift for {goal} does not fit what was asked for. Somebody is looking into it.",
            "Whether you were charged is not certain. Please do not pay again.",
        ),
    ),
    Row(
        "awaiting bank", _only(PENDING), _ends("awaiting_bank"), THANKS,
        ("{provider} is still confirming your gift for {goal}: your bank takes some days.", NOT_AGAIN), Then.LOOK_AGAIN,
    ),
    Row(
        "payee must accept", _only(PENDING), _ends("payee_must_accept"), THANKS,
        (
            "{provider} is still confirming your gift for {goal}: whoever receives it has to accept it there.",
            "It may take some days. " + NOT_AGAIN,
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "outcome unknown", _only(PENDING), _always, THANKS,
        ("{provider} is still confirming your gift for {goal}. Whether you were charged is not known yet.", NOT_AGAIN),
        Then.LOOK_AGAIN,
    ),
    Row(
        "in review", _UNPAID, lambda gift: gift.in_review and not gift.told, THANKS,
        ("{provider} is still confirming your gift for {goal}. Whether you were charged is not known yet.", NOT_AGAIN),
        Then.LOOK_AGAIN,
    ),
    Row(
        "not confirmed", _UNPAID, lambda gift: gift.told in NOT_YET, "Not confirmed yet",
        (
            "{provider} has not confirmed yet that you agreed to your gift for {goal}. Nothing was charged so far.",
            "If you have agreed there, please wait a little and look again: your gift is not lost, even if you close this "
            "page. If you have not, you can still go on.",
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "declined, still open", _UNPAID, lambda gift: bool(gift.told) and gift.may_be_paid, DID_NOT_GO_THROUGH,
        ("{provider} declined the payment for {goal}. Nothing was charged.", ANOTHER_CARD), Then.TRY_AGAIN,
    ),
)  # fmt: skip

_HELD: tuple[Row, ...] = (
    Row(
        "being charged", _only(AUTHORIZED), lambda gift: gift.intent is Intent.CAPTURE, THANKS,
        ("Your gift for {goal} is reserved at {provider}: {amount}. It is being charged now.",), Then.LOOK_AGAIN,
    ),
    Row(
        "reserved until the goal is reached", _only(AUTHORIZED), lambda gift: gift.on_goal_reached, THANKS,
        (
            "Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged.",
            "It is charged only if the goal is reached. Otherwise it is released, and you pay nothing.",
        ),
    ),
    Row(
        "reserved until the partner takes it", _only(AUTHORIZED), lambda gift: gift.manual, THANKS,
        (
            "Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged.",
            "It is charged only when {partner} accepts it. Otherwise it is released, and you pay nothing.",
        ),
    ),
    Row(
        "reserved", _only(AUTHORIZED), _always, THANKS,
        ("Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged yet.",),
    ),
)  # fmt: skip

TAKEN: tuple[Row, ...] = (
    Row(
        "part given back, part taken back", _only(SETTLED, REVERSED), lambda gift: gift.refunded > 0 and gift.reversed > 0,
        "Your gift went back",
        (
            "You were charged {settled} for {goal}. {refunded} was given back to you, and {reversed} was taken back for you "
            "through {provider} after a dispute.",
            "{left} is left with {goal}.",
        ),
    ),
    Row(
        "taken back", _only(REVERSED), _always, "Your gift was taken back",
        (
            "You were charged {settled} for {goal}. After a dispute {reversed} was taken back for you through {provider}.",
            "It does not count for {goal} any more.",
        ),
    ),
    Row(
        "part taken back", _only(SETTLED), lambda gift: gift.reversed > 0, "Part of your gift was taken back",
        (
            "You were charged {settled} for {goal}. After a dispute {reversed} was taken back for you through {provider}.",
            "{left} is left with {goal}.",
        ),
    ),
    Row(
        "given back by the partner", _only(REFUNDED), lambda gift: gift.given_back_by_partner, "Your gift was given back",
        ("{partner} has given your gift for {goal} back to you: {refunded} of {settled}.", DAYS),
    ),
    Row(
        "given back", _only(REFUNDED), _always, "Your gift was given back",
        ("{provider} has returned your gift for {goal}: {refunded} of {settled} was given back to you.", DAYS),
    ),
    Row(
        "part given back by the partner", _only(SETTLED), lambda gift: gift.refunded > 0 and gift.given_back_by_partner,
        "Part of your gift was given back",
        ("{partner} has given {refunded} of your {settled} back to you.", THE_REST, DAYS),
    ),
    Row(
        "part given back", _only(SETTLED), lambda gift: gift.refunded > 0, "Part of your gift was given back",
        ("{refunded} of your {settled} was given back to you.", THE_REST, DAYS),
    ),
    Row(
        "another sum taken", _only(SETTLED), lambda gift: gift.settled != gift.amount, THANKS,
        ("Your gift for {goal} has arrived.", "You were charged {settled}, not {amount}."),
    ),
    Row(
        "arrived", _only(SETTLED), _always, THANKS,
        ("Your gift for {goal} has arrived.", "You were charged {settled}."),
    ),
)  # fmt: skip

_UNPAID_ROWS: tuple[Row, ...] = (
    Row(
        "failed, was reserved", _only(FAILED), lambda gift: gift.was_held, DID_NOT_GO_THROUGH,
        (
            "{provider} did not charge the {amount} that was reserved for {goal}, and releases it. Nothing was charged.",
            ASK_PARTNER,
        ),
    ),
    Row(
        "let go by the provider", _only(CANCELED), lambda gift: gift.was_held, "The reservation has ended",
        ("{provider} has released the {amount} that was reserved for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "over", _UNPAID, lambda gift: gift.is_over, "The time for this gift is over",
        ("Your gift for {goal} was not paid in time. Nothing was charged.", BEGIN_ANEW),
    ),
    Row(
        "declined", _only(FAILED), lambda gift: gift.reason in DECLINED, DID_NOT_GO_THROUGH,
        ("{provider} declined the payment for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "checkout expired", _only(FAILED), _ends("checkout_expired"), DID_NOT_GO_THROUGH,
        ("The payment for {goal} was not finished in time. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "not the giver's fault", _only(FAILED), lambda gift: gift.reason in NOT_THE_GIVERS_FAULT, DID_NOT_GO_THROUGH,
        (
            "{provider} could not take your gift for {goal}. Nothing was charged.",
            "It is nothing that you did. If it happens again, please tell {partner}.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "failed", _only(FAILED), _always, DID_NOT_GO_THROUGH,
        ("The payment for {goal} did not go through. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "cancelled by the giver", _only(CANCELED), _ends("giver_cancelled"), "You cancelled",
        ("You cancelled your gift for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "cancelled", _only(CANCELED), _always, "This gift was cancelled",
        ("Your gift for {goal} was cancelled at {provider}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "waiting at the provider", _only(SUBMITTED), lambda gift: bool(gift.provider), "Not paid yet",
        ("Your gift for {goal} is waiting at {provider}. Nothing was charged yet.",), Then.GO_ON,
    ),
    Row(
        "waiting for a choice", _only(SUBMITTED), _always, "Not paid yet",
        ("Your gift for {goal} is waiting for you to choose how to pay. Nothing was charged yet.",), Then.GO_ON,
    ),
)  # fmt: skip

TABLE: tuple[Row, ...] = _CALLED_OFF + _WAITING + _HELD + TAKEN + _UNPAID_ROWS
"""The first row that fits counts. Every gift has one."""
