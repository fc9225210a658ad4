"""What is asked of a partner that has been there for long, by addresses with its records."""

from collections.abc import Iterator
from typing import Any

from certificates.models import GiftCertificate
from contributions.models import Contribution
from pledges.models import Pledge
from tests.plans.filling import Filled
from tests.plans.rows import FIRST

LISTS = """
SavingGoal/{goal}
SavingGoal/{goal}/Contributions
SavingGoal/{goal}/Contributions?after={gift}
SavingGoal/{goal}/Contributions?Status=Pending
Contribution/{gift}
Contribution/{gift}/History
Contribution/{gift}/Refunds
savings
savings?after={goal}
savings?ExternalItemId=item-11
Contributions
Contributions?after={gift}
Contributions?Status=Pending
Contributions?Status=Settled
Contributions?Reference=order-17
Contributions?ExternalItemId=item-11
Contributions?From=2021-01-01&To=2021-01-02
Contributions?SettledFrom=2021-01-01&SettledTo=2021-01-02
Contributions?format=csv&From=2021-01-01&To=2021-01-02
Refunds
Refunds?Status=Pending
Refunds?ExternalItemId=item-11
Refunds?format=csv&From=2021-01-01&To=2021-01-02
PaymentAccounts
Events
Events?after=latest
Events?after={event}
Events?Delivery=Due
Events?Delivery=GivenUp
Events?Delivery=Delivered
Events/{event}/Deliveries
SavingGoal/{goal}/Matchers
SavingGoal/{goal}/Pledges
SavingGoal/{goal}/Pledges?State=Paused
Givers
Givers?after={giver}
Givers?ExternalId=customer-13
Giver/{giver}
Giver/{giver}/Permissions
Pledges
Pledges?after={pledge}
Pledges?State=Paused
Pledges?GiverId={giver}
Pledge/{pledge}
GiftCertificates
GiftCertificates?after={certificate}
GiftCertificates?Status=Submitted
GiftCertificates?GiverId={claimer}
GiftCertificate/{certificate}/Refunds
"""


def an_old(filled: Filled, model: Any, **more: object) -> Any:
    """The first of the old shop's."""
    return model.objects.filter(partner=filled.partner, pk__gt=FIRST, **more).order_by("pk").first()


def lists_of(filled: Filled) -> Iterator[str]:
    """Each list's address, behind /api/."""
    gift, certificate = an_old(filled, Contribution, status="Settled"), an_old(filled, GiftCertificate, giver__isnull=False)
    pledge = an_old(filled, Pledge)
    ids = {
        "goal": filled.popular_goal,
        "gift": gift.public_id,
        "event": f"evt_000000000001_{gift.public_id}",
        "pledge": pledge.public_id,
        "giver": pledge.giver.public_id,
        "certificate": certificate.public_id,
        "claimer": certificate.giver.public_id,
    }
    for address in LISTS.split():
        yield address.format(**ids)
