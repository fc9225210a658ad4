"""The table of sentences, row by row: who did what, what happened to the money, what can be done now."""

from dataclasses import replace

import pytest

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
from pages.sentence_table import TABLE
from pages.sentence_types import Gift, NoRoom, Then
from pages.sentences import said_of

pytestmark = pytest.mark.no_database

PLAIN = Gift(SUBMITTED, "Anna's Shop", "a bicycle", "Uncle Bob", 5000, "USD", provider="PayPal", may_be_paid=True)
OFF = {"intent": Intent.RELEASE, "may_be_paid": False}
GONE = OFF | {"reason": "client_deleted"}
MISSED = OFF | {"reason": "goal_not_reached", "was_held": True}
TOOK = {"settled": 5000}

STATES = [
    # row, the gift, what is said, what can be done
    ("withdrawn, outcome unknown", PENDING, GONE, "has withdrawn this gift. PayPal has not said yet whether", Then.LOOK_AGAIN),
    ("withdrawn, reserved", AUTHORIZED, GONE, "Nothing was charged. 50.00 USD is still reserved at PayPal", Then.LOOK_AGAIN),
    (
        "withdrawn, charged and given back",
        CANCELED,
        GONE | TOOK | {"refunded": 5000},
        "Anna's Shop has withdrawn this gift. 50.00 USD was charged and has been given back to you.",
        Then.NOTHING,
    ),
    (
        "withdrawn, charged",
        CANCELED,
        GONE | TOOK,
        "Anna's Shop has withdrawn this gift. 50.00 USD was charged and is being given back to you.",
        Then.LOOK_AGAIN,
    ),
    (
        "withdrawn, given back by hand",
        REFUNDED,
        GONE | TOOK | {"refunded": 5000, "by_hand": True},
        "Anna's Shop has withdrawn this gift, and has noted that it was given back: 50.00 USD of 50.00 USD.",
        Then.NOTHING,
    ),
    ("withdrawn, released", CANCELED, GONE | {"was_held": True}, "50.00 USD was reserved and has been released.", Then.NOTHING),
    ("withdrawn", CANCELED, GONE, "Anna's Shop has withdrawn this gift. Nothing was charged.", Then.NOTHING),
    ("withdrawn", SUBMITTED, GONE | {"reason": "goal_deleted"}, "has withdrawn this gift. Nothing was charged.", Then.NOTHING),
    ("withdrawn", FAILED, GONE | {"is_over": True}, "has withdrawn this gift. Nothing was charged.", Then.NOTHING),
    (
        "unwanted, charged and given back",
        CANCELED,
        MISSED | TOOK | {"refunded": 5000},
        "50.00 USD was charged all the same and has been given back to you.",
        Then.NOTHING,
    ),
    ("unwanted, charged", SETTLED, MISSED | TOOK, "charged all the same and is being given back to you.", Then.LOOK_AGAIN),
    (
        "goal not reached, reserved",
        AUTHORIZED,
        MISSED,
        "a bicycle did not reach its goal in time. Nothing was",
        Then.LOOK_AGAIN,
    ),
    ("goal not reached", CANCELED, MISSED, "50.00 USD was only reserved and has been released.", Then.NOTHING),
    (
        "called off, reserved",
        AUTHORIZED,
        OFF | {"reason": "authorization_lapsed"},
        "cannot be charged any more",
        Then.LOOK_AGAIN,
    ),
    (
        "no room any more",
        CANCELED,
        OFF | {"reason": "goal_is_full"},
        "Your gift of 50.00 USD was not taken, and nothing was charged.",
        Then.NOTHING,
    ),
    ("all of it held for others", FAILED, {"no_room": NoRoom.HELD}, "promised by others", Then.TRY_AGAIN),
    ("goal reached", FAILED, {"no_room": NoRoom.FULL, "reason": "payment_declined"}, "takes no more. Nothing", Then.NOTHING),
    (
        "larger than what is missing",
        SUBMITTED,
        {"no_room": NoRoom.FULL, "missing": 1000},
        "Your gift of 50.00 USD is more than what is still missing for a bicycle: 10.00 USD. Nothing was charged.",
        Then.NOTHING,
    ),
    (
        "reserved for others",
        CANCELED,
        {"no_room": NoRoom.RESERVED, "reserved_until": "12:31 UTC", "reason": "giver_cancelled"},
        "What they do not pay is free again at 12:31 UTC, or soon after.",
        Then.TRY_AGAIN,
    ),
    (
        "given by others, outcome unknown",
        SUBMITTED,
        {"no_room": NoRoom.RESERVED},
        "has been given by others, and is being confirmed. Nothing was charged to you.",
        Then.TRY_AGAIN,
    ),
    ("hold lapsed", CANCELED, OFF | {"reason": "authorization_lapsed", "was_held": True}, "PayPal has released", Then.NOTHING),
    ("does not match", PENDING, {"reason": "amount_mismatch"}, "Somebody is looking into it.", Then.NOTHING),
    ("awaiting bank", PENDING, {"reason": "awaiting_bank"}, "your bank takes some days", Then.LOOK_AGAIN),
    ("payee must accept", PENDING, {"reason": "payee_must_accept"}, "whoever receives it has to accept it", Then.LOOK_AGAIN),
    ("outcome unknown", PENDING, {}, "PayPal is still confirming your gift for a bicycle. Whether you were", Then.LOOK_AGAIN),
    ("outcome unknown", PENDING, {"reason": "provider_unreachable"}, "please do not pay again", Then.LOOK_AGAIN),
    ("in review", SUBMITTED, {"in_review": True}, "PayPal is still confirming your gift", Then.LOOK_AGAIN),
    ("not confirmed", SUBMITTED, {"told": "open"}, "has not confirmed yet that you agreed", Then.LOOK_AGAIN),
    ("not confirmed", CANCELED, {"told": "not_approved"}, "Nothing was charged so far.", Then.LOOK_AGAIN),
    ("declined, still open", SUBMITTED, {"told": "instrument_declined"}, "PayPal declined the payment for a", Then.TRY_AGAIN),
    ("being charged", AUTHORIZED, {"intent": Intent.CAPTURE, "manual": True}, "It is being charged now.", Then.LOOK_AGAIN),
    (
        "reserved until the goal is reached",
        AUTHORIZED,
        {"on_goal_reached": True},
        "50.00 USD. You have not been charged. It is charged only if the goal is reached. Otherwise it is released",
        Then.NOTHING,
    ),
    (
        "reserved until the partner takes it",
        AUTHORIZED,
        {"manual": True},
        "charged only when Anna's Shop accepts it",
        Then.NOTHING,
    ),
    ("reserved", AUTHORIZED, {}, "reserved at PayPal: 50.00 USD. You have not been charged yet.", Then.NOTHING),
    (
        "given back by hand",
        REFUNDED,
        TOOK | {"refunded": 5000, "by_hand": True, "given_back_by_partner": True},
        "Anna's Shop has noted that your gift for a bicycle was given back: 50.00 USD of 50.00 USD.",
        Then.NOTHING,
    ),
    (
        "part given back by hand",
        SETTLED,
        TOOK | {"refunded": 3000, "by_hand": True},
        "Anna's Shop has noted that 30.00 USD of your 50.00 USD was given back. 20.00 USD has arrived for a bicycle.",
        Then.NOTHING,
    ),
    ("arrived by hand", SETTLED, TOOK | {"by_hand": True}, "Your gift for a bicycle has arrived: 50.00 USD.", Then.NOTHING),
    (
        "part given back, part taken back",
        SETTLED,
        TOOK | {"refunded": 800, "reversed": 1200},
        "8.00 USD was given back to you, and 12.00 USD was taken back for you through PayPal after a dispute. 30.00 USD is",
        Then.NOTHING,
    ),
    (
        "part given back, part taken back",
        REVERSED,
        TOOK | {"refunded": 800, "reversed": 4200},
        "0.00 USD is left",
        Then.NOTHING,
    ),
    ("taken back", REVERSED, TOOK | {"reversed": 5000}, "After a dispute 50.00 USD was taken back for you", Then.NOTHING),
    (
        "part taken back",
        SETTLED,
        TOOK | {"reversed": 500},
        "5.00 USD was taken back for you through PayPal. 45.00",
        Then.NOTHING,
    ),
    (
        "given back by the partner",
        REFUNDED,
        TOOK | {"refunded": 5000, "given_back_by_partner": True},
        "Anna's Shop has given your gift for a bicycle back to you: 50.00 USD of 50.00 USD.",
        Then.NOTHING,
    ),
    ("given back", REFUNDED, TOOK | {"refunded": 5000}, "PayPal has returned your gift for a bicycle: 50.00 USD", Then.NOTHING),
    (
        "part given back by the partner",
        SETTLED,
        TOOK | {"refunded": 3000, "given_back_by_partner": True},
        "Anna's Shop has given 30.00 USD of your 50.00 USD back to you. 20.00 USD has arrived for a bicycle.",
        Then.NOTHING,
    ),
    ("part given back", SETTLED, TOOK | {"refunded": 3000}, "30.00 USD of your 50.00 USD was given back to you.", Then.NOTHING),
    ("another sum taken", SETTLED, {"settled": 1500}, "You were charged 15.00 USD, not 50.00 USD.", Then.NOTHING),
    ("arrived", SETTLED, TOOK, "Your gift for a bicycle has arrived. You were charged 50.00 USD.", Then.NOTHING),
    ("failed, was reserved", FAILED, {"was_held": True}, "PayPal did not charge the 50.00 USD that was reserved", Then.NOTHING),
    (
        "let go by the provider",
        CANCELED,
        {"was_held": True, "reason": "voided_by_provider"},
        "PayPal has released the 50.00 USD that was reserved for a bicycle. Nothing was charged.",
        Then.TRY_AGAIN,
    ),
    ("over", SUBMITTED, {"is_over": True, "may_be_paid": False}, "go back to Anna's Shop and begin anew", Then.NOTHING),
    ("over", FAILED, {"is_over": True, "may_be_paid": False}, "was not paid in time. Nothing was charged.", Then.NOTHING),
    ("declined", FAILED, {"reason": "instrument_declined"}, "PayPal declined the payment for a bicycle.", Then.TRY_AGAIN),
    ("checkout expired", FAILED, {"reason": "checkout_expired"}, "was not finished in time. Nothing", Then.TRY_AGAIN),
    ("the amount", FAILED, {"reason": "amount_too_small"}, "PayPal does not take a gift of 50.00 USD.", Then.TRY_AGAIN),
    ("not the giver's fault", FAILED, {"reason": "payee_cannot_receive"}, "please tell Anna's Shop", Then.TRY_AGAIN),
    ("failed", FAILED, {"reason": "a_code_of_tomorrow"}, "did not go through. Nothing was charged.", Then.TRY_AGAIN),
    (
        "cancelled by the giver",
        CANCELED,
        {"reason": "giver_cancelled"},
        "You cancelled your gift for a bicycle.",
        Then.TRY_AGAIN,
    ),
    ("cancelled", CANCELED, {"reason": "a_code_of_tomorrow"}, "was cancelled at PayPal. Nothing was charged.", Then.TRY_AGAIN),
    ("waiting at the provider", SUBMITTED, {}, "Your gift for a bicycle is waiting at PayPal.", Then.GO_ON),
    ("waiting for a choice", SUBMITTED, {"provider": ""}, "waiting for you to choose how to pay", Then.GO_ON),
]


