"""Where each record's elements are listed, and which of them a body must hold."""

from dataclasses import dataclass

from api.records import (
    change,
    contribution,
    event,
    gift_certificate,
    giver,
    goal,
    matcher,
    metadata,
    payment_account,
    permission,
    pledge,
    redirect_secret,
    refund,
    rehearsal,
    webhook_endpoint,
)
from api.records.reading import Element


@dataclass(frozen=True)
class Table:
    """A record's elements; `required`: those that a body must hold, but for a PATCH."""

    elements: tuple[Element, ...]
    required: tuple[str, ...] = ()

    @property
    def writable(self) -> frozenset[str]:
        """What a client may send."""
        return frozenset(one.name for one in self.elements if one.is_writable)

    @property
    def written(self) -> frozenset[str]:
        """What stands in an answer."""
        return frozenset(one.name for one in self.elements if not one.write_only)


TABLES: dict[str, Table] = {
    "SavingGoal": Table(goal.ELEMENTS, goal.REQUIRED),
    "PaymentProvider": Table(goal.PROVIDER_ELEMENTS, goal.PROVIDER_REQUIRED),
    "Contribution": Table(contribution.ELEMENTS, contribution.REQUIRED),
    "Refund": Table(refund.ELEMENTS),
    "Matcher": Table(matcher.ELEMENTS, matcher.REQUIRED),
    "PaymentAccount": Table(payment_account.ELEMENTS, payment_account.REQUIRED),
    "Giver": Table(giver.ELEMENTS, giver.REQUIRED),
    "GiverPin": Table(giver.PIN_ELEMENTS),
    "Permission": Table(permission.ELEMENTS, permission.REQUIRED),
    "GiftCertificate": Table(gift_certificate.ELEMENTS, gift_certificate.REQUIRED),
    "Claim": Table(gift_certificate.CLAIM_ELEMENTS, gift_certificate.CLAIM_REQUIRED),
    "Pledge": Table(pledge.ELEMENTS, pledge.REQUIRED),
    "WebhookEndpoint": Table(webhook_endpoint.ELEMENTS, webhook_endpoint.REQUIRED),
    "RedirectSecret": Table(redirect_secret.ELEMENTS),
    "Rehearsal": Table(rehearsal.ELEMENTS),
    "Item": Table(metadata.ELEMENTS, metadata.REQUIRED),
    "Change": Table(change.ELEMENTS),
    "Delivery": Table(event.DELIVERY_ELEMENTS),
    "Recipient": Table(event.RECIPIENT_ELEMENTS),
}
"""By the name of the element. A record that only holds a list of others needs none."""
