"""What an event is called that tells of a certificate: after the purchase's, or after what happened to the balance."""

from contributions import event_types
from contributions.event_types import OF_PARTS, OF_STATUSES, REFUND_FAILED, UPDATED

_GIFT, _CERTIFICATE = "contribution.", "giftcertificate."

CLAIMED, SPENT = f"{_CERTIFICATE}claimed", f"{_CERTIFICATE}spent"
GIVEN_BACK, EXPIRED = f"{_CERTIFICATE}given_back", f"{_CERTIFICATE}expired"


def of_purchase(event: str) -> str:
    """The event of a certificate for one of its purchase."""
    return _CERTIFICATE + event.removeprefix(_GIFT)


EVENT_TYPES = tuple(
    sorted(
        {
            *(of_purchase(event) for event in (*OF_STATUSES.values(), *OF_PARTS.values(), REFUND_FAILED, UPDATED)),
            CLAIMED,
            SPENT,
            GIVEN_BACK,
            EXPIRED,
        }
    )
)

EVERY_TYPE = tuple(sorted((*event_types.EVENT_TYPES, *EVENT_TYPES)))
"""All that a partner can be told, but for the test that it asks for."""
