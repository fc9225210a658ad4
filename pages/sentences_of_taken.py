"""The table's rows of money that was taken; see sentence_table.py."""

from contributions.status import REFUNDED, REVERSED, SETTLED
from pages.sentence_parts import DAYS, THANKS, THE_REST, always, is_by_hand, only
from pages.sentence_types import Row

TAKEN: tuple[Row, ...] = (
    Row(
        "given back by hand", only(REFUNDED), is_by_hand, "Your gift was given back",
        ("{partner} has noted that your gift for {goal} was given back: {refunded} of {settled}.",),
    ),
    Row(
        "part given back by hand", only(SETTLED), lambda gift: gift.by_hand and gift.refunded > 0,
        "Part of your gift was given back",
        ("{partner} has noted that {refunded} of your {settled} was given back.", THE_REST),
    ),
    Row(
        "arrived by hand", only(SETTLED), is_by_hand, THANKS,
        ("Your gift for {goal} has arrived: {settled}.",),
    ),
    Row(
        "part given back, part taken back", only(SETTLED, REVERSED), lambda gift: gift.refunded > 0 and gift.reversed > 0,
        "Your gift went back",
        (
            "You were charged {settled} for {goal}. {refunded} was given back to you, and {reversed} was taken back for you "
            "through {provider} after a dispute.",
            "{left} is left with {goal}.",
        ),
    ),
    Row(
        "taken back", only(REVERSED), always, "Your gift was taken back",
        (
            "You were charged {settled} for {goal}. After a dispute {reversed} was taken back for you through {provider}.",
            "It does not count for {goal} any more.",
        ),
    ),
    Row(
        "part taken back", only(SETTLED), lambda gift: gift.reversed > 0, "Part of your gift was taken back",
        (
            "You were charged {settled} for {goal}. After a dispute {reversed} was taken back for you through {provider}.",
            "{left} is left with {goal}.",
        ),
    ),
    Row(
        "given back by the partner", only(REFUNDED), lambda gift: gift.given_back_by_partner, "Your gift was given back",
        ("{partner} has given your gift for {goal} back to you: {refunded} of {settled}.", DAYS),
    ),
    Row(
        "given back", only(REFUNDED), always, "Your gift was given back",
        ("{provider} has returned your gift for {goal}: {refunded} of {settled} was given back to you.", DAYS),
    ),
    Row(
        "part given back by the partner", only(SETTLED), lambda gift: gift.refunded > 0 and gift.given_back_by_partner,
        "Part of your gift was given back",
        ("{partner} has given {refunded} of your {settled} back to you.", THE_REST, DAYS),
    ),
    Row(
        "part given back", only(SETTLED), lambda gift: gift.refunded > 0, "Part of your gift was given back",
        ("{refunded} of your {settled} was given back to you.", THE_REST, DAYS),
    ),
    Row(
        "another sum taken", only(SETTLED), lambda gift: gift.settled != gift.amount, THANKS,
        ("Your gift for {goal} has arrived.", "You were charged {settled}, not {amount}."),
    ),
    Row(
        "arrived", only(SETTLED), always, THANKS,
        ("Your gift for {goal} has arrived.", "You were charged {settled}."),
    ),
)  # fmt: skip
