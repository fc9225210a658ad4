"""What our pages say of a gift: the first row of sentence_table.py that fits, in words for this gift.

Pure: no Django, no clock, no database. Strangers' text stands isolated in the sentences (web/strangers.py), and
strangers.as_html makes them fit for a page.
"""

from contributions.status import AUTHORIZED, REVERSED, SETTLED
from money import text_of
from pages.sentence_table import TABLE
from pages.sentence_types import Gift as Gift
from pages.sentence_types import Said as Said
from pages.sentence_types import Then
from pages.sentences_of_taken import TAKEN
from web.strangers import isolated

_ON_ITS_WAY_BACK = "{on_its_way_back} more is on its way back to you."
_ALREADY = {SETTLED: "Already given: thank you, {giver}!", AUTHORIZED: "Already reserved: thank you, {giver}!"}


def said_of(gift: Gift) -> Said:
    """What a page says of the gift."""
    row = next(row for row in TABLE if gift.status in row.statuses and row.when(gift))
    heading, sentences, then = row.heading, row.sentences, row.then
    if gift.asked_to_pay and heading == "Thank you, {giver}!":
        heading = _ALREADY.get(gift.status, heading)
    if row in TAKEN and gift.status is SETTLED and gift.on_its_way_back:
        sentences, then = (*sentences, _ON_ITS_WAY_BACK), Then.LOOK_AGAIN
    if then is Then.TRY_AGAIN and not gift.may_be_paid:
        then = Then.NOTHING
    words = _words(gift)
    told = [_by_name(text, gift).format(**words) for text in (heading, *sentences)]
    return Said(told[0], tuple(told[1:]), then, row.name)


def _by_name(text: str, gift: Gift) -> str:
    """Without the giver's name where that is not to be shown."""
    return text if gift.giver else text.replace(", {giver}", "")


def _words(gift: Gift) -> dict[str, str]:
    taken_back = gift.reversed or (gift.settled - gift.refunded if gift.status is REVERSED else 0)
    sums = {
        "amount": gift.amount,
        "settled": gift.settled,
        "refunded": gift.refunded,
        "reversed": taken_back,
        "left": gift.settled - gift.refunded - taken_back,
        "on_its_way_back": gift.on_its_way_back,
        "missing": gift.missing,
    }
    return {name: f"{text_of(minor, gift.currency)} {gift.currency}" for name, minor in sums.items()} | {
        "partner": isolated(gift.partner),
        "goal": isolated(gift.goal),
        "giver": isolated(gift.giver),
        "provider": gift.provider or "The payment company",
        "reserved_until": gift.reserved_until,
    }
