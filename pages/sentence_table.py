"""THE table of what our pages say of a gift: by status, reason, what is wanted of it, and what happened to the money.

Each row says who did what, what became of the money, and what can be done now. "Charged" is said only of money that was
really taken: what is held is "reserved".
"""

from contributions.status import AUTHORIZED, CANCELED, FAILED, PENDING, REFUNDED, SETTLED, SUBMITTED, Intent
from pages.sentence_parts import (
    ANOTHER_CARD,
    ASK_PARTNER,
    BEGIN_ANEW,
    DAYS,
    DID_NOT_GO_THROUGH,
    HAS_BEEN_WITHDRAWN,
    IS_BEING_RELEASED,
    IS_WITHDRAWN,
    NOT_AGAIN,
    THANKS,
    always,
    ends,
    is_unwanted,
    is_withdrawn,
    only,
)
from pages.sentence_types import DECLINED, NOT_THE_GIVERS_FAULT, NOT_YET, THE_AMOUNT, NoRoom, Row, Then
from pages.sentences_of_taken import TAKEN

_UNPAID, _ENDED, _GIVEN_BACK = only(SUBMITTED, FAILED, CANCELED), only(FAILED, CANCELED), only(CANCELED, SETTLED, REFUNDED)

_CALLED_OFF: tuple[Row, ...] = (
    Row(
        "withdrawn, outcome unknown", only(PENDING), is_withdrawn, HAS_BEEN_WITHDRAWN,
        (
            "{partner} has withdrawn this gift.",
            "{provider} has not said yet whether you were charged. If you were, the money is given back to you.",
            NOT_AGAIN,
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, reserved", only(AUTHORIZED), is_withdrawn, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, IS_BEING_RELEASED), Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, given back by hand", only(REFUNDED), lambda gift: is_withdrawn(gift) and gift.by_hand, HAS_BEEN_WITHDRAWN,
        ("{partner} has withdrawn this gift, and has noted that it was given back: {refunded} of {settled}.",),
    ),
    Row(
        "withdrawn, charged and given back", _GIVEN_BACK, lambda gift: is_withdrawn(gift) and 0 < gift.settled <= gift.refunded,
        HAS_BEEN_WITHDRAWN,
        ("{partner} has withdrawn this gift. {settled} was charged and has been given back to you.", DAYS),
    ),
    Row(
        "withdrawn, charged", _GIVEN_BACK, lambda gift: is_withdrawn(gift) and gift.settled > 0, HAS_BEEN_WITHDRAWN,
        ("{partner} has withdrawn this gift. {settled} was charged and is being given back to you.", DAYS), Then.LOOK_AGAIN,
    ),
    Row(
        "withdrawn, released", _ENDED, lambda gift: is_withdrawn(gift) and gift.was_held, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, "{amount} was reserved and has been released.", ASK_PARTNER),
    ),
    Row(
        "withdrawn", _UNPAID, is_withdrawn, HAS_BEEN_WITHDRAWN,
        (IS_WITHDRAWN, ASK_PARTNER),
    ),
    Row(
        "unwanted, charged and given back", _GIVEN_BACK - {REFUNDED},
        lambda gift: is_unwanted(gift) and 0 < gift.settled <= gift.refunded, "This gift was given back",
        ("This gift had been called off. {settled} was charged all the same and has been given back to you.", DAYS),
    ),
    Row(
        "unwanted, charged", _GIVEN_BACK - {REFUNDED}, lambda gift: is_unwanted(gift) and gift.settled > 0,
        "This gift is being given back",
        ("This gift had been called off. {settled} was charged all the same and is being given back to you.", DAYS),
        Then.LOOK_AGAIN,
    ),
    Row(
        "goal not reached, reserved", only(AUTHORIZED), lambda gift: is_unwanted(gift) and gift.reason == "goal_not_reached",
        "The goal was not reached",
        ("{goal} did not reach its goal in time. Nothing was charged.", IS_BEING_RELEASED), Then.LOOK_AGAIN,
    ),
    Row(
        "goal not reached", only(CANCELED), ends("goal_not_reached"), "The goal was not reached",
        ("{goal} did not reach its goal in time. Nothing was charged.", "{amount} was only reserved and has been released."),
    ),
    Row(
        "no room any more", only(CANCELED, FAILED), lambda gift: is_unwanted(gift) and gift.reason == "goal_is_full",
        "There was no room any more",
        (
            "When you agreed, others had given or reserved what was still missing for {goal}.",
            "Your gift of {amount} was not taken, and nothing was charged. Thank you all the same, {giver}!",
        ),
    ),
    Row(
        "called off, reserved", only(AUTHORIZED), is_unwanted, "Your gift is being released",
        (
            "The {amount} that {provider} has reserved for {goal} cannot be charged any more. Nothing was charged.",
            "The reservation is being released.",
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "hold lapsed", _ENDED, ends("authorization_lapsed"), "The reservation has ended",
        ("{provider} has released the {amount} that was reserved for {goal}. Nothing was charged.", ASK_PARTNER),
    ),
)  # fmt: skip
"""What nobody wants any more: looked through first."""

_WAITING: tuple[Row, ...] = (
    Row(
        "does not match", only(PENDING), lambda gift: gift.reason.endswith("_mismatch"), "Your gift is being checked",
        (
            "What {provider} says of your gift for {goal} does not fit what was asked for. Somebody is looking into it.",
            "Whether you were charged is not certain. Please do not pay again.",
        ),
    ),
    Row(
        "awaiting bank", only(PENDING), ends("awaiting_bank"), THANKS,
        ("{provider} is still confirming your gift for {goal}: your bank takes some days.", NOT_AGAIN), Then.LOOK_AGAIN,
    ),
    Row(
        "payee must accept", only(PENDING), ends("payee_must_accept"), THANKS,
        (
            "{provider} is still confirming your gift for {goal}: whoever receives it has to accept it there.",
            "It may take some days. " + NOT_AGAIN,
        ),
        Then.LOOK_AGAIN,
    ),
    Row(
        "outcome unknown", only(PENDING), always, THANKS,
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
        "being charged", only(AUTHORIZED), lambda gift: gift.intent is Intent.CAPTURE, THANKS,
        ("Your gift for {goal} is reserved at {provider}: {amount}. It is being charged now.",), Then.LOOK_AGAIN,
    ),
    Row(
        "reserved until the goal is reached", only(AUTHORIZED), lambda gift: gift.on_goal_reached, THANKS,
        (
            "Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged.",
            "It is charged only if the goal is reached. Otherwise it is released, and you pay nothing.",
        ),
    ),
    Row(
        "reserved until the partner takes it", only(AUTHORIZED), lambda gift: gift.manual, THANKS,
        (
            "Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged.",
            "It is charged only when {partner} accepts it. Otherwise it is released, and you pay nothing.",
        ),
    ),
    Row(
        "reserved", only(AUTHORIZED), always, THANKS,
        ("Your gift for {goal} is reserved at {provider}: {amount}. You have not been charged yet.",),
    ),
)  # fmt: skip

_UNPAID_ROWS: tuple[Row, ...] = (
    Row(
        "failed, was reserved", only(FAILED), lambda gift: gift.was_held, DID_NOT_GO_THROUGH,
        (
            "{provider} did not charge the {amount} that was reserved for {goal}, and releases it. Nothing was charged.",
            ASK_PARTNER,
        ),
    ),
    Row(
        "let go by the provider", only(CANCELED), lambda gift: gift.was_held, "The reservation has ended",
        ("{provider} has released the {amount} that was reserved for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "over", _UNPAID, lambda gift: gift.is_over, "The time for this gift is over",
        ("Your gift for {goal} was not paid in time. Nothing was charged.", BEGIN_ANEW),
    ),
    Row(
        "all of it held for others", _UNPAID, lambda gift: gift.no_room is NoRoom.HELD, "All that is missing is promised",
        (
            "What is still missing for {goal} has been promised by others, and is not taken yet. Nothing was charged to you.",
            "If that comes to nothing, you can try again.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "goal reached", _UNPAID, lambda gift: gift.no_room is NoRoom.FULL and not gift.missing, "The goal is reached",
        ("{goal} has been given all that it needs, and takes no more. Nothing was charged.",),
    ),
    Row(
        "larger than what is missing", _UNPAID, lambda gift: gift.no_room is NoRoom.FULL, "Only {missing} is missing",
        (
            "Your gift of {amount} is more than what is still missing for {goal}: {missing}. Nothing was charged.",
            BEGIN_ANEW,
        ),
    ),
    Row(
        "reserved for others", _UNPAID, lambda gift: gift.no_room is NoRoom.RESERVED and bool(gift.reserved_until),
        "Others are giving just now",
        (
            "What is still missing for {goal} is reserved for others who are paying at this moment. Nothing was charged.",
            "What they do not pay is free again at {reserved_until}, or soon after. Then you can try again.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "given by others, outcome unknown", _UNPAID, lambda gift: gift.no_room is NoRoom.RESERVED,
        "Others are giving just now",
        (
            "What is still missing for {goal} has been given by others, and is being confirmed. Nothing was charged to you.",
            "If that comes to nothing, you can try again.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "declined", only(FAILED), lambda gift: gift.reason in DECLINED, DID_NOT_GO_THROUGH,
        ("{provider} declined the payment for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "checkout expired", only(FAILED), ends("checkout_expired"), DID_NOT_GO_THROUGH,
        ("The payment for {goal} was not finished in time. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "the amount", only(FAILED), lambda gift: gift.reason in THE_AMOUNT, DID_NOT_GO_THROUGH,
        (
            "{provider} does not take a gift of {amount}. Nothing was charged.",
            "Try another way to pay, where there is one, or another amount at {partner}.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "not the giver's fault", only(FAILED), lambda gift: gift.reason in NOT_THE_GIVERS_FAULT, DID_NOT_GO_THROUGH,
        (
            "{provider} could not take your gift for {goal}. Nothing was charged.",
            "It is nothing that you did. If it happens again, please tell {partner}.",
        ),
        Then.TRY_AGAIN,
    ),
    Row(
        "failed", only(FAILED), always, DID_NOT_GO_THROUGH,
        ("The payment for {goal} did not go through. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "cancelled by the giver", only(CANCELED), ends("giver_cancelled"), "You cancelled",
        ("You cancelled your gift for {goal}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "cancelled", only(CANCELED), always, "This gift was cancelled",
        ("Your gift for {goal} was cancelled at {provider}. Nothing was charged.",), Then.TRY_AGAIN,
    ),
    Row(
        "waiting at the provider", only(SUBMITTED), lambda gift: bool(gift.provider), "Not paid yet",
        ("Your gift for {goal} is waiting at {provider}. Nothing was charged yet.",), Then.GO_ON,
    ),
    Row(
        "waiting for a choice", only(SUBMITTED), always, "Not paid yet",
        ("Your gift for {goal} is waiting for you to choose how to pay. Nothing was charged yet.",), Then.GO_ON,
    ),
)  # fmt: skip

TABLE: tuple[Row, ...] = _CALLED_OFF + _WAITING + _HELD + TAKEN + _UNPAID_ROWS
"""The first row that fits counts. Every gift has one."""
