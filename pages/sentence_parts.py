"""What the rows of the table of sentences are made of: conditions, and texts that several rows have."""

from collections.abc import Callable

from contributions.status import Intent, Status
from pages.sentence_types import WITHDRAWN, Gift

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


def is_withdrawn(gift: Gift) -> bool:
    """Whether the partner has taken it back."""
    return gift.intent is Intent.RELEASE and gift.reason in WITHDRAWN


def is_unwanted(gift: Gift) -> bool:
    """Whether nothing more is to be taken."""
    return gift.intent is Intent.RELEASE


def is_by_hand(gift: Gift) -> bool:
    """Whether no payment company has moved its money."""
    return gift.by_hand


def ends(reason: str) -> Callable[[Gift], bool]:
    """Whether it came to its status for this reason."""
    return lambda gift: gift.reason == reason


def always(gift: Gift) -> bool:
    """Of every gift with the status."""
    return True


def only(*statuses: Status) -> frozenset[Status]:
    """These statuses."""
    return frozenset(statuses)