def plainly(gift: Gift) -> str:
    """The sentences without the marks that isolate names."""
    return " ".join(said_of(gift).sentences).replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize(("row", "status", "what", "words", "then"), STATES)
def test_each_state_has_its_sentences(row, status, what, words, then):
    said = said_of(replace(PLAIN, status=status, **what))
    assert (said.row, said.then) == (row, then)
    assert words in plainly(replace(PLAIN, status=status, **what))


def test_every_row_is_reached():
    assert {row for row, *_ in STATES} == {row.name for row in TABLE}
    assert len({row.name for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("intent", Intent)
@pytest.mark.parametrize("settled", [0, 5000])
def test_every_gift_has_a_row_and_no_money_is_made_up(status, intent, settled):
    """ "Arrived" is said of money that was taken alone, "Nothing was charged" never of such."""
    for reason in ("", "client_deleted", "goal_not_reached", "giver_cancelled", "checkout_expired", "under_review", "new"):
        for flags in ({}, {"was_held": True}, {"is_over": True}, {"in_review": True}, {"told": "open"}, {"manual": True}):
            text = plainly(replace(PLAIN, status=status, intent=intent, reason=reason, settled=settled, **flags))
            assert "{" not in text
            assert "arrived" not in text or status is SETTLED
            if settled and status in {SETTLED, REFUNDED, REVERSED}:
                assert "Nothing was charged" not in text


@pytest.mark.parametrize("status", [SETTLED, REFUNDED])
@pytest.mark.parametrize("refunded", [0, 3000])
def test_no_bank_is_named_where_none_has_a_part(status, refunded):
    text = plainly(replace(PLAIN, status=status, settled=5000, refunded=refunded, provider="Offline", by_hand=True))
    assert not [word for word in ("charged", "bank", "Offline", "dispute") if word in text]


def test_a_refund_on_its_way_is_told_besides():
    text = plainly(replace(PLAIN, status=SETTLED, settled=5000, refunded=1000, on_its_way_back=500))
    assert "10.00 USD of your 50.00 USD was given back" in text
    assert "5.00 USD more is on its way back to you." in text


@pytest.mark.parametrize(
    ("status", "heading"), [(SETTLED, "Already given: thank you"), (AUTHORIZED, "Already reserved: thank you")]
)
def test_who_would_pay_again_is_told_that_it_is_done(status, heading):
    assert said_of(replace(PLAIN, status=status, settled=5000, asked_to_pay=True)).heading.startswith(heading)
    assert said_of(replace(PLAIN, status=status, settled=5000)).heading == "Thank you, \u2068Uncle Bob\u2069!"


@pytest.mark.parametrize(("currency", "sum_told"), [("JPY", "5000 JPY"), ("KWD", "5.000 KWD"), ("USD", "50.00 USD")])
def test_sums_have_their_currencys_decimals(currency, sum_told):
    assert sum_told in plainly(replace(PLAIN, status=SETTLED, settled=5000, currency=currency))
