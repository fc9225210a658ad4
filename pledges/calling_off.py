"""What is done with the gift in hand of a pledge that pauses or ends."""

from contributions import charging_again
from contributions.models import Contribution
from ownership import row_key
from pledges.models import Pledge, PledgedGift
from pledges.states import ENDED


def gift_of(pledge: Pledge) -> Contribution | None:
    """The gift of the pledge's present number; None: it has none yet."""
    rows = PledgedGift.objects.filter(pledge=pledge, number=pledge.number)
    found = rows.select_related("contribution__goal__partner", "contribution__checkout__account").first()
    return found.contribution if found is not None else None


def call_off(pledge: Pledge) -> None:
    """Nobody has been asked for the gift yet: nobody is. What was asked for has its outcome, whatever that is."""
    gift = gift_of(pledge) if pledge.is_out else None
    if gift is not None:
        charging_again.call_off(Contribution.objects.whole().get(**row_key(gift)), for_good=pledge.state == ENDED)
